package io.entrepot.internal.reach;

import io.entrepot.flow.Overflow;
import io.entrepot.flow.Start;
import io.entrepot.internal.flow.FarFeed;
import io.entrepot.internal.memory.Seal;
import io.entrepot.internal.memory.SharedMemory;
import io.entrepot.internal.memory.Words;
import java.lang.foreign.Arena;
import java.util.BitSet;
import java.util.function.Consumer;

/**
 * The rings that an importing process reads from, and its reader records, of which each ring takes
 * one. Thread-safe.
 */
final class ImportedRings {
  private final ExporterConnection connection;
  private final String pool;
  private final Words words;
  private final PeerDescriptor layout;

  /** Records that are in use. */
  private final BitSet readers = new BitSet();

  /**
   * None yet.
   *
   * @param pool its name
   * @param words of this process, where its records are
   */
  ImportedRings(ExporterConnection connection, String pool, Words words, PeerDescriptor layout) {
    this.connection = connection;
    this.pool = pool;
    this.words = words;
    this.layout = layout;
  }

  /**
   * Joins a feed under an attachment.
   *
   * @param attachment the exporter's number of it
   */
  FarFeed.FarRings join(int attachment, String feed, Overflow overflow, int depth, Start start) {
    boolean late = start != Start.NEXT;
    int[] claimed = claimReaders(late ? 2 : 1);
    int backlog = late ? claimed[1] : WireFormat.Join.NONE;
    boolean isOurs = true;
    FarFeed.FarRings rings = null;
    try {
      WireSocket.Arrival answer =
          connection.call(
              new WireFormat.Join(attachment, feed, overflow, depth, claimed[0], start, backlog),
              said -> leaveLate(said, claimed));
      if (!(answer.message() instanceof WireFormat.Joined(int number))) {
        answer.descriptors(0);
        throw new IllegalStateException(
            connection.exporter() + " answered a join with " + answer.message());
      }
      rings = rings(answer, number, depth, claimed);
      return rings;
    } catch (ExporterConnection.UnansweredException givenUp) {
      // The exporter may use the records from now on, and until it has answered.
      isOurs = false;
      throw givenUp;
    } finally {
      if (rings == null && isOurs) {
        freeReaders(claimed);
      }
    }
  }

  /** Hears the answer to a join that was given up. */
  private void leaveLate(WireFormat.Message answer, int[] claimed) {
    if (answer instanceof WireFormat.Joined(int ring)) {
      connection.owe(new WireFormat.Leave(ring), () -> freeReaders(claimed));
    } else {
      freeReaders(claimed);
    }
  }

  /** The rings that the exporter has joined; they are left again when they cannot be had here. */
  private FarFeed.FarRings rings(WireSocket.Arrival answer, int number, int depth, int[] records) {
    boolean late = records.length > 1;
    long ringBytes = FarFeed.FarRing.producerBytes(depth);
    try (SharedMemory memory = SharedMemory.received(answer.descriptors(1).getFirst())) {
      Words producer = producer(memory, depth, records.length * ringBytes);
      return new FarFeed.FarRings(
          ring(producer, 0, records[0], later -> leave(number, later)),
          // Its end is said by the other's.
          late ? ring(producer, ringBytes, records[1], later -> {}) : null);
    } catch (RuntimeException none) {
      try {
        leave(number, () -> {});
      } catch (RuntimeException alsoFailed) {
        none.addSuppressed(alsoFailed);
      }
      throw none;
    }
  }

  private FarFeed.FarRing ring(Words producer, long offset, int record, Consumer<Runnable> leave) {
    return new FarFeed.FarRing(
        producer,
        producer.base() + offset,
        words,
        layout.reader(words, record),
        leave,
        () -> freeReaders(record));
  }

  private Words producer(SharedMemory memory, int depth, long byteSize) {
    ImportedMemory.require(
        connection.exporter().toString(), "ring", memory, Seal.SHRINK, Seal.GROW);
    if (memory.byteSize() < byteSize) {
      throw new IllegalStateException(
          connection.exporter()
              + " sent a ring of "
              + memory.byteSize()
              + " bytes, "
              + byteSize
              + " are needed for a depth of "
              + depth);
    }
    // Until nobody can reach it: numbers of a reader are asked for by any thread, also behind its
    // end, and the connection's thread wakes who sleeps at the ring.
    return Words.over(memory.mapFirst(false, Arena.ofAuto(), byteSize));
  }

  /** Who does not wait for the answer any more is told when it comes. */
  private void leave(int ring, Runnable later) {
    connection.callIfThere(new WireFormat.Leave(ring), _ -> later.run());
  }

  /** Records of this process, all 0. */
  private synchronized int[] claimReaders(int count) {
    if (readers.cardinality() + count > PeerDescriptor.READERS) {
      throw new IllegalStateException(
          "all "
              + PeerDescriptor.READERS
              + " readers that pool '"
              + pool
              + "' has for a process are in use; close some");
    }
    int[] claimed = new int[count];
    for (int i = 0; i < count; i++) {
      claimed[i] = readers.nextClearBit(0);
      readers.set(claimed[i]);
      long place = layout.reader(words, claimed[i]);
      for (long at = place; at < place + Words.PAD_BYTES; at += Words.WORD_BYTES) {
        words.setVolatile(at, 0);
      }
    }
    return claimed;
  }

  private synchronized void freeReaders(int... claimed) {
    for (int reader : claimed) {
      readers.clear(reader);
    }
  }
}
