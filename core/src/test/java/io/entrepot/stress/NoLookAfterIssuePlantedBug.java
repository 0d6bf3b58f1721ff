package io.entrepot.stress;

import java.util.concurrent.atomic.AtomicLong;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/** Planted: an issue that looks whether its timeline has ended before it adds, and not after. */
@JCStressTest
@Outcome(id = "true, true", expect = Expect.ACCEPTABLE, desc = "each knows its own points")
@Outcome(expect = Expect.FORBIDDEN, desc = "a point that nobody or the wrong one signals")
@State
public class NoLookAfterIssuePlantedBug {
  private final AtomicLong issuedWord = new AtomicLong(1);
  private final AtomicLong signaledWord = new AtomicLong();
  private volatile boolean ended;
  private long issued = 1;
  private long next;

  @Actor
  public void issuing() {
    if (!ended) {
      issued = issuedWord.incrementAndGet();
    }
  }

  @Actor
  public void succeeding() {
    ended = true;
    signaledWord.set(issuedWord.get());
    next = issuedWord.incrementAndGet();
  }

  @Arbiter
  public void look(ZZ_Result r) {
    r.r1 = signaledWord.get() >= issued;
    r.r2 = signaledWord.get() < next;
  }
}
