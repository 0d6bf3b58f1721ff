package io.entrepot.contract;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.flow.BufferPool;
import java.util.function.BooleanSupplier;

/** Waits that answer no when they were in vain, and leave everything as it was. */
final class Waits {
  private Waits() {}

  /** A wait that a pending interrupt ends: it answers no, and the interrupt stays set. */
  static void assertInterruptEnds(BooleanSupplier waitInVain) {
    Elsewhere.run(() -> {
      Thread.currentThread().interrupt();
      assertFalse(waitInVain.getAsBoolean());
      assertTrue(Thread.interrupted(), "the interrupt stays set");
    });
  }

  /** A wait under way that an interrupt ends. */
  static void assertInterruptEndsWhileWaiting(BooleanSupplier waitInVain) {
    var waiting =
        Elsewhere.start(() -> {
          assertFalse(waitInVain.getAsBoolean());
          return Thread.interrupted();
        });
    waiting.awaitWaiting();
    waiting.thread().interrupt();
    assertTrue(waiting.result(), "the interrupt stays set");
  }

  /** Who holds what of a pool, and not for how long: to be the same behind a wait in vain. */
  static String holders(BufferPool pool) {
    return pool.holders().toString().replaceAll("\\d+ ms ago", "");
  }
}
