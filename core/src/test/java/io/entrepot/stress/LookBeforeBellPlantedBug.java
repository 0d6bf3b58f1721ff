package io.entrepot.stress;

import io.entrepot.internal.memory.SleepSteps;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/** Planted: the sleeper looks at what it waits for before it looks at the bell. */
@JCStressTest
@Outcome(id = "false, .*", expect = Expect.ACCEPTABLE, desc = "awake")
@Outcome(
    id = "true, false",
    expect = Expect.ACCEPTABLE,
    desc = "the lost race: nobody was seen to listen, and the first sleep is short")
@Outcome(id = "true, true", expect = Expect.FORBIDDEN, desc = "slept through a bell that was rung")
@State
public class LookBeforeBellPlantedBug {
  private final SleepSteps steps = Fixtures.sleeper().known();

  @Actor
  public void sleeper() {
    steps.lookAtConditionFirst();
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
