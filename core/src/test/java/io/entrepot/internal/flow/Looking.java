package io.entrepot.internal.flow;

/** A feed with one ring, as far as it matters to whoever unmaps the ring's memory. */
public final class Looking {
  private final RingLooks looks = new RingLooks(new Publishing());

  /** Whether the ring is in, as {@code RingBroadcast.subscriptions} says it. */
  private volatile boolean in = true;

  private volatile int touched;

  /** As {@code RingWriter.tryTake}. */
  public void writerLooks() {
    boolean hasBegun = looks.writerBegins();
    if (in) {
      touched = 1;
    }
    looks.writerEnds(hasBegun);
  }

  /** As {@code RingBroadcast.retirePassed}. */
  public void otherLooks() {
    looks.begin();
    if (in) {
      touched = 1;
    }
    looks.end();
  }

  /** {@code FarReader.isOutOfReach}: whether nobody is at the ring any more. */
  public boolean leave() {
    in = false;
    return looks.pending().areOver();
  }

  /** Wrong: as {@link #leave()}, without the barrier. */
  public boolean leaveWithoutBarrier() {
    in = false;
    return looks.new Pending().areOver();
  }

  /** Whether the ring was touched. */
  public int touched() {
    return touched;
  }
}
