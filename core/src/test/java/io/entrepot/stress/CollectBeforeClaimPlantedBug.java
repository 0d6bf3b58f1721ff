package io.entrepot.stress;

import io.entrepot.internal.sync.ReservationWords;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.JJ_Result;

/** Planted: a job collects before it claims, and another job comes between. */
@JCStressTest
@Outcome(id = "0, 1", expect = Expect.ACCEPTABLE, desc = "the second depends on the first")
@Outcome(id = "1, 0", expect = Expect.ACCEPTABLE, desc = "the first depends on the second")
@Outcome(expect = Expect.FORBIDDEN, desc = "a lost dependency")
@State
public class CollectBeforeClaimPlantedBug {
  private final ReservationWords words = Fixtures.reservations(0);

  @Actor
  public void first(JJ_Result r) {
    r.r1 = words.jobCollectingFirst(0);
  }

  @Actor
  public void second(JJ_Result r) {
    r.r2 = words.job(1);
  }
}
