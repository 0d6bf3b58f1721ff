package io.entrepot.stress;

import io.entrepot.internal.sync.ReservationWords;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/** Planted: a job goes on although it was aborted. */
@JCStressTest
@Outcome(id = "true, false", expect = Expect.ACCEPTABLE, desc = "the first depends on the second")
@Outcome(id = "false, true", expect = Expect.ACCEPTABLE, desc = "the second depends on the first")
@Outcome(expect = Expect.FORBIDDEN, desc = "a lost dependency")
@State
public class GoOnAfterAbortPlantedBug {
  private final ReservationWords words = Fixtures.reservations(0);

  @Actor
  public void first(ZZ_Result r) {
    r.r1 = words.jobNotAsking(0) != 0;
  }

  @Actor
  public void second(ZZ_Result r) {
    r.r2 = words.job(1) != 0;
  }
}
