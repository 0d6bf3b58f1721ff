package io.entrepot.chaos;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * Time that passed, without what the calling thread waited for a processor: under full load of a
 * small machine, with others on it too, that is most of the time, and says nothing of what is
 * measured. One thread's, which has to spin.
 */
final class Waited {
  private static final Path SCHEDULE = Path.of("/proc/thread-self/schedstat");

  private final long startNs;
  private final long delayNs;

  private Waited(long startNs, long delayNs) {
    this.startNs = startNs;
    this.delayNs = delayNs;
  }

  /** Since a moment of {@link System#nanoTime}, which all processes of a machine have in common. */
  static Waited since(long startNs) throws IOException {
    return new Waited(startNs, delayNs());
  }

  long ms() throws IOException {
    long waitedNs = System.nanoTime() - startNs - (delayNs() - delayNs);
    return TimeUnit.NANOSECONDS.toMillis(Math.max(0, waitedNs));
  }

  /** "Time run, time waited for a processor, slices", in ns; 0 where the kernel does not count. */
  private static long delayNs() throws IOException {
    try {
      return Long.parseLong(Files.readString(SCHEDULE).split(" ")[1]);
    } catch (NoSuchFileException uncounted) {
      return 0;
    }
  }
}
