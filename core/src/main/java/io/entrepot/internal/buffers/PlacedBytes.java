package io.entrepot.internal.buffers;

import java.lang.foreign.MemorySegment;

/**
 * The bytes of a buffer, and in which memory they lie: what a use that no arena ends stays at,
 * whatever is said later of where its buffer lies.
 *
 * @param memory its number
 * @param segment the exporter's own
 */
public record PlacedBytes(long memory, MemorySegment segment) {
  /** Whether bytes may lie in a memory; anywhere, where they were not looked up yet. */
  public static boolean mayLieIn(PlacedBytes bytes, long memory) {
    return bytes == null || bytes.memory == memory;
  }
}
