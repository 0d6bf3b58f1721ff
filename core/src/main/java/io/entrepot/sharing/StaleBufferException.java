package io.entrepot.sharing;

/** A handle to a buffer that has been released since. */
public final class StaleBufferException extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  /**
   * Makes the exception.
   *
   * @param message what was tried and why not, with the numbers
   */
  public StaleBufferException(String message) {
    super(message);
  }
}
