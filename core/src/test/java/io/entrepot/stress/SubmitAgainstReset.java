package io.entrepot.stress;

import io.entrepot.internal.sync.OwnFence;
import io.entrepot.internal.sync.SyncSlot;
import io.entrepot.sync.Fence;
import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** A waiter that has joined gets what is put in, though it is taken out at once. */
@JCStressTest
@Outcome(id = "1, 0", expect = Expect.ACCEPTABLE, desc = "told, once")
@Outcome(expect = Expect.FORBIDDEN, desc = "missed, or told twice, or still waiting")
@State
public class SubmitAgainstReset {
  private final Fence fence = new OwnFence().fence();
  private final SyncSlot object = new SyncSlot("object");
  private final AtomicInteger told = new AtomicInteger();

  public SubmitAgainstReset() {
    object.onSubmit(0, submitted -> told.addAndGet(submitted == fence ? 1 : 100));
  }

  @Actor
  public void submitting() {
    object.replace(fence);
  }

  @Actor
  public void resetting() {
    object.reset();
  }

  @Arbiter
  public void look(II_Result r) {
    r.r1 = told.get();
    r.r2 = object.waiting();
  }
}
