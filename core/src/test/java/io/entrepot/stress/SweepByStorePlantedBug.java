package io.entrepot.stress;

import io.entrepot.internal.sync.TimelineWords;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZII_Result;

/** Planted: a sweep clears what it found signaled by a store in place of a CAS. */
@JCStressTest
@Outcome(id = "false, 1, 1", expect = Expect.ACCEPTABLE, desc = "the pending fence is there")
@Outcome(expect = Expect.FORBIDDEN, desc = "a pending fence is lost")
@State
public class SweepByStorePlantedBug {
  private final TimelineWords buffer = Fixtures.fullReservation();

  @Actor
  public void adder() {
    buffer.reserveAndAdd(2);
  }

  @Actor
  public void reclaimer() {
    buffer.sweepByStore();
  }

  @Arbiter
  public void look(ZII_Result r) {
    r.r1 = buffer.sweep();
    r.r2 = buffer.slotsInUse();
    r.r3 = buffer.touched();
  }
}
