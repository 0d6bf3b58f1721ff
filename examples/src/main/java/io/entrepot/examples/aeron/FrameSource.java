package io.entrepot.examples.aeron;

/** One sender, as a receiver knows it: the frames of one session, from its first to its end. */
final class FrameSource {
  private static final long NONE = -1;

  private final String name;
  private long lastMet = NONE;
  private long lastSettled = NONE;
  private boolean isEnded;

  FrameSource(String name) {
    this.name = name;
  }

  /** Who that is, for people. */
  String name() {
    return name;
  }

  /**
   * Notes that there is something of a frame.
   *
   * @return how many frames are missing between it and those before, dropped at the source
   */
  long meet(long sequence) {
    long missing = lastMet == NONE || sequence <= lastMet ? 0 : sequence - lastMet - 1;
    lastMet = Math.max(lastMet, sequence);
    return missing;
  }

  /** Notes that a frame was published, or dropped: nothing more of it is wanted. */
  void settle(long sequence) {
    lastSettled = Math.max(lastSettled, sequence);
  }

  /** Whether nothing of a frame is wanted any more. */
  boolean isSettled(long sequence) {
    return sequence <= lastSettled;
  }

  /** Whether something of a frame was met, and none of a later one. */
  boolean isLastMet(long sequence) {
    return sequence == lastMet;
  }

  void end() {
    isEnded = true;
  }

  boolean isEnded() {
    return isEnded;
  }
}
