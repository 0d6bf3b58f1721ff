package io.entrepot.stress;

import io.entrepot.internal.buffers.PoolWords;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.Z_Result;

/** Planted: the holds are looked at once more, and not the count of those that were taken. */
@JCStressTest
@Outcome(id = "false", expect = Expect.ACCEPTABLE, desc = "in use all the time")
@Outcome(expect = Expect.FORBIDDEN, desc = "exclusive, and used by another")
@State
public class ExclusiveByHoldsPlantedBug {
  private static final int TIMES = 10;

  private final PoolWords pool = Fixtures.publishedBuffer();

  {
    pool.storeSlot(0, 0);
  }

  @Actor
  public void reader() {
    for (int i = 0; i < TIMES; i++) {
      pool.holdMapped(0, 1);
      pool.clearSlot(0);
      pool.linger();
      pool.storeSlot(0, 0);
      pool.unhold(0, 1);
      pool.linger();
    }
  }

  @Actor
  public void owner(Z_Result r) {
    for (int i = 0; i < TIMES; i++) {
      r.r1 |= pool.isExclusiveByHolds(0);
    }
  }
}
