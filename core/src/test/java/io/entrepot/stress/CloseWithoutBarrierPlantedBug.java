package io.entrepot.stress;

import io.entrepot.internal.flow.RingWords;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.J_Result;

/**
 * Planted: a whole ring is closed without a barrier, so that slot and cursor may still be in the
 * port's store buffer when it looks whether the ring is closed.
 */
@JCStressTest
@Outcome(id = "-1", expect = Expect.ACCEPTABLE, desc = "no frame")
@Outcome(id = "1", expect = Expect.ACCEPTABLE, desc = "the frame, whole")
@Outcome(expect = Expect.FORBIDDEN, desc = "other bytes than the frame's")
@State
public class CloseWithoutBarrierPlantedBug {
  private final RingWords feed = Fixtures.wholeFeedWithFrame();

  @Actor
  public void writer() {
    feed.closeWithoutBarrier();
    feed.reuse(0, 9);
  }

  @Actor
  public void reader(J_Result r) {
    r.r1 = feed.take(0);
  }
}
