package io.entrepot.stress;

import io.entrepot.internal.buffers.PoolWords;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.JJ_Result;

/** Planted: the slots are looked at before the holds. */
@JCStressTest
@Outcome(id = "1, 1", expect = Expect.ACCEPTABLE, desc = "the bytes that were mapped")
@Outcome(expect = Expect.FORBIDDEN, desc = "written under a reader")
@State
public class ExclusiveBySlotsFirstPlantedBug {
  private final PoolWords pool = Fixtures.ownersBuffer();

  @Actor
  public void reader(JJ_Result r) {
    pool.storeSlot(0, 0);
    pool.unhold(0, 1);
    r.r1 = pool.bytes(0);
    pool.linger();
    r.r2 = pool.bytes(0);
    pool.clearSlot(0);
  }

  @Actor
  public void owner() {
    if (pool.isExclusiveSlotsFirst(0)) {
      pool.bytes(0, 2);
    }
  }
}
