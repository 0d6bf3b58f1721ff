package io.entrepot.internal.memory;

/**
 * There is not as much memory as was asked for: the machine, a control group or a limit of this
 * process has not so many bytes. Nothing is left behind; less may be had.
 */
public final class NoRoomException extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  /** With both numbers, and what to do. */
  NoRoomException(String message) {
    super(message);
  }

  private NoRoomException(String what, SystemCallException refused) {
    super(what + ": " + refused.getMessage(), refused);
  }

  /**
   * What to throw when the kernel refused a call that was to provide memory: this, where it had too
   * little, else its own answer.
   *
   * @param what was to be provided
   */
  static RuntimeException or(SystemCallException refused, String what) {
    return switch (refused.errno()) {
      case Errno.ENOMEM, Errno.ENOSPC, Errno.EAGAIN, Errno.EFBIG ->
          new NoRoomException(what, refused);
      default -> refused;
    };
  }
}
