package io.entrepot.sharing;

/**
 * There is not as much memory as a pool was to have: by an exporter's own byte budget, by a limit
 * of this process or of a control group that it is in, or in the machine. Nothing was allocated.
 */
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

  /**
   * Makes the exception.
   *
   * @param message what was tried and why not, with the numbers
   * @param cause who found that there is too little
   */
  public OutOfBudgetException(String message, Throwable cause) {
    super(message, cause);
  }
}
