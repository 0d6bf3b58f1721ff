package io.entrepot.benchmarks;

import java.io.IOException;

/** The thread, or process, that answers. */
interface OtherSide {
  /** Why it has ended before its time; null if that is not known, or it has not. */
  Throwable failure();

  /** Waits for its end, which must be a good one, once it has been told that no more comes. */
  void end() throws IOException, InterruptedException;
}
