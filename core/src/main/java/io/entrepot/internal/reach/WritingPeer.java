package io.entrepot.internal.reach;

import io.entrepot.internal.buffers.PeerWords;
import io.entrepot.internal.sharing.FarWriter;
import io.entrepot.internal.sharing.PoolCore;
import io.entrepot.internal.sharing.WritingGrant;
import io.entrepot.reach.PeerIdentity;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.Exporter;
import io.entrepot.sharing.Importer;
import io.entrepot.sharing.Need;
import io.entrepot.sharing.Offer;
import io.entrepot.sharing.SizeClass;
import io.entrepot.sharing.Verdict;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * One connection to a pool that a single importer of other processes may write to: whether its
 * process has the pool's memory, and what becomes of that when the connection ends.
 *
 * <p>The grant is taken with the first attachment. The descriptor is sent with the answer to that,
 * after the process's words count here and after every map here looks at them.
 *
 * <p><b>The end.</b> A process that is dead, or that has let go of every attachment by its own
 * word, gives back what it had. Of any other the whole memory is in quarantine until it is dead: it
 * may be stopped in the middle of a write to what it had mapped, and a hostile one may write
 * anywhere.
 */
final class WritingPeer {
  /** A process that dies closes its sockets a moment before it is dead. */
  private static final long DYING_NS = TimeUnit.MILLISECONDS.toNanos(500);

  private static final long LOOK_NS = TimeUnit.MILLISECONDS.toNanos(100);

  private final PoolCore pool;
  private final WritingGrant grant;
  private final PeerProcess process;
  private final PeerIdentity identity;

  /** Of the connection's own thread alone. */
  private boolean taken;

  /** What is reckoned with from when it is given the memory; {@code null} before. */
  private volatile FarWriter writer;

  private volatile boolean quarantined;
  private volatile boolean settled;

  /** Whether the grant has the handle of the process now; of the connection's own thread alone. */
  private boolean handedOver;

  WritingPeer(PoolCore pool, PeerProcess process, PeerIdentity identity) {
    this.pool = pool;
    this.grant = pool.grant();
    this.process = process;
    this.identity = identity;
  }

  // ---------------------------------------------------------------- attaching

  /** The pool's exporter, as this process sees it. */
  Exporter exporter() {
    return new Granting(pool.exporter(), this);
  }

  private String refusal(Importer importer, Need need) {
    if (!importer.name().equals(grant.importer())) {
      return "memory that another process is given for importer '"
          + grant.importer()
          + "' alone, to write";
    }
    if (need.access() != Access.WRITE) {
      return need.access() + " asked, of memory that is given for writing: ask for WRITE";
    }
    return taken ? null : grant.refusal(identity.pid());
  }

  private void take() {
    if (!taken) {
      grant.take(identity.pid());
      taken = true;
    }
  }

  /** The process is about to be given the memory. */
  void begin(PeerWords itsUses) {
    FarWriter begun = new FarWriter(pool, itsUses);
    writer = begun;
    begun.begin();
  }

  // ---------------------------------------------------------------- the end

  /** Whether what becomes of the memory is decided. */
  boolean isSettled() {
    return settled || quarantined;
  }

  boolean isQuarantined() {
    return quarantined;
  }

  /**
   * The process was cut off without having let go.
   *
   * @param counted buffers that are counted as in quarantine already
   */
  synchronized void quarantine(int counted) {
    if (writer != null && !settled && !quarantined) {
      grant.quarantine();
      writer.withhold(counted);
      quarantined = true;
    }
  }

  /**
   * The connection has ended. Waits a moment for a process that hung up itself, which may be dying.
   *
   * @param letGo whether the process has let go of all that it had attached
   * @param hungUp whether the process has ended the connection
   */
  void settle(boolean letGo, boolean hungUp) {
    boolean dead = writer != null && awaitEnd(hungUp && !letGo ? DYING_NS : 0);
    if (!dead && !letGo) {
      quarantine(0);
    }
    if (dead || !quarantined) {
      release(dead);
    }
  }

  /**
   * Last thing that a connection's thread does: sees to it that the memory comes back.
   *
   * @return whether the handle of the process is somebody else's from now on
   */
  boolean watch() {
    while (quarantined && !pool.isClosed() && !Thread.currentThread().isInterrupted()) {
      if (awaitEnd(LOOK_NS)) {
        release(true);
      }
    }
    return handedOver;
  }

  private synchronized void release(boolean dead) {
    quarantined = false;
    settled = true;
    if (writer != null) {
      writer.end();
    }
    if (taken) {
      handedOver = !dead && writer != null;
      grant.leave(handedOver ? process : null);
    }
    pool.freed().signal();
  }

  private boolean awaitEnd(long timeoutNs) {
    try {
      return process.awaitEnd(timeoutNs);
    } catch (InterruptedException e) {
      // Nobody but a JVM that ends does that.
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** An exporter who decides as in its own process, for the one importer that may write. */
  private record Granting(Exporter exporter, WritingPeer peer) implements Exporter {
    @Override
    public String name() {
      return exporter.name();
    }

    @Override
    public List<Offer> offers() {
      return exporter.offers();
    }

    @Override
    public Verdict match(Importer importer, Offer offer, Need need) {
      String refusal = peer.refusal(importer, need);
      return refusal == null
          ? exporter.match(importer, offer, need)
          : new Verdict.KeepLooking(refusal);
    }

    @Override
    public void attach(Importer importer) {
      exporter.attach(importer);
      boolean taken = false;
      try {
        peer.take();
        taken = true;
      } finally {
        if (!taken) {
          exporter.detach(importer);
        }
      }
    }

    @Override
    public Backing allocate(List<SizeClass> classes) {
      throw new UnsupportedOperationException("memory is allocated by " + exporter);
    }
  }
}
