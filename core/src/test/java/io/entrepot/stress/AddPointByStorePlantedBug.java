package io.entrepot.stress;

import io.entrepot.sync.Fence;
import io.entrepot.sync.FenceChain;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.J_Result;

/** Planted: a point is added by a store in place of a CAS. */
@JCStressTest
@Outcome(id = "4", expect = Expect.ACCEPTABLE, desc = "both are there")
@Outcome(expect = Expect.FORBIDDEN, desc = "a point is forgotten")
@State
public class AddPointByStorePlantedBug {
  private static final int LINGER_SPINS = 20;

  private volatile FenceChain held = FenceChain.first("chain", 2, Fence.signaled());

  @Actor
  public void addingOne() {
    add();
  }

  @Actor
  public void addingTwo() {
    add();
  }

  private void add() {
    FenceChain longer = held.then(held.point() + 1, Fence.signaled());
    for (int i = 0; i < LINGER_SPINS; i++) {
      Thread.onSpinWait();
    }
    held = longer;
  }

  @Arbiter
  public void look(J_Result r) {
    r.r1 = held.point();
  }
}
