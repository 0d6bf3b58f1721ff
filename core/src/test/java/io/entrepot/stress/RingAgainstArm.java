package io.entrepot.stress;

import io.entrepot.internal.memory.SleepSteps;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/**
 * A bell that is rung is heard: {@code Doorbell.ring} against a {@code Doorbells.Sleep} that looks.
 * The one race that is lost is that the ringer sees nobody listen, whose look has no fence before
 * it: of that the sleeper learns by the end of its first sleep, and so it is no failure here.
 *
 * <p>The bell changes behind the release of what is waited for, by an atomic add. A sleeper reads
 * the bell (volatile), then what is waited for: it sees the old bell, which the kernel finds
 * changed, or with the new one what came before it, on weaker processors too.
 */
@JCStressTest
@Outcome(id = "false, .*", expect = Expect.ACCEPTABLE, desc = "awake")
@Outcome(
    id = "true, false",
    expect = Expect.ACCEPTABLE,
    desc = "the lost race: nobody was seen to listen, and the first sleep is short")
@Outcome(id = "true, true", expect = Expect.FORBIDDEN, desc = "slept through a bell that was rung")
@State
public class RingAgainstArm {
  private final SleepSteps steps = Fixtures.sleeper().known();

  @Actor
  public void sleeper() {
    steps.look();
  }

  @Actor
  public void ringer(ZZ_Result r) {
    r.r2 = steps.letGo();
  }

  @Arbiter
  public void kernel(ZZ_Result r) {
    r.r1 = steps.isAsleep();
  }
}
