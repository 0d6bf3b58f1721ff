package io.entrepot.stress;

import io.entrepot.internal.sync.OwnFence;
import io.entrepot.internal.sync.SyncSlot;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZZ_Result;

/** Points that two threads add to a sync object are both waited for. */
@JCStressTest
@Outcome(id = "false, false, true", expect = Expect.ACCEPTABLE, desc = "signaled with the last")
@Outcome(expect = Expect.FORBIDDEN, desc = "a point is forgotten")
@State
public class AddPointAgainstAddPoint {
  private final SyncSlot object = new SyncSlot("object");
  private final OwnFence one = new OwnFence();
  private final OwnFence two = new OwnFence();

  @Actor
  public void addingOne() {
    object.add(1, one.fence());
  }

  @Actor
  public void addingTwo() {
    object.add(2, two.fence());
  }

  @Arbiter
  public void look(ZZZ_Result r) {
    r.r1 = isSignaled();
    one.signal();
    r.r2 = isSignaled();
    two.signal();
    r.r3 = isSignaled();
  }

  private boolean isSignaled() {
    return object.fence(0).orElseThrow().isSignaled();
  }
}
