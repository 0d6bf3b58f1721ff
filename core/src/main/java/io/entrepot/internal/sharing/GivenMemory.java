package io.entrepot.internal.sharing;

import io.entrepot.internal.buffers.Lanes;
import io.entrepot.sharing.Exporter;
import io.entrepot.sharing.SizeClass;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** What an exporter is asked for, and gave for a pool, which may be less. */
final class GivenMemory {
  private GivenMemory() {}

  /**
   * The size classes that are asked for, in ascending order.
   *
   * @throws IllegalArgumentException when they have no buffers, or more than a pool can have
   */
  static List<SizeClass> asked(List<SizeClass> classes) {
    long count = count(classes);
    if (count < 1 || count > Lanes.MAX_BUFFERS) {
      throw new IllegalArgumentException(
          "a pool of " + count + " buffers is not within 1 to " + Lanes.MAX_BUFFERS);
    }
    return classes.stream()
        .sorted((a, b) -> Long.compare(a.bufferBytes(), b.bufferBytes()))
        .toList();
  }

  private static long count(List<SizeClass> classes) {
    return classes.stream().mapToLong(SizeClass::buffers).sum();
  }

  /**
   * The segments of all buffers.
   *
   * @param classes asked for
   * @throws IllegalStateException when there are too few, too many or too small ones
   */
  static MemorySegment[] of(Exporter exporter, Exporter.Backing backing, List<SizeClass> classes) {
    long count = count(classes);
    MemorySegment[] memory = backing.buffers().toArray(MemorySegment[]::new);
    if (memory.length != count) {
      throw new IllegalStateException(
          "exporter '" + exporter.name() + "' gave " + memory.length + " buffers for " + count);
    }
    int buffer = 0;
    for (SizeClass sizeClass : classes) {
      for (int i = 0; i < sizeClass.buffers(); i++, buffer++) {
        if (memory[buffer].byteSize() < sizeClass.bufferBytes()) {
          String text = "exporter '%s' gave %d bytes for a buffer of %d";
          throw new IllegalStateException(
              String.format(
                  text, exporter.name(), memory[buffer].byteSize(), sizeClass.bufferBytes()));
        }
      }
    }
    return memory;
  }
}
