package io.entrepot.internal.reach;

/** A message from a peer that is not as {@link WireFormat} says. */
final class WireException extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  WireException(String message) {
    super(message);
  }
}
