package io.entrepot.stress;

import io.entrepot.internal.sync.LaneWords;
import io.entrepot.sync.Fence;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZI_Result;

/** Two jobs of one timeline end at once, and both fences are signaled: {@code JobLane}. */
@JCStressTest
@Outcome(id = "true, true, 0", expect = Expect.ACCEPTABLE, desc = "both are signaled")
@Outcome(expect = Expect.FORBIDDEN, desc = "a job is over, and its fence stays pending")
@State
public class JobEndsAgainstJobEnds {
  private final LaneWords jobs = LaneWords.onHeap();
  private final Fence first = jobs.submit(() -> {});
  private final Fence second = jobs.submit(() -> {});

  @Actor
  public void endingTheFirst() {
    jobs.run(0);
  }

  @Actor
  public void endingTheSecond() {
    jobs.run(1);
  }

  @Arbiter
  public void look(ZZI_Result r) {
    r.r1 = first.isSignaled();
    r.r2 = second.isSignaled();
    r.r3 = jobs.pending();
  }
}
