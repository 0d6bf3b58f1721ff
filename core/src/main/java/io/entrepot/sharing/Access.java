package io.entrepot.sharing;

/** What a mapping lets its holder do with the bytes. */
public enum Access {
  /** Reading only. */
  READ,
  /** Reading and writing. */
  WRITE;

  /** Whether this access includes the other. */
  public boolean includes(Access other) {
    return ordinal() >= other.ordinal();
  }
}
