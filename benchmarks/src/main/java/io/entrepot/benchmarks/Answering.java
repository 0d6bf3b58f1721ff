package io.entrepot.benchmarks;

/** The side of a ping-pong that answers, on the thread that made it. */
interface Answering extends AutoCloseable {
  /** Waits for what comes next and answers it at once; false when it is over. */
  boolean answer();

  /** Lets go of what it answers with. */
  @Override
  void close();

  /** Answers until it is over. */
  static void all(Answering one) {
    while (one.answer()) {
      // What comes next.
    }
  }

  /**
   * Answers two in turns until the first is over: so many of the first, twice as many of the other,
   * so many of the first, as {@link PairedPingPong} asks.
   */
  static void inTurns(Answering first, Answering other, int roundTrips) {
    while (so(roundTrips, first) && so(2 * roundTrips, other) && so(roundTrips, first)) {
      // The next turn.
    }
  }

  private static boolean so(int many, Answering one) {
    for (int i = 0; i < many; i++) {
      if (!one.answer()) {
        return false;
      }
    }
    return true;
  }
}
