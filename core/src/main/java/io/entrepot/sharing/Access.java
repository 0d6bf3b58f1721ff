package io.entrepot.sharing;

/** What a mapping lets its holder do with the bytes. */
public enum Access {
  /** Reading only. */
  READ,
  /** Reading and writing. */
  WRITE;

  /**
   * {@return whether this access includes another one}
   *
   * @param other what is asked for
   */
  public boolean includes(Access other) {
    return ordinal() >= other.ordinal();
  }
}
