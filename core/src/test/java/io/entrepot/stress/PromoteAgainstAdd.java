package io.entrepot.stress;

import io.entrepot.internal.sync.ReservationWords;
import io.entrepot.sync.Usage;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.JJ_Result;

/** {@code ReservationSlots.promote} and a later fence that takes over the slot are both seen. */
@JCStressTest
@Outcome(id = "1, 2", expect = Expect.ACCEPTABLE, desc = "promoted, and the later beside it")
@Outcome(id = "2, 2", expect = Expect.ACCEPTABLE, desc = "the later, promoted")
@Outcome(expect = Expect.FORBIDDEN, desc = "a promotion or a pending fence is lost")
@State
public class PromoteAgainstAdd {
  private final ReservationWords words = Fixtures.reservations(2);

  {
    words.add(0, 1, Usage.BOOKKEEP);
  }

  @Actor
  public void promoter() {
    words.promote(0, 1, Usage.WRITE);
  }

  @Actor
  public void adder() {
    words.add(0, 2, Usage.BOOKKEEP);
  }

  @Arbiter
  public void look(JJ_Result r) {
    r.r1 = words.latest(0, Usage.WRITE);
    r.r2 = words.latest(0, Usage.BOOKKEEP);
  }
}
