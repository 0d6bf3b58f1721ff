package io.entrepot.sharing;

import java.util.Objects;

/**
 * One mapping type that an importer accepts, with what it asks of it.
 *
 * @param type the form of the mapping
 * @param access what the importer will do
 * @param alignmentBytes least alignment of a buffer's first byte, a power of two; 1 for any
 * @param contiguous whether a buffer's bytes must lie in one run of memory
 */
public record Need(MappingType type, Access access, long alignmentBytes, boolean contiguous) {

  /** Refuses what is missing, and alignments that are no power of two. */
  public Need {
    Objects.requireNonNull(type, "type");
    Objects.requireNonNull(access, "access");
    if (alignmentBytes < 1 || Long.bitCount(alignmentBytes) != 1) {
      throw new IllegalArgumentException("alignment " + alignmentBytes + " is no power of two");
    }
  }

  /**
   * {@return a need with no further conditions}
   *
   * @param type the form of the mapping
   * @param access what the importer will do
   */
  public static Need of(MappingType type, Access access) {
    return new Need(type, access, 1, false);
  }

  @Override
  public String toString() {
    return type
        + "/"
        + access
        + (alignmentBytes > 1 ? " aligned " + alignmentBytes : "")
        + (contiguous ? " contiguous" : "");
  }
}
