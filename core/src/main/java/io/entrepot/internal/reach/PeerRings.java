package io.entrepot.internal.reach;

import io.entrepot.flow.Start;
import io.entrepot.internal.flow.FarReader;
import io.entrepot.internal.flow.RingBroadcast;
import io.entrepot.internal.memory.Seal;
import io.entrepot.internal.memory.SharedMapping;
import io.entrepot.internal.memory.SharedMemory;
import io.entrepot.internal.memory.Words;
import io.entrepot.internal.sharing.PoolAttachment;
import io.entrepot.internal.sharing.PoolCore;
import io.entrepot.reach.PeerIdentity;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BiFunction;

/** The rings that a {@link ServedPeer} reads from. For the thread of its connection alone. */
final class PeerRings {
  private final PoolCore pool;
  private final PeerDescriptor layout;
  private final BiFunction<String, Long, SharedMemory> making;
  private final Runnable onFault;
  private final PeerIdentity peer;
  private final LeftRings left;
  private final Map<Integer, Ring> rings = new HashMap<>();
  private final BitSet readers = new BitSet();

  /**
   * None yet.
   *
   * @param making makes memory of a name and size, or throws why there is none
   * @param onFault told of each ring that ends because the peer's words made no sense
   * @param peer whose rings they are
   * @param left takes over the memory of those that it has left
   */
  PeerRings(
      PoolCore pool,
      PeerDescriptor layout,
      BiFunction<String, Long, SharedMemory> making,
      Runnable onFault,
      PeerIdentity peer,
      LeftRings left) {
    this.pool = pool;
    this.layout = layout;
    this.making = making;
    this.onFault = onFault;
    this.peer = peer;
    this.left = left;
  }

  /**
   * Joins a feed for the peer.
   *
   * @param number of the ring
   * @param words that the peer writes
   * @return the memory of the ring, whose descriptor is for the peer; the caller closes it
   * @throws IllegalStateException also when too much of what the peer has left stands
   */
  SharedMemory join(int number, PoolAttachment attachment, WireFormat.Join join, Words words) {
    attachment.checkAttached();
    boolean late = join.start() != Start.NEXT;
    checkRecord(join.reader());
    if (late) {
      checkRecord(join.backlog());
    }
    if (late ? join.backlog() == join.reader() : join.backlog() != WireFormat.Join.NONE) {
      throw new WireException(
          "reader records "
              + join.reader()
              + " and "
              + join.backlog()
              + " for a reader that starts with "
              + join.start());
    }
    RingBroadcast feed = RingBroadcast.named(pool, join.feed());
    feed.checkDepth(attachment.importer(), join.depth());
    left.requireRoom(peer);
    long ringBytes = FarReader.producerBytes(join.depth()) * (late ? 2 : 1);
    SharedMemory memory = making.apply("entrepot ring", ringBytes);
    boolean joined = false;
    try {
      // When the ring is left a writer, a pass for free buffers or a dump may be at its words
      // still: it is unmapped when they have gone. What never gets so far is the collector's.
      SharedMapping mapped = memory.mapOwned();
      Words producer = Words.over(mapped.segment());
      memory.seal(Seal.SHRINK, Seal.GROW, Seal.FUTURE_WRITE, Seal.SEAL);
      FarReader reader =
          FarReader.join(
              feed,
              attachment,
              join.overflow(),
              join.depth(),
              producer,
              words,
              layout.reader(words, join.reader()));
      rings.put(number, new Ring(join.reader(), join.backlog(), reader, mapped));
      readers.set(join.reader());
      if (late) {
        readers.set(join.backlog());
        long record = layout.reader(words, join.backlog());
        reader.backlog(join.depth(), join.start(), producer, words, record);
      }
      joined = true;
      return memory;
    } finally {
      if (!joined) {
        memory.close();
      }
    }
  }

  private void checkRecord(int record) {
    if (record < 0 || record >= PeerDescriptor.READERS) {
      throw new WireException(
          "reader record " + record + " is not within 0 to " + (PeerDescriptor.READERS - 1));
    }
    if (readers.get(record)) {
      throw new WireException("reader record " + record + " is in use already");
    }
  }

  /** Ends the reading from a ring. */
  void leave(int number) {
    Ring ring = rings.remove(number);
    if (ring == null) {
      throw new WireException("there is no ring " + number);
    }
    close(ring);
    readers.clear(ring.record);
    if (ring.backlog != WireFormat.Join.NONE) {
      readers.clear(ring.backlog);
    }
  }

  /** Ends the reading from all. */
  void close() {
    rings.values().forEach(this::close);
    rings.clear();
  }

  private void close(Ring ring) {
    ring.reader.close();
    if (ring.reader.hasFault()) {
      onFault.run();
    }
    left.add(peer, ring.reader, ring.mapped);
  }

  /** A ring that the peer reads from, with the records of its own that it reads by. */
  private record Ring(int record, int backlog, FarReader reader, SharedMapping mapped) {}
}
