package io.entrepot.sharing;

/**
 * What a mapping <em>is</em>: the form in which an importer gets at the bytes of a buffer.
 *
 * <p>The exporter lists the types that it offers, the importer those that it accepts, and
 * {@linkplain Exporter negotiation} picks one, which is then frozen in the {@link Attachment}. The
 * order below is from least to most trust.
 */
public enum MappingType {
  /** A bounded {@link View}: no address, no segment, revocable at any time. */
  VIEW,
  /** Moving bytes between the buffer and a channel, without an importer seeing memory. */
  CHANNEL_IO,
  /** A {@link CpuWindow}: a raw segment, bracketed by the exporter. */
  CPU_WINDOW,
  /** A {@link NativeLease}: an address for native code, until the library gives it back. */
  NATIVE_POINTER
}
