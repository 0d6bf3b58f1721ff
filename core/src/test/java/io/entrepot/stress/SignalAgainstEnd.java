package io.entrepot.stress;

import io.entrepot.internal.sync.TimelineWords;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.Z_Result;

/**
 * The issuer signals its last point while its timeline is ended: the point is settled, whoever was
 * first: {@code TimelineState.signal} against {@code end}.
 */
@JCStressTest
@Outcome(id = "true", expect = Expect.ACCEPTABLE, desc = "its work is known to have ended")
@Outcome(expect = Expect.FORBIDDEN, desc = "the issuer's word is lost, and buffers are kept")
@State
public class SignalAgainstEnd {
  private final TimelineWords timeline = Fixtures.timeline();

  @Actor
  public void signaling() {
    timeline.signal(1);
  }

  @Actor
  public void ending() {
    timeline.end();
  }

  @Arbiter
  public void look(Z_Result r) {
    r.r1 = timeline.isSettled(1);
  }
}
