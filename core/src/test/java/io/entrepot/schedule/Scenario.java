package io.entrepot.schedule;

/** What participants do, and what must hold; made anew for each run. */
interface Scenario {
  /** What each participant does; throws what must not be. */
  Runnable[] participants();

  /** Throws what must not be when all are done that were not stopped. */
  void check();

  /** Throws unless it is so. */
  static void require(boolean isSo, String otherwise) {
    if (!isSo) {
      throw new AssertionError(otherwise);
    }
  }
}
