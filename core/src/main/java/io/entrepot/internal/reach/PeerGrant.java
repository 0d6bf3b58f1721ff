package io.entrepot.internal.reach;

import io.entrepot.internal.memory.SystemCallException;
import io.entrepot.internal.sharing.FarEnd;
import io.entrepot.internal.sharing.PoolAttachment;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * An attachment of a {@link ServedPeer}'s: it is asked to let go by a message and answers by one,
 * or is evicted.
 */
final class PeerGrant implements FarEnd {
  private static final System.Logger LOG = System.getLogger(PeerGrant.class.getName());

  private static final String WRITING_ON =
      " may still write to all of it: nothing of it is handed out until that process has ended";

  private final ServedPeer peer;
  private final int number;
  private final PoolAttachment attachment;
  private volatile boolean told;
  private volatile WireFormat.LetGo letGo;
  private volatile boolean over;

  /**
   * An attachment.
   *
   * @param number by which the peer knows it
   */
  PeerGrant(ServedPeer peer, int number, PoolAttachment attachment) {
    this.peer = peer;
    this.number = number;
    this.attachment = attachment;
  }

  PoolAttachment attachment() {
    return attachment;
  }

  /** Asks the peer to let go; one that does not even read is evicted when its time is over. */
  void tell(Duration timeLeft) {
    told = true;
    try {
      peer.tell(new WireFormat.Revoke(number, TimeUnit.NANOSECONDS.convert(timeLeft)));
    } catch (SystemCallException | IllegalStateException deaf) {
      LOG.log(
          System.Logger.Level.DEBUG,
          "{0} could not be asked to let go of pool ''{1}'': {2}",
          peer.identity(),
          attachment.pool().name(),
          deaf.getMessage());
    }
  }

  @Override
  public boolean isUsing() {
    return letGo == null && !isOver();
  }

  private boolean isOver() {
    return over || peer.hasEnded();
  }

  @Override
  public boolean wasForced() {
    return letGo != null && !letGo.cooperative();
  }

  @Override
  public List<String> pendingFences() {
    return letGo == null ? List.of() : left(letGo.pendingFences());
  }

  @Override
  public List<String> quarantined() {
    if (peer.isQuarantined()) {
      return List.of(peer.identity() + WRITING_ON);
    }
    return letGo == null ? List.of() : left(letGo.quarantined());
  }

  private List<String> left(List<String> behind) {
    return isOver()
        ? List.of()
        : behind.stream().map(what -> what + " in " + peer.identity()).toList();
  }

  /** The peer's answer. */
  void letGo(WireFormat.LetGo said) {
    if (!told || letGo != null) {
      throw new WireException(
          "attachment " + number + " was let go of " + (told ? "twice" : "without being asked"));
    }
    letGo = said;
    attachment.pool().freed().signal();
  }

  /** Whether the peer has said that it does not use anything of it any more. */
  boolean hasLetGo() {
    return letGo != null && letGo.quarantined().isEmpty();
  }

  /** The peer has detached, or its connection has ended. */
  void end() {
    over = true;
    attachment.pool().freed().signal();
    attachment.closeWhenUnused();
  }

  /**
   * As {@link #end}, for a connection that has ended: what else its process had comes back also
   * when an exporter throws.
   */
  void endWhateverIsThrown() {
    try {
      end();
    } catch (RuntimeException thrown) {
      attachment
          .pool()
          .peers()
          .log()
          .warn("attachment " + attachment + " of " + peer.identity() + " was not ended", thrown);
    }
  }

  @Override
  public String evict() {
    peer.quarantine();
    peer.dismiss(PeerEvent.EVICTED, "it did not let go of what was revoked in time");
    return peer.identity()
        + (peer.isQuarantined()
            ? WRITING_ON
            : " may still read what it has mapped, where nothing is put any more");
  }
}
