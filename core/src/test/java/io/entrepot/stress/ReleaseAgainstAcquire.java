package io.entrepot.stress;

import io.entrepot.internal.buffers.PoolWords;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.J_Result;

/** What an owner wrote before {@code BufferStates.owned2free} is seen by the next owner. */
@JCStressTest
@Outcome(id = "-1", expect = Expect.ACCEPTABLE, desc = "not free yet")
@Outcome(id = "7", expect = Expect.ACCEPTABLE, desc = "the bytes of the owner before")
@Outcome(expect = Expect.FORBIDDEN, desc = "a buffer without its bytes")
@State
public class ReleaseAgainstAcquire {
  private final PoolWords pool = Fixtures.pool();

  private final long owned = pool.own(0);

  @Actor
  public void owner() {
    pool.bytes(0, 7);
    pool.free(0, owned);
  }

  @Actor
  public void next(J_Result r) {
    r.r1 = pool.own(0) == 0 ? -1 : pool.bytes(0);
  }
}
