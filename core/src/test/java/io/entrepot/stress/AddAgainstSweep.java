package io.entrepot.stress;

import io.entrepot.internal.sync.ReservationWords;
import io.entrepot.sync.Usage;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/** A fence that is added while a sweep takes the touched word down is not overlooked. */
@JCStressTest
@Outcome(id = "false, false", expect = Expect.ACCEPTABLE, desc = "the touched word is up")
@Outcome(expect = Expect.FORBIDDEN, desc = "the touched word says that there is nothing")
@State
public class AddAgainstSweep {
  private final ReservationWords words = Fixtures.reservations(1);

  {
    words.add(0, 1, Usage.READ);
    words.signal(0, 1);
    words.sweep();
    words.touch();
  }

  @Actor
  public void adder(ZZ_Result r) {
    words.add(1, 1, Usage.READ);
    r.r1 = words.isUnused();
  }

  @Actor
  public void sweeper() {
    words.sweep();
  }

  @Arbiter
  public void look(ZZ_Result r) {
    r.r2 = words.isUnused();
  }
}
