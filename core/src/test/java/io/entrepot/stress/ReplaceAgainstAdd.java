package io.entrepot.stress;

import io.entrepot.internal.sync.ReservationWords;
import io.entrepot.sync.Usage;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.J_Result;

/** {@code ReservationSlots.replace} takes away no fence of another that took the slot meanwhile. */
@JCStressTest
@Outcome(id = "2", expect = Expect.ACCEPTABLE, desc = "the added fence is there")
@Outcome(expect = Expect.FORBIDDEN, desc = "a pending fence is lost")
@State
public class ReplaceAgainstAdd {
  private final ReservationWords words = Fixtures.reservations(2);

  {
    words.add(0, 1, Usage.READ);
  }

  @Actor
  public void replacer() {
    words.replace(0, 1, 1, Usage.BOOKKEEP);
  }

  @Actor
  public void adder() {
    words.signal(0, 1);
    words.add(1, 2, Usage.WRITE);
  }

  @Arbiter
  public void look(J_Result r) {
    r.r1 = words.latest(1, Usage.WRITE);
  }
}
