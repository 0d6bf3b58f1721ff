package io.entrepot.stress;

import io.entrepot.internal.sync.ErrorTelling;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LL_Result;

/** Planted: errors that are put into words without a look at who else does. */
@JCStressTest
@Outcome(id = "TIMED_OUT, TIMED_OUT", expect = Expect.ACCEPTABLE, desc = "both are told")
@Outcome(expect = Expect.FORBIDDEN, desc = "one was overwritten")
@State
public class TellByStorePlantedBug {
  private final ErrorTelling errors = Fixtures.fourErrors();

  @Actor
  public void telling() {
    errors.tellByStore(5);
  }

  @Actor
  public void tellingTheNext() {
    errors.tellByStore(7);
  }

  @Arbiter
  public void look(LL_Result r) {
    r.r1 = errors.of(5);
    r.r2 = errors.of(7);
  }
}
