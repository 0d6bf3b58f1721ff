package io.entrepot.stress;

import io.entrepot.internal.flow.Looking;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZII_Result;

/** The memory of a ring that was left is unmapped, and nobody else touches it after that. */
@JCStressTest
@Outcome(id = "true, 0, 1", expect = Expect.FORBIDDEN, desc = "unmapped, then touched")
@Outcome(expect = Expect.ACCEPTABLE, desc = "kept for who is at it, or not found")
@State
public class UnmapAgainstOtherLook {
  private final Looking feed = new Looking();

  @Actor
  public void looker() {
    feed.otherLooks();
  }

  @Actor
  public void leaver(ZII_Result r) {
    r.r1 = feed.leave();
    r.r2 = feed.touched();
  }

  @Arbiter
  public void after(ZII_Result r) {
    r.r3 = feed.touched();
  }
}
