package io.entrepot.internal.flow;

/** A thread that is stopped in the middle of a look at a feed's rings, until it is closed. */
public final class HeldLook implements AutoCloseable {
  private final RingLooks looks;

  private HeldLook(RingLooks looks) {
    this.looks = looks;
    looks.begin();
  }

  /** One that begins now. */
  public static HeldLook at(RingBroadcast feed) {
    return new HeldLook(feed.looks());
  }

  @Override
  public void close() {
    looks.end();
  }
}
