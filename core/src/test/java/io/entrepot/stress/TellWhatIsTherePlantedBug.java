package io.entrepot.stress;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

/** Planted: who puts a fence in looks again for what to tell those who wait. */
@JCStressTest
@Outcome(id = "1", expect = Expect.ACCEPTABLE, desc = "told")
@Outcome(expect = Expect.FORBIDDEN, desc = "the submission was missed")
@State
public class TellWhatIsTherePlantedBug {
  private volatile int held;
  private volatile int told;

  @Actor
  public void submitting() {
    held = 1;
    told = held;
  }

  @Actor
  public void resetting() {
    held = 0;
  }

  @Arbiter
  public void look(I_Result r) {
    r.r1 = told;
  }
}
