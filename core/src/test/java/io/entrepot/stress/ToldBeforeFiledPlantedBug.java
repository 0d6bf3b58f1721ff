package io.entrepot.stress;

import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

/** Planted: a callback is told to be filed before it is among those that are. */
@JCStressTest
@Outcome(id = "1", expect = Expect.ACCEPTABLE, desc = "run once")
@Outcome(expect = Expect.FORBIDDEN, desc = "never run, or run twice")
@State
public class ToldBeforeFiledPlantedBug {
  private final AtomicInteger runs = new AtomicInteger();
  private final ToldBeforeFiled callbacks = new ToldBeforeFiled(runs::incrementAndGet);

  @Actor
  public void filer() {
    callbacks.signal(1);
  }

  @Actor
  public void signaler() {
    callbacks.signal(2);
  }

  @Arbiter
  public void count(I_Result r) {
    r.r1 = runs.get();
  }
}
