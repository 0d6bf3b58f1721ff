package io.entrepot.benchmarks;

import io.entrepot.internal.memory.Futex;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A volatile word in a file that two processes have mapped, of which one can also sleep until the
 * other changes it.
 *
 * @param words the file
 * @param offset of the word
 */
record SharedWord(MemorySegment words, long offset) {
  /** The number after the last. */
  static final long OVER = -1;

  static final String FILE = "words";
  private static final long WORDS_BYTES = 4096;
  private static final long THERE_OFFSET = 0;

  /** Far from the other. */
  private static final long BACK_OFFSET = 2048;

  private static final VarHandle WORD = ValueLayout.JAVA_LONG.varHandle();

  /** The word of the process that asks. */
  static SharedWord there(Path folder) throws IOException {
    return new SharedWord(words(folder), THERE_OFFSET);
  }

  /** The word of the process that answers. */
  static SharedWord back(Path folder) throws IOException {
    return new SharedWord(words(folder), BACK_OFFSET);
  }

  private static MemorySegment words(Path folder) throws IOException {
    try (FileChannel file =
        FileChannel.open(
            folder.resolve(FILE),
            StandardOpenOption.CREATE,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE)) {
      return file.map(FileChannel.MapMode.READ_WRITE, 0, WORDS_BYTES, Arena.global());
    }
  }

  long value() {
    return (long) WORD.getVolatile(words, offset);
  }

  void value(long next) {
    WORD.setVolatile(words, offset, next);
  }

  /** Wakes whoever sleeps on the word, if anybody does: always a system call. */
  void wake() {
    Futex.tryWake(words.address() + offset, 1);
  }

  /** Sleeps while the word has a value; at once, and for a tenth of a second at most. */
  void sleepWhile(long seen) {
    Futex.await(words.address() + offset, (int) seen, Long.MAX_VALUE);
  }
}
