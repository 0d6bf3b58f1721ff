package io.entrepot.stress;

import io.entrepot.internal.sync.TimelineWords;
import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZI_Result;

/** A callback runs once or is refused: {@code TimelineState.addCallback} against {@code signal}. */
@JCStressTest
@Outcome(id = "true, 1", expect = Expect.ACCEPTABLE, desc = "added, and run once")
@Outcome(id = "false, 0", expect = Expect.ACCEPTABLE, desc = "signaled already: refused")
@Outcome(expect = Expect.FORBIDDEN, desc = "never run, run twice, or run though refused")
@State
public class SignalAgainstCallback {
  private final TimelineWords timeline = Fixtures.timeline();
  private final AtomicInteger runs = new AtomicInteger();

  @Actor
  public void waiter(ZI_Result r) {
    r.r1 = timeline.onSignal(1, runs::incrementAndGet) != null;
  }

  @Actor
  public void signaler() {
    timeline.signal(1);
  }

  @Arbiter
  public void count(ZI_Result r) {
    r.r2 = runs.get();
  }
}
