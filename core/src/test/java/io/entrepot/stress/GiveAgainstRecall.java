package io.entrepot.stress;

import io.entrepot.internal.buffers.OwnedBuffer;
import io.entrepot.internal.buffers.PoolWords;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.J_Result;

/** A kept buffer in use is given back while it is recalled. */
@JCStressTest
@Outcome(id = "7", expect = Expect.ACCEPTABLE, desc = "the next owner has it, with its bytes")
@Outcome(expect = Expect.FORBIDDEN, desc = "the buffer is lost, or its bytes")
@State
public class GiveAgainstRecall {
  private final PoolWords pool = Fixtures.pool();
  private final OwnedBuffer keeper = pool.keeper(0, 0);
  private long seen;

  public GiveAgainstRecall() {
    keeper.takeKept();
  }

  @Actor
  public void keeper() {
    pool.bytes(0, 7);
    keeper.give();
  }

  @Actor
  public void other() {
    pool.recall();
    seen = pool.own(0) == 0 ? 0 : pool.bytes(0);
  }

  @Arbiter
  public void next(J_Result r) {
    pool.recall();
    r.r1 = seen != 0 ? seen : pool.own(0) == 0 ? 0 : pool.bytes(0);
  }
}
