package io.entrepot.sharing;

/** An exporter's byte budget does not allow an allocation. */
public final class OutOfBudgetException extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  /**
   * Makes the exception.
   *
   * @param message what was tried and why not, with the numbers
   */
  public OutOfBudgetException(String message) {
    super(message);
  }
}
