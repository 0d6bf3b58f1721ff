package io.entrepot.benchmarks;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** Garbage for each message is found, and nothing else is. */
class SteadyAllocationTest {
  private static final int BYTES = 64;

  private final SteadyAllocation allocation = new SteadyAllocation();
  private byte[] kept = {};

  @Test
  void garbageAfterTheWarmUpIsTold() {
    messages(SteadyAllocation.WARM_UP, 0);
    messages(SteadyAllocation.FEWEST, BYTES);
    IllegalStateException told = assertThrows(IllegalStateException.class, allocation::check);
    assertTrue(
        told.getMessage().contains(" " + SteadyAllocation.FEWEST + " messages"), told::toString);
    assertTrue(kept.length == BYTES);
  }

  @Test
  void whatTheWarmUpAllocatesDoesNotCount() {
    messages(SteadyAllocation.WARM_UP, BYTES);
    messages(SteadyAllocation.FEWEST, 0);
    allocation.check();
  }

  @Test
  void whatIsAllocatedBehindTheLastMessageDoesNotCount() {
    messages(SteadyAllocation.WARM_UP + SteadyAllocation.FEWEST, 0);
    kept = new byte[(int) SteadyAllocation.FEWEST * BYTES];
    allocation.check();
    assertTrue(kept.length > BYTES);
  }

  @Test
  void aShortRunTellsNothing() {
    messages(SteadyAllocation.FEWEST, BYTES);
    allocation.check();
  }

  private void messages(long number, int bytes) {
    for (long i = 0; i < number; i++) {
      if (bytes > 0) {
        kept = new byte[bytes];
      }
      allocation.count();
    }
  }
}
