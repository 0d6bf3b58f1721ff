package io.entrepot.stress;

import io.entrepot.internal.sync.ReservationWords;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/** Planted: jobs commit buffer by buffer, in opposite order. */
@JCStressTest
@Outcome(id = "true, false", expect = Expect.ACCEPTABLE, desc = "the first depends on the second")
@Outcome(id = "false, true", expect = Expect.ACCEPTABLE, desc = "the second depends on the first")
@Outcome(expect = Expect.FORBIDDEN, desc = "each depends on the other")
@State
public class CommitByBufferPlantedBug {
  private final ReservationWords words = Fixtures.reservations(0);

  @Actor
  public void first(ZZ_Result r) {
    r.r1 = words.jobByBuffer(0, 0) != 0;
  }

  @Actor
  public void second(ZZ_Result r) {
    r.r2 = words.jobByBuffer(1, 1) != 0;
  }
}
