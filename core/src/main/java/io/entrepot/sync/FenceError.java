package io.entrepot.sync;

/**
 * Why a fence was signaled without its work having been done.
 *
 * @param kind the class of failure
 * @param message what happened, for people
 */
public record FenceError(Kind kind, String message) {

  /** The class of a failure. */
  public enum Kind {
    /** The work ran and failed. */
    FAILED,
    /** The work was cancelled before it was done. */
    CANCELLED,
    /** The work did not finish in the time it was given. */
    TIMED_OUT,
    /** The timeline was closed with the work pending. */
    ISSUER_CLOSED,
    /** The timeline became unreachable with the work pending. */
    ISSUER_LOST
  }

  /**
   * {@return an error of kind {@link Kind#FAILED}}
   *
   * @param message what happened, for people
   */
  public static FenceError failed(String message) {
    return new FenceError(Kind.FAILED, message);
  }

  /**
   * {@return an error of kind {@link Kind#CANCELLED}}
   *
   * @param message what happened, for people
   */
  public static FenceError cancelled(String message) {
    return new FenceError(Kind.CANCELLED, message);
  }
}
