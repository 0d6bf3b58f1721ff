package io.entrepot.stress;

import io.entrepot.internal.flow.RingWords;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.J_Result;

/** Planted: the stamp of an entry is published before the entry. */
@JCStressTest
@Outcome(id = "-1", expect = Expect.ACCEPTABLE, desc = "no frame")
@Outcome(id = "1", expect = Expect.ACCEPTABLE, desc = "the frame, whole")
@Outcome(expect = Expect.FORBIDDEN, desc = "other bytes than the frame's")
@State
public class StampBeforeEntryPlantedBug {
  private final RingWords feed = Fixtures.emptyFeed();

  @Actor
  public void writer() {
    feed.publishStampBeforeEntry(1);
  }

  @Actor
  public void reader(J_Result r) {
    r.r1 = feed.take(0);
  }
}
