package io.entrepot.stress;

import io.entrepot.internal.flow.Leaving;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZII_Result;

/**
 * Planted: who leaves runs no barrier, so that the writer's word may still be in its store buffer
 * when the writer looks at the ring.
 */
@JCStressTest
@Outcome(id = "true, 0, 1", expect = Expect.FORBIDDEN, desc = "forgotten, then pushed to")
@Outcome(expect = Expect.ACCEPTABLE, desc = "left to the writer, or final")
@State
public class LeaveWithoutBarrierPlantedBug {
  private final Leaving feed = new Leaving();

  @Actor
  public void writer() {
    feed.publish();
  }

  @Actor
  public void leaver(ZII_Result r) {
    r.r1 = feed.leaveWithoutBarrier();
    r.r2 = feed.pushed();
  }

  @Arbiter
  public void after(ZII_Result r) {
    r.r3 = feed.pushed();
  }
}
