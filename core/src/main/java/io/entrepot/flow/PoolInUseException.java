package io.entrepot.flow;

import java.util.List;

/** A pool cannot be closed because somebody uses it; the message names all holders. */
public final class PoolInUseException extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  /**
   * Makes the exception.
   *
   * @param pool name of the pool
   * @param holders what keeps it open, a line each
   */
  public PoolInUseException(String pool, List<String> holders) {
    super("pool '" + pool + "' is in use:\n  " + String.join("\n  ", holders));
  }
}
