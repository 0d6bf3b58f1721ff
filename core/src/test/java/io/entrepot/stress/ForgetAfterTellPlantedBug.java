package io.entrepot.stress;

import io.entrepot.internal.sync.ErrorTelling;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.L_Result;

/** Planted: an error gives its place away before it is said to be forgotten. */
@JCStressTest
@Outcome(
    id = {"TIMED_OUT", "perhaps", "not yet"},
    expect = Expect.ACCEPTABLE,
    desc = "told, or not certain")
@Outcome(expect = Expect.FORBIDDEN, desc = "an error is taken for none")
@State
public class ForgetAfterTellPlantedBug {
  private final ErrorTelling errors = Fixtures.fourErrors();

  @Actor
  public void telling() {
    errors.forgetAfterwards(5, 1);
  }

  @Actor
  public void looking(L_Result r) {
    r.r1 = errors.of(1);
  }
}
