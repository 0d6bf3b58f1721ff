package io.entrepot.stress;

import io.entrepot.internal.flow.RingWords;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.J_Result;

/**
 * As {@link NextAgainstClose}, of a whole ring, whose entries are claimed by a store: the barrier
 * of who retires them makes up for that.
 */
@JCStressTest
@Outcome(id = "-1", expect = Expect.ACCEPTABLE, desc = "no frame")
@Outcome(id = "1", expect = Expect.ACCEPTABLE, desc = "the frame, whole")
@Outcome(expect = Expect.FORBIDDEN, desc = "other bytes than the frame's")
@State
public class NextOfWholeRingAgainstClose {
  private final RingWords feed = Fixtures.wholeFeedWithFrame();

  @Actor
  public void writer() {
    feed.close();
    feed.reuse(0, 9);
  }

  @Actor
  public void reader(J_Result r) {
    r.r1 = feed.take(0);
  }
}
