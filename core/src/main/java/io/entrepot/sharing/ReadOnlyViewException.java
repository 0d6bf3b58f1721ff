package io.entrepot.sharing;

/** A write through a mapping that was made for reading. */
public final class ReadOnlyViewException extends UnsupportedOperationException {
  private static final long serialVersionUID = 1L;

  /**
   * Makes the exception.
   *
   * @param message what was tried and why not, with the numbers
   */
  public ReadOnlyViewException(String message) {
    super(message);
  }
}
