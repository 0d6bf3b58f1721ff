package io.entrepot.stress;

import io.entrepot.internal.sync.ReservationWords;
import io.entrepot.sync.Usage;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.JJ_Result;

/** The fence of one job stays seen when the next job of the buffer moves it to a slot. */
@JCStressTest
@Outcome(id = "1, 1", expect = Expect.ACCEPTABLE, desc = "job and reader see the fence")
@Outcome(expect = Expect.FORBIDDEN, desc = "a pending fence is missed")
@State
public class JobBehindJob {
  private final ReservationWords words = Fixtures.reservations(0);

  {
    words.job(0);
  }

  @Actor
  public void job(JJ_Result r) {
    r.r1 = words.job(1);
  }

  @Actor
  public void reader(JJ_Result r) {
    r.r2 = words.latest(0, Usage.READ);
  }
}
