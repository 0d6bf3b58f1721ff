package io.entrepot.sharing;

/** A view was used after it was closed, or a flyweight between two mappings. */
public final class ViewClosedException extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  /**
   * Makes the exception.
   *
   * @param message what was tried and why not, with the numbers
   */
  public ViewClosedException(String message) {
    super(message);
  }
}
