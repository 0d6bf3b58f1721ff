package io.entrepot.sync;

/** Tells, where an exception is called for, that a fence was signaled with an error. */
public final class FenceException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient FenceError error;

  /**
   * The error of a fence.
   *
   * @param fence that was signaled with the error
   * @param error what it tells
   */
  public FenceException(Fence fence, FenceError error) {
    super(fence.timelineName() + ":" + fence.point() + " " + error.kind() + ": " + error.message());
    this.error = error;
  }

  /** {@return the error with which the fence was signaled} */
  public FenceError error() {
    return error;
  }
}
