package io.entrepot.stress;

import io.entrepot.internal.buffers.PoolWords;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.JJ_Result;

/** Planted: the importer drops its hold before it stores its slot. */
@JCStressTest
@Outcome(id = "1, 1", expect = Expect.ACCEPTABLE, desc = "the bytes that were mapped")
@Outcome(expect = Expect.FORBIDDEN, desc = "reused under a reader")
@State
public class DropBeforeSlotPlantedBug {
  private final PoolWords pool = Fixtures.publishedBuffer();

  @Actor
  public void importer(JJ_Result r) {
    pool.unhold(0, 1);
    pool.linger();
    pool.storeSlot(0, 0);
    r.r1 = pool.bytes(0);
    pool.linger();
    r.r2 = pool.bytes(0);
    pool.clearSlot(0);
  }

  @Actor
  public void reclaimer() {
    pool.reclaim();
    if (pool.own(0) != 0) {
      pool.bytes(0, 2);
    }
  }
}
