package io.entrepot.internal.flow;

/** A feed with one ring, as far as it matters to whoever takes the ring out of it. */
public final class Leaving {
  private final Publishing publishing = new Publishing();

  /** Whether the ring is in, as {@code RingBroadcast.subscriptions} says it. */
  private volatile boolean in = true;

  private volatile int pushed;

  /** {@code RingWriter.publish}. */
  public void publish() {
    publishing.begin();
    if (in) {
      pushed = 1;
    }
    publishing.end();
  }

  /** {@code RingBroadcast.forgetClosed}: whether nothing is pushed any more. */
  public boolean leave() {
    in = false;
    return publishing.isAwareOfChanges();
  }

  /** Wrong: as {@link #leave()}, without the barrier. */
  public boolean leaveWithoutBarrier() {
    in = false;
    return !publishing.isPublishing();
  }

  /** Frames that the ring has. */
  public int pushed() {
    return pushed;
  }
}
