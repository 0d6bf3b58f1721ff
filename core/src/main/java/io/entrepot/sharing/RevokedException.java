package io.entrepot.sharing;

/** The exporter has taken the memory back from this importer. */
public final class RevokedException extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  /**
   * Makes the exception.
   *
   * @param message what was tried and why not, with the numbers
   */
  public RevokedException(String message) {
    super(message);
  }
}
