package io.entrepot.stress;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

/** Planted: a job looks whether an earlier one is over before it is over itself. */
@JCStressTest
@Outcome(id = "2", expect = Expect.ACCEPTABLE, desc = "both are signaled")
@Outcome(expect = Expect.FORBIDDEN, desc = "a job is over, and its fence stays pending")
@State
public class LookBeforeOverPlantedBug {
  private volatile boolean secondIsOver;
  private volatile int signaled;

  @Actor
  public void endingTheFirst() {
    signaled = 1;
    if (secondIsOver) {
      signaled = 2;
    }
  }

  @Actor
  public void endingTheSecond() {
    boolean isHead = signaled == 1;
    secondIsOver = true;
    if (isHead) {
      signaled = 2;
    }
  }

  @Arbiter
  public void look(I_Result r) {
    r.r1 = signaled;
  }
}
