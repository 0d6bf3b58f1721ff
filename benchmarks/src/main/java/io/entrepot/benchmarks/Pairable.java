package io.entrepot.benchmarks;

import java.io.IOException;

/**
 * A ping-pong that leaves it to others to bring the other side, so that one thread, or process, can
 * be the other side of two.
 *
 * @param <A> what the other side needs to answer
 */
interface Pairable<A> extends PingPong {
  /** Makes what the other side needs; before it is there. */
  A offer() throws IOException;

  /** Makes ready to ask the other side, which is there; on the thread that plays. */
  void connect(OtherSide answering) throws IOException;

  /** Tells the other side that no more comes, and lets go of all that is its own. */
  void leave();

  /** Lets go of the rest, when the other side has ended. */
  void release() throws IOException;
}
