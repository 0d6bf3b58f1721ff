package io.entrepot.internal.reach;

import io.entrepot.internal.memory.ResourceLimit;

/** A message arrived without all of its descriptors, which are lost. */
public final class LostDescriptorsException extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  private final long lengthBytes;

  /**
   * Of a message.
   *
   * @param lengthBytes of its bytes
   * @param arrived how many descriptors there were of it
   */
  LostDescriptorsException(long lengthBytes, int arrived) {
    super(
        "only "
            + arrived
            + " of a message's descriptors arrived: either it had more than "
            + UnixSocket.MAX_DESCRIPTORS
            + ", or this process has the "
            + ResourceLimit.NOFILE.soft()
            + " that it may have: raise RLIMIT_NOFILE (ulimit -n) or close some");
    this.lengthBytes = lengthBytes;
  }

  /** Length of the message, whose bytes have arrived. */
  long lengthBytes() {
    return lengthBytes;
  }
}
