package io.entrepot.stress;

import io.entrepot.internal.buffers.PoolWords;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/** Of two threads that acquire one buffer, one has it: {@code BufferStates.free2owned}. */
@JCStressTest
@Outcome(id = "true, false", expect = Expect.ACCEPTABLE, desc = "the first has it")
@Outcome(id = "false, true", expect = Expect.ACCEPTABLE, desc = "the second has it")
@Outcome(expect = Expect.FORBIDDEN, desc = "two owners, or none")
@State
public class AcquireAgainstAcquire {
  private final PoolWords pool = Fixtures.pool();

  @Actor
  public void one(ZZ_Result r) {
    r.r1 = pool.own(0) != 0;
  }

  @Actor
  public void other(ZZ_Result r) {
    r.r2 = pool.own(0) != 0;
  }
}
