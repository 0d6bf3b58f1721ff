package io.entrepot.stress;

import io.entrepot.internal.memory.Words;
import java.util.concurrent.TimeUnit;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.Z_Result;

/** Planted: a waiter arms and parks without a second look at its condition, and without slices. */
@JCStressTest
@Outcome(id = "true", expect = Expect.ACCEPTABLE, desc = "awake")
@Outcome(expect = Expect.FORBIDDEN, desc = "slept through its wake-up")
@State
public class ArmWithoutSecondLookPlantedBug {
  private static final long CONDITION_OFFSET = 0;
  private static final long ARMED_OFFSET = 8;
  private static final long LIMIT_NS = TimeUnit.MILLISECONDS.toNanos(2);

  private final Words words = Fixtures.words();
  private final NoSecondLookList list = new NoSecondLookList(words, words.base() + ARMED_OFFSET);

  @Actor
  public void waiter(Z_Result r) {
    r.r1 = list.await(() -> words.getAcquire(words.base() + CONDITION_OFFSET) != 0, LIMIT_NS);
  }

  @Actor
  public void waker() {
    words.setRelease(words.base() + CONDITION_OFFSET, 1);
    list.signal();
  }
}
