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

/**
 * A snapshot during {@code ReservationSlots.add} has the earlier fence of the timeline or the
 * later.
 */
@JCStressTest
@Outcome(id = "1, 2", expect = Expect.ACCEPTABLE, desc = "the earlier")
@Outcome(id = "2, 2", expect = Expect.ACCEPTABLE, desc = "the later")
@Outcome(expect = Expect.FORBIDDEN, desc = "a pending fence is missed")
@State
public class AddAgainstSnapshot {
  private final ReservationWords words = Fixtures.reservations(2);

  {
    words.add(0, 1, Usage.READ);
  }

  @Actor
  public void adder() {
    words.add(0, 2, Usage.READ);
  }

  @Actor
  public void reader(JJ_Result r) {
    r.r1 = words.latest(0, Usage.READ);
  }

  @Arbiter
  public void look(JJ_Result r) {
    r.r2 = words.latest(0, Usage.READ);
  }
}
