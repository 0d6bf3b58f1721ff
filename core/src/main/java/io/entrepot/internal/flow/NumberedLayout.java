package io.entrepot.internal.flow;

import io.entrepot.sharing.FrameLayout;

/** The layout of the frames that a port reads from another process, known by its number. */
final class NumberedLayout {
  private final Upstream feed;
  private long number;
  private FrameLayout layout;

  NumberedLayout(Upstream feed) {
    this.feed = feed;
  }

  /** Makes the layout of that number the one at hand; asks the other process where it is new. */
  void learn(long next) {
    if (next != number) {
      layout = feed.layout(next);
      number = next;
    }
  }

  /** The layout at hand, or {@code null}. */
  FrameLayout layout() {
    return layout;
  }
}
