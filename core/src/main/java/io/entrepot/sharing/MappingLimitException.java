package io.entrepot.sharing;

/** A port has as many mappings open as it can. */
public final class MappingLimitException extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  /**
   * Makes the exception.
   *
   * @param message what was tried and why not, with the numbers
   */
  public MappingLimitException(String message) {
    super(message);
  }
}
