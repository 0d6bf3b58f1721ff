package io.entrepot.stress;

import io.entrepot.internal.memory.SleepSteps;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.Z_Result;

/**
 * Who goes to sleep while a process comes has its bell, or stays awake: {@code Doorbells.add}
 * against a {@code Doorbells.Sleep} that looks.
 *
 * <p>Both store, then look at what the other stores, all of it volatile: one of them sees the other
 * on every processor.
 */
@JCStressTest
@Outcome(id = "true", expect = Expect.ACCEPTABLE, desc = "has the bell, or looks again")
@Outcome(expect = Expect.FORBIDDEN, desc = "deaf to who came")
@State
public class NewBellAgainstArm {
  private final SleepSteps steps = Fixtures.sleeper();

  @Actor
  public void sleeper() {
    steps.look();
  }

  @Actor
  public void comer() {
    steps.comes();
  }

  @Arbiter
  public void kernel(Z_Result r) {
    r.r1 = steps.hears() || !steps.isAsleep();
  }
}
