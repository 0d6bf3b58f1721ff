package io.entrepot.contract;

import java.util.concurrent.CompletionException;

/** What users' code may throw, and nobody thinks of. */
final class Odd {
  private Odd() {}

  /** Throws anything, declared or not, as other languages do. */
  @SuppressWarnings("unchecked")
  static <T extends Throwable> void sneak(Throwable thrown) throws T {
    throw (T) thrown;
  }

  /** Neither an exception nor an error. */
  static final class Thrown extends Throwable {
    private static final long serialVersionUID = 1;
  }

  /** Its text cannot be told. */
  static final class Mute extends RuntimeException {
    private static final long serialVersionUID = 1;

    @Override
    public String getMessage() {
      throw new IllegalStateException("has no text");
    }
  }

  /** Its cause cannot be told. */
  static final class Causeless extends CompletionException {
    private static final long serialVersionUID = 1;

    @Override
    public synchronized Throwable getCause() {
      throw new IllegalStateException("has no cause");
    }
  }

  /** An interruption whose text cannot be told. */
  static final class MuteInterruption extends InterruptedException {
    private static final long serialVersionUID = 1;

    @Override
    public String getMessage() {
      throw new IllegalStateException("has no text");
    }
  }
}
