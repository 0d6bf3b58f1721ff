package io.entrepot.stress;

import io.entrepot.internal.sync.ReservationWords;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZZ_Result;

/** As {@link JobAgainstJob}, of jobs that take in opposite order and abort each other. */
@JCStressTest
@Outcome(
    id = "false, true, true",
    expect = Expect.ACCEPTABLE,
    desc = "the second job depends on the first")
@Outcome(
    id = "true, false, true",
    expect = Expect.ACCEPTABLE,
    desc = "the first job depends on the second")
@Outcome(expect = Expect.FORBIDDEN, desc = "a lost dependency, a circle, or something left behind")
@State
public class JobTakingAgainstJobTaking {
  private final ReservationWords words = Fixtures.reservations(0);

  @Actor
  public void first(ZZZ_Result r) {
    r.r1 = words.jobTaking(0, 0) != 0;
  }

  @Actor
  public void second(ZZZ_Result r) {
    r.r2 = words.jobTaking(1, 1) != 0;
  }

  @Arbiter
  public void look(ZZZ_Result r) {
    r.r3 = words.haveBoth();
  }
}
