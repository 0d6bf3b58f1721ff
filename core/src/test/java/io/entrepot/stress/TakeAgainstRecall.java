package io.entrepot.stress;

import io.entrepot.internal.buffers.OwnedBuffer;
import io.entrepot.internal.buffers.PoolWords;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/** A kept buffer is taken by its keeper without a CAS, or by another thread through a recall. */
@JCStressTest
@Outcome(id = "true, false", expect = Expect.ACCEPTABLE, desc = "its keeper has it")
@Outcome(id = "false, true", expect = Expect.ACCEPTABLE, desc = "the other has it")
@Outcome(expect = Expect.FORBIDDEN, desc = "two owners, or none")
@State
public class TakeAgainstRecall {
  private final PoolWords pool = Fixtures.pool();
  private final OwnedBuffer keeper = pool.keeper(0, 0);

  @Actor
  public void keeper(ZZ_Result r) {
    r.r1 = keeper.takeKept();
  }

  @Actor
  public void other(ZZ_Result r) {
    pool.recall();
    r.r2 = pool.own(0) != 0;
  }
}
