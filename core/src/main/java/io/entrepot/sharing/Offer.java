package io.entrepot.sharing;

/**
 * One mapping type that an exporter offers, with its attributes.
 *
 * @param type the form of the mapping
 * @param access the most that a mapping of this type may do
 * @param alignmentBytes alignment of each buffer's first byte, a power of two
 * @param contiguous whether a buffer's bytes lie in one run of memory
 * @param confidential whether only importers that {@linkplain Importer#handlesConfidential() handle
 *     confidential memory} may have it
 * @param revocable whether importers must be {@linkplain Importer.Release#BOUNDED able to let go}
 *     in bounded time
 * @param nativeReachable whether native code of this process can reach the bytes
 */
public record Offer(
    MappingType type,
    Access access,
    long alignmentBytes,
    boolean contiguous,
    boolean confidential,
    boolean revocable,
    boolean nativeReachable) {

  /**
   * {@return an offer of contiguous, native-reachable memory that is neither confidential nor needs
   * revocable importers}
   *
   * @param type the form of the mapping
   * @param access the most that a mapping of this type may do
   * @param alignmentBytes alignment of each buffer's first byte, a power of two
   */
  public static Offer of(MappingType type, Access access, long alignmentBytes) {
    return new Offer(type, access, alignmentBytes, true, false, false, true);
  }

  @Override
  public String toString() {
    return type
        + "/"
        + access
        + " aligned "
        + alignmentBytes
        + (contiguous ? "" : " scattered")
        + (confidential ? " confidential" : "")
        + (revocable ? " revocable" : "")
        + (nativeReachable ? "" : " unreachable");
  }
}
