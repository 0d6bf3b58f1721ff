package io.entrepot.stress;

import io.entrepot.internal.buffers.PoolWords;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/**
 * Planted: the writer in place announces itself and looks at the slots without a barrier between.
 */
@JCStressTest
@Outcome(id = "true, true", expect = Expect.ACCEPTABLE, desc = "mapped, and seen by the writer")
@Outcome(
    id = "false, true",
    expect = Expect.ACCEPTABLE,
    desc = "the reader defers, its slot was seen")
@Outcome(id = "false, false", expect = Expect.ACCEPTABLE, desc = "the reader defers")
@Outcome(id = "true, false", expect = Expect.FORBIDDEN, desc = "read and written at once")
@State
public class InPlaceWithoutBarrierPlantedBug {
  private final PoolWords pool = Fixtures.pool();

  @Actor
  public void reader(ZZ_Result r) {
    pool.storeSlot(0, 0);
    r.r1 = pool.isUndisturbed(0);
  }

  @Actor
  public void writer(ZZ_Result r) {
    pool.beginInPlace(0, 1);
    r.r2 = pool.isMappedByOthers(0, 1);
  }
}
