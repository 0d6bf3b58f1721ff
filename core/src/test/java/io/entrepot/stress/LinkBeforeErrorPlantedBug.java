package io.entrepot.stress;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/** Planted: a chain that leaves out a link, and notes its error after that. */
@JCStressTest
@Outcome(id = "true, true", expect = Expect.ACCEPTABLE, desc = "complete, with the error")
@Outcome(id = "false, false", expect = Expect.ACCEPTABLE, desc = "not complete yet")
@Outcome(expect = Expect.FORBIDDEN, desc = "the error is lost")
@State
public class LinkBeforeErrorPlantedBug {
  private volatile boolean hasLink = true;
  private volatile boolean hasError;
  private boolean complete;
  private boolean told;

  @Actor
  public void collecting() {
    hasLink = false;
    hasError = true;
  }

  @Actor
  public void completing() {
    if (!hasLink) {
      complete = true;
      told = hasError;
    }
  }

  @Arbiter
  public void look(ZZ_Result r) {
    r.r1 = complete;
    r.r2 = told;
  }
}
