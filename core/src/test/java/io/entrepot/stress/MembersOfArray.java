package io.entrepot.stress;

import io.entrepot.internal.sync.OwnFence;
import io.entrepot.sync.FenceArray;
import io.entrepot.sync.FenceError;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.IZ_Result;

/** The last member signals an array, with the error of the other: {@code ArrayOfFences}. */
@JCStressTest
@Outcome(id = "1, true", expect = Expect.ACCEPTABLE, desc = "signaled once, with the error")
@Outcome(expect = Expect.FORBIDDEN, desc = "never signaled, or twice, or without the error")
@State
public class MembersOfArray {
  private final OwnFence one = new OwnFence();
  private final OwnFence two = new OwnFence();
  private final FenceArray array = FenceArray.of("array", List.of(one.fence(), two.fence()));
  private final AtomicInteger runs = new AtomicInteger();

  public MembersOfArray() {
    array.onSignal(runs::incrementAndGet);
  }

  @Actor
  public void failing() {
    one.signal(FenceError.failed("disk"));
  }

  @Actor
  public void succeeding() {
    two.signal();
  }

  @Arbiter
  public void look(IZ_Result r) {
    r.r1 = runs.get();
    r.r2 = array.error().isPresent();
  }
}
