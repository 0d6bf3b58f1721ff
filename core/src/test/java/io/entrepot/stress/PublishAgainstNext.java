package io.entrepot.stress;

import io.entrepot.internal.flow.RingWords;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.J_Result;

/**
 * A frame is taken when it is complete: {@code ReaderRing.push} against {@code RingPort.takeView}.
 */
@JCStressTest
@Outcome(id = "-1", expect = Expect.ACCEPTABLE, desc = "no frame")
@Outcome(id = "1", expect = Expect.ACCEPTABLE, desc = "the frame, whole")
@Outcome(expect = Expect.FORBIDDEN, desc = "other bytes than the frame's")
@State
public class PublishAgainstNext {
  private final RingWords feed = Fixtures.emptyFeed();

  @Actor
  public void writer() {
    feed.publish();
  }

  @Actor
  public void reader(J_Result r) {
    r.r1 = feed.take(0);
  }
}
