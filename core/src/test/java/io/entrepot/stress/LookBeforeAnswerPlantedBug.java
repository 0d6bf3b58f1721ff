package io.entrepot.stress;

import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.Z_Result;

/** Planted: the issuer looks whether its timeline is unsettled before it says that it is done. */
@JCStressTest
@Outcome(id = "true", expect = Expect.ACCEPTABLE, desc = "its work is known to have ended")
@Outcome(expect = Expect.FORBIDDEN, desc = "the issuer's word is lost, and buffers are kept")
@State
public class LookBeforeAnswerPlantedBug {
  private static final int UNSETTLED = 1;
  private static final int SETTLED = 2;

  private final AtomicInteger life = new AtomicInteger();
  private volatile boolean answered;

  @Actor
  public void signaling() {
    if (!life.compareAndSet(UNSETTLED, SETTLED)) {
      answered = true;
    }
  }

  @Actor
  public void ending() {
    life.set(UNSETTLED);
    if (answered) {
      life.set(SETTLED);
    }
  }

  @Arbiter
  public void look(Z_Result r) {
    r.r1 = life.get() == SETTLED;
  }
}
