package io.entrepot.sharing;

/**
 * An attach failed. The message shows the exporter's offers, the importer's needs, and for each
 * pair why it did not fit.
 */
public final class AttachRefusedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * Makes the exception.
   *
   * @param message both lists and the reasons
   * @param cause the exporter's own exception, or {@code null}
   */
  public AttachRefusedException(String message, Throwable cause) {
    super(message, cause);
  }
}
