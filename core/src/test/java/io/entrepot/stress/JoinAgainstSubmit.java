package io.entrepot.stress;

import io.entrepot.internal.sync.OwnFence;
import io.entrepot.internal.sync.SyncSlot;
import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZI_Result;

/** Who begins to wait while a fence is put in is told of it, or sees it. */
@JCStressTest
@Outcome(id = "true, 1", expect = Expect.ACCEPTABLE, desc = "told, once")
@Outcome(id = "false, 0", expect = Expect.ACCEPTABLE, desc = "it was there")
@Outcome(expect = Expect.FORBIDDEN, desc = "missed, or told twice")
@State
public class JoinAgainstSubmit {
  private final SyncSlot object = new SyncSlot("object");
  private final OwnFence own = new OwnFence();
  private final AtomicInteger told = new AtomicInteger();
  private boolean added;

  @Actor
  public void joining() {
    added = object.onSubmit(2, fence -> told.incrementAndGet()) != null;
  }

  @Actor
  public void submitting() {
    object.add(1, own.fence());
    object.add(2, own.fence());
  }

  @Arbiter
  public void look(ZI_Result r) {
    r.r1 = added;
    r.r2 = told.get();
  }
}
