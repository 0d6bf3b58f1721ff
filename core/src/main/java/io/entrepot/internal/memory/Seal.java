package io.entrepot.internal.memory;

/**
 * What the kernel refuses for ever, to everybody, on a shared memory ({@code F_SEAL_*}).
 *
 * <p>{@link #SHRINK} is what makes reading a memory that somebody else made safe: without it that
 * other could cut it off, and reading behind its end kills the process. {@link #FUTURE_WRITE} is
 * what makes it safe to pass: mappings for writing that are there stay, no new one is made.
 */
public enum Seal {
  /** No further seal. */
  SEAL(0x01),
  /** Never shorter. */
  SHRINK(0x02),
  /** Never longer. */
  GROW(0x04),
  /** No write at all; refused while a mapping for writing is there. */
  WRITE(0x08),
  /** No write but through mappings that are there. */
  FUTURE_WRITE(0x10),
  /** Never executable; new memories have it where the kernel does. */
  EXEC(0x20);

  private final int bit;

  Seal(int bit) {
    this.bit = bit;
  }

  int bit() {
    return bit;
  }
}
