package io.entrepot.stress;

import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.IZ_Result;

/** Planted: an array whose members are counted before their errors are noted. */
@JCStressTest
@Outcome(id = "1, true", expect = Expect.ACCEPTABLE, desc = "signaled once, with the error")
@Outcome(expect = Expect.FORBIDDEN, desc = "never signaled, or twice, or without the error")
@State
public class CountBeforeErrorPlantedBug {
  private final AtomicInteger missing = new AtomicInteger(2);
  private final AtomicInteger runs = new AtomicInteger();
  private volatile boolean failed;
  private volatile boolean told;

  @Actor
  public void failing() {
    boolean last = missing.decrementAndGet() == 0;
    failed = true;
    if (last) {
      complete();
    }
  }

  @Actor
  public void succeeding() {
    if (missing.decrementAndGet() == 0) {
      complete();
    }
  }

  private void complete() {
    runs.incrementAndGet();
    told = failed;
  }

  @Arbiter
  public void look(IZ_Result r) {
    r.r1 = runs.get();
    r.r2 = told;
  }
}
