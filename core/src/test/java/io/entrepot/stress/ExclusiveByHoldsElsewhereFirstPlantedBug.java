package io.entrepot.stress;

import io.entrepot.internal.buffers.PoolWords;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.Z_Result;

/** Planted: the holds of the other process are looked at before its slots, and not behind them. */
@JCStressTest
@Outcome(id = "false", expect = Expect.ACCEPTABLE, desc = "in use all the time")
@Outcome(expect = Expect.FORBIDDEN, desc = "exclusive, and used by another")
@State
public class ExclusiveByHoldsElsewhereFirstPlantedBug {
  private final PoolWords pool = Fixtures.importedBuffer();

  {
    pool.storeSlotElsewhere(0);
    pool.unhold(0, 1);
  }

  @Actor
  public void importer() {
    pool.linger();
    pool.holdElsewhere(0);
    pool.clearSlotElsewhere();
  }

  @Actor
  public void owner(Z_Result r) {
    r.r1 = pool.isExclusiveHoldsElsewhereFirst(0);
  }
}
