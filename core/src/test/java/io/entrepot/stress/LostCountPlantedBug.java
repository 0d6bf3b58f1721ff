package io.entrepot.stress;

import static io.entrepot.stress.OffHeapWords.WORD;

import java.lang.foreign.MemorySegment;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.J_Result;

/** Planted: a read and a write in place of an atomic increment lose a count. */
@JCStressTest
@Outcome(id = "2", expect = Expect.ACCEPTABLE, desc = "both counted")
@Outcome(id = "1", expect = Expect.FORBIDDEN, desc = "a count is lost")
@State
public class LostCountPlantedBug {
  private final MemorySegment words = OffHeapWords.sixteen();

  @Actor
  public void one() {
    countWithoutAtomicity();
  }

  @Actor
  public void other() {
    countWithoutAtomicity();
  }

  @Arbiter
  public void count(J_Result r) {
    r.r1 = (long) WORD.getVolatile(words, 0L);
  }

  private void countWithoutAtomicity() {
    WORD.setVolatile(words, 0L, (long) WORD.getVolatile(words, 0L) + 1);
  }
}
