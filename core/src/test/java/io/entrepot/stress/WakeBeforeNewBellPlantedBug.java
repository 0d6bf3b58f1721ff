package io.entrepot.stress;

import io.entrepot.internal.memory.SleepSteps;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.Z_Result;

/** Planted: sleepers are looked for before the bell is there. */
@JCStressTest
@Outcome(id = "true", expect = Expect.ACCEPTABLE, desc = "has the bell, or looks again")
@Outcome(expect = Expect.FORBIDDEN, desc = "deaf to who came")
@State
public class WakeBeforeNewBellPlantedBug {
  private final SleepSteps steps = Fixtures.sleeper();

  @Actor
  public void sleeper() {
    steps.look();
  }

  @Actor
  public void comer() {
    steps.comesWakingFirst();
  }

  @Arbiter
  public void kernel(Z_Result r) {
    r.r1 = steps.hears() || !steps.isAsleep();
  }
}
