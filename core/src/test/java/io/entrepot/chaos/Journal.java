package io.entrepot.chaos;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * What a process that writes in place is at, in a file that outlives it: the truth against which is
 * held what others are shown after its death.
 *
 * <pre>
 *   +0   63          2 1     0
 *       +-------------+-------+
 *       |   sequence  | phase |
 *       +-------------+-------+
 *   +8   changes that are done
 * </pre>
 *
 * One thread writes it; it is read when that is dead.
 */
final class Journal {
  private static final int BYTES = 2 * Long.BYTES;
  private static final int PHASE_BITS = 2;
  private static final VarHandle WORD =
      MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.nativeOrder());

  private final MappedByteBuffer words;

  private Journal(MappedByteBuffer words) {
    this.words = words;
  }

  /** How far a change in place has come. */
  enum Phase {
    /** None is under way. */
    NONE,
    /** The mapping is asked for, and may be there. */
    MAPPING,
    /** Some bytes may be new, and some old. */
    WRITING,
    /** All bytes are new; the mapping is there still, or not. */
    WRITTEN
  }

  /** What was read of it. */
  record Entry(Phase phase, long sequence, long changes) {}

  static Journal in(Path file) throws IOException {
    try (FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      return new Journal(channel.map(FileChannel.MapMode.READ_WRITE, 0, BYTES));
    }
  }

  /** Between this and what is written before and behind it nothing is reordered. */
  void note(Phase phase, long sequence) {
    WORD.setVolatile(words, 0, sequence << PHASE_BITS | phase.ordinal());
    VarHandle.fullFence();
  }

  void changed() {
    WORD.setVolatile(words, Long.BYTES, (long) WORD.get(words, Long.BYTES) + 1);
  }

  Entry read() {
    long word = (long) WORD.getVolatile(words, 0);
    return new Entry(
        Phase.values()[(int) word & ((1 << PHASE_BITS) - 1)],
        word >>> PHASE_BITS,
        (long) WORD.getVolatile(words, Long.BYTES));
  }
}
