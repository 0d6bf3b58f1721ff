package io.entrepot.stress;

import io.entrepot.internal.sync.TimelineWords;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/**
 * A point is issued while its timeline ends and another gets the record: either the issue is
 * refused, or its point is signaled; and the next timeline's point is not.
 */
@JCStressTest
@Outcome(id = "true, true", expect = Expect.ACCEPTABLE, desc = "each knows its own points")
@Outcome(expect = Expect.FORBIDDEN, desc = "a point that nobody or the wrong one signals")
@State
public class IssueAgainstSuccession {
  private final TimelineWords timeline = Fixtures.timeline();
  private long issued;
  private long next;

  @Actor
  public void issuing() {
    try {
      issued = timeline.issue();
    } catch (IllegalStateException closed) {
      issued = 1;
    }
  }

  @Actor
  public void succeeding() {
    next = timeline.endAndSucceed();
  }

  @Arbiter
  public void look(ZZ_Result r) {
    r.r1 = timeline.isSignaled(issued);
    r.r2 = !timeline.isSignaled(next);
  }
}
