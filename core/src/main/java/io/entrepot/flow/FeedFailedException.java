package io.entrepot.flow;

/** The writer of a feed has failed; its cause is the writer's own. */
public final class FeedFailedException extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  /**
   * Makes the exception.
   *
   * @param message which feed
   * @param cause what the writer failed with
   */
  public FeedFailedException(String message, Throwable cause) {
    super(message, cause);
  }
}
