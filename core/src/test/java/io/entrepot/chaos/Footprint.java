package io.entrepot.chaos;

import io.entrepot.internal.memory.OpenDescriptors;
import io.entrepot.reach.RemotePool;
import java.io.IOException;
import java.util.List;
import java.util.function.IntSupplier;

/** What this process has open, and whether it is what it should be. */
final class Footprint {
  private static final String MEMORY = "/memfd:";

  /**
   * Threads that look up from a wait close what they have used; one in a trap may wait for memory
   * that never comes.
   */
  private static final long PATIENCE_NS = RemotePool.DEFAULT_PATIENCE.plusSeconds(5).toNanos();

  private List<String> others;
  private long mostMappings;

  /**
   * Fails unless it has open what it should, and nothing else was added since the last time.
   *
   * @param memories descriptors of shared memory
   * @param sockets of any kind
   * @param processes descriptors of processes
   * @param mappings mappings of shared memory at most, when all garbage is collected
   */
  void require(int memories, int sockets, IntSupplier processes, int mappings) throws IOException {
    String descriptors;
    String expected;
    long startNs = System.nanoTime();
    while (!(descriptors = descriptors())
        .equals(
            expected =
                memories
                    + " memories, "
                    + sockets
                    + " sockets, "
                    + processes.getAsInt()
                    + " processes")) {
      if (System.nanoTime() - startNs > PATIENCE_NS) {
        throw new AssertionError("descriptors of " + descriptors + ", not of " + expected);
      }
      Thread.onSpinWait();
    }
    List<String> now = others();
    if (others != null && now.size() != others.size()) {
      throw new AssertionError("descriptors of " + now + ", not of " + others + " as before");
    }
    others = now;
    requireMappings(mappings);
  }

  /** But for what the JVM opens when it needs it first. */
  private static List<String> others() {
    String home = System.getProperty("java.home");
    return OpenDescriptors.targets().stream()
        .filter(name -> !name.contains(MEMORY))
        .filter(name -> !name.startsWith("socket:") && !name.endsWith("[pidfd]"))
        .filter(name -> !name.endsWith(".jar") && !name.endsWith(".class"))
        .filter(name -> !name.startsWith(home))
        .filter(name -> !name.startsWith("/dev/"))
        .toList();
  }

  private static String descriptors() {
    return OpenDescriptors.of(MEMORY)
        + " memories, "
        + OpenDescriptors.of("socket:")
        + " sockets, "
        + OpenDescriptors.of("[pidfd]")
        + " processes";
  }

  private void requireMappings(int most) throws IOException {
    long mapped = OpenDescriptors.mappingsOf(MEMORY);
    mostMappings = Math.max(mostMappings, mapped);
    long startNs = System.nanoTime();
    while (mapped > most) {
      if (System.nanoTime() - startNs > PATIENCE_NS) {
        throw new AssertionError(
            mapped
                + " mappings of shared memory, not "
                + most
                + " at most: "
                + OpenDescriptors.mappings(MEMORY));
      }
      // They are the garbage collector's, who comes by when there is other garbage too.
      System.gc();
      mapped = OpenDescriptors.mappingsOf(MEMORY);
    }
  }

  /** Most mappings that were there before garbage was collected. */
  long mostMappings() {
    return mostMappings;
  }
}
