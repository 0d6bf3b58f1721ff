package io.entrepot.internal.memory;

/** The kernel refused a call: which one, with what, why, and what to do. */
public final class SystemCallException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final SystemCall call;
  private final int errno;

  /**
   * Makes an exception of an answer.
   *
   * @param call the call refused
   * @param arguments those of its arguments that matter, in words
   * @param errno the error number, positive
   */
  public SystemCallException(SystemCall call, String arguments, int errno) {
    super(message(call, arguments, errno));
    this.call = call;
    this.errno = errno;
  }

  /** The result of a call, unless that is an error. */
  public static long orThrow(SystemCall call, String arguments, long result) {
    if (result < 0) {
      throw new SystemCallException(call, arguments, (int) -result);
    }
    return result;
  }

  private static String message(SystemCall call, String arguments, int errno) {
    String advice = Errno.advice(call, errno);
    return call
        + "("
        + arguments
        + ") failed with "
        + Errno.symbol(errno)
        + " ("
        + errno
        + ")"
        + (advice.isEmpty() ? "" : ": " + advice);
  }

  /** The call refused. */
  public SystemCall call() {
    return call;
  }

  /** The error number, one of {@link Errno}. */
  public int errno() {
    return errno;
  }
}
