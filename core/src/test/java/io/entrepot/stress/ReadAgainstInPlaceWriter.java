package io.entrepot.stress;

import io.entrepot.internal.buffers.PoolWords;
import io.entrepot.internal.memory.Barrier;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.JJ_Result;

/**
 * What a reader maps does not change under it: {@code LanePort.attend}, which takes the slot back
 * and waits, against a whole write in place.
 */
@JCStressTest
@Outcome(id = "0, 0", expect = Expect.ACCEPTABLE, desc = "before the write")
@Outcome(id = "2, 2", expect = Expect.ACCEPTABLE, desc = "after the write")
@Outcome(expect = Expect.FORBIDDEN, desc = "written under a reader")
@State
public class ReadAgainstInPlaceWriter {
  private final PoolWords pool = Fixtures.pool();

  @Actor
  public void reader(JJ_Result r) {
    pool.mapDeferring(0, 0);
    r.r1 = pool.bytes(0);
    r.r2 = pool.bytes(0);
    pool.clearSlot(0);
  }

  @Actor
  public void writer() {
    pool.beginInPlace(0, 1);
    Barrier.heavy();
    while (pool.isMappedByOthers(0, 1)) {
      Thread.onSpinWait();
    }
    pool.bytes(0, 1);
    pool.bytes(0, 2);
    pool.endInPlace(0);
  }
}
