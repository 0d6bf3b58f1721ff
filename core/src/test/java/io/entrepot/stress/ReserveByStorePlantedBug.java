package io.entrepot.stress;

import io.entrepot.internal.sync.ReservationWords;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** Planted: a slot is claimed by a store in place of a CAS. */
@JCStressTest
@Outcome(id = "7, -1", expect = Expect.ACCEPTABLE, desc = "the first has it")
@Outcome(id = "-1, 7", expect = Expect.ACCEPTABLE, desc = "the second has it")
@Outcome(expect = Expect.FORBIDDEN, desc = "reserved twice, or not at all")
@State
public class ReserveByStorePlantedBug {
  private final ReservationWords words = Fixtures.reservations(0);

  {
    for (int i = 0; i < 7; i++) {
      words.tryReserve();
    }
  }

  @Actor
  public void first(II_Result r) {
    r.r1 = words.tryReserveByStore();
  }

  @Actor
  public void second(II_Result r) {
    r.r2 = words.tryReserveByStore();
  }
}
