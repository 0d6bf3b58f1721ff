package io.entrepot.stress;

import io.entrepot.internal.buffers.MovingWords;
import io.entrepot.internal.buffers.MovingWords.Fault;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/** Planted: the acquirer looks where buffers are handed out before it has one. */
@JCStressTest
@Outcome(id = "true, false", expect = Expect.ACCEPTABLE, desc = "acquired before")
@Outcome(id = "false, .*", expect = Expect.ACCEPTABLE, desc = "not handed out")
@Outcome(
    id = "true, true",
    expect = Expect.FORBIDDEN,
    desc = "handed out in memory that a process sees which was cut off")
@State
public class SettleBeforeAcquirePlantedBug {
  private final MovingWords words = new MovingWords(Fault.NONE, false, Fixtures.pool());

  @Actor
  public void acquirer(ZZ_Result r) {
    r.r1 = words.isHandedOutLookingFirst();
  }

  @Actor
  public void replacer(ZZ_Result r) {
    r.r2 = words.withhold();
  }
}
