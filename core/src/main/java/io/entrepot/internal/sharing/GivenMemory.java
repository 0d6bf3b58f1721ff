package io.entrepot.internal.sharing;

import io.entrepot.sharing.Exporter;
import io.entrepot.sharing.SizeClass;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** What an exporter gave for a pool, which may be less than it was asked for. */
final class GivenMemory {
  private GivenMemory() {}

  /**
   * The segments of all buffers.
   *
   * @param classes asked for
   * @throws IllegalStateException when there are too few, too many or too small ones
   */
  static MemorySegment[] of(
      Exporter exporter, Exporter.Backing backing, List<SizeClass> classes, long count) {
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
