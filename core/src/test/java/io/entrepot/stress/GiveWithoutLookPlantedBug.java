package io.entrepot.stress;

import io.entrepot.internal.buffers.OwnedBuffer;
import io.entrepot.internal.buffers.PoolWords;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.Z_Result;

/** Planted: a kept buffer is given back without a look whether it is being recalled. */
@JCStressTest
@Outcome(id = "true", expect = Expect.ACCEPTABLE, desc = "somebody can take it")
@Outcome(expect = Expect.FORBIDDEN, desc = "the buffer is lost")
@State
public class GiveWithoutLookPlantedBug {
  private final PoolWords pool = Fixtures.pool();

  public GiveWithoutLookPlantedBug() {
    OwnedBuffer keeper = pool.keeper(0, 0);
    keeper.takeKept();
  }

  @Actor
  public void keeper() {
    pool.linger();
    pool.giveWithoutLook(0);
  }

  @Actor
  public void other() {
    pool.recall();
  }

  @Arbiter
  public void next(Z_Result r) {
    pool.recall();
    r.r1 = pool.own(0) != 0;
  }
}
