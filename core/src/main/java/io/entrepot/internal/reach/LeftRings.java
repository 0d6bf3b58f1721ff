package io.entrepot.internal.reach;

import io.entrepot.internal.flow.FarReader;
import io.entrepot.internal.memory.SharedMapping;
import io.entrepot.reach.PeerIdentity;
import java.util.ArrayList;
import java.util.List;

/**
 * Rings that peers of one server have left, whose memory is mapped here still: until nobody in this
 * process can be at their words, which is so at once unless somebody just is.
 *
 * <p>They are looked after when any peer joins, leaves or is quiet, and by the server itself, so
 * that a peer leaves nothing behind. A thread that is stopped in the middle of a ring keeps those
 * that were left since. That is bounded: of one process {@value #MOST} may be here, beyond which it
 * joins nothing more. Thread-safe.
 */
final class LeftRings {
  /** Rings of a process that may be here: as many as it can read from at a time. */
  static final int MOST = PeerDescriptor.READERS;

  private final List<Left> rings = new ArrayList<>();

  private record Left(PeerIdentity peer, FarReader reader, SharedMapping memory, long byteSize) {}

  /** Takes over a ring that its peer has left, and what others have left before. */
  synchronized void add(PeerIdentity peer, FarReader reader, SharedMapping memory) {
    rings.add(new Left(peer, reader, memory, memory.segment().byteSize()));
    release();
  }

  /** Unmaps what nobody can be at any more. */
  synchronized void release() {
    rings.removeIf(left -> {
      boolean isFree = left.reader.isOutOfReach();
      if (isFree) {
        left.memory.close();
      }
      return isFree;
    });
  }

  /**
   * Refuses a process of which as many rings are here as may.
   *
   * @throws IllegalStateException when it is such
   */
  synchronized void requireRoom(PeerIdentity peer) {
    release();
    List<Left> theirs = rings.stream().filter(left -> left.peer.equals(peer)).toList();
    if (theirs.size() >= MOST) {
      throw new IllegalStateException(
          "the memory of "
              + theirs.size()
              + " rings that "
              + peer
              + " has left, "
              + theirs.stream().mapToLong(Left::byteSize).sum()
              + " bytes, is looked at still by a thread of the exporter's; "
              + MOST
              + " rings of a process may stand so: join again later");
    }
  }
}
