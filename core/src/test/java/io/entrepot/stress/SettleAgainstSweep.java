package io.entrepot.stress;

import io.entrepot.internal.buffers.MovingWords;
import io.entrepot.internal.buffers.MovingWords.Fault;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/**
 * No memory goes in which an acquired buffer lies, or is about to: {@code PoolMemories.settle}
 * against {@code PoolMemories.sweep} as {@code Replacements} calls it.
 *
 * <p>An acquirer that has looked where buffers are handed out before that changed has its buffer
 * OWNED (CAS) before the sweep looks, which the heavy barrier between sees to on weaker processors;
 * then all memories stay. Behind that its state is released after its place, and the sweep acquires
 * the state before it reads the place.
 */
@JCStressTest
@Outcome(id = "true, true", expect = Expect.ACCEPTABLE, desc = "it lies where memory is")
@Outcome(expect = Expect.FORBIDDEN, desc = "a buffer in use lies in memory that is gone")
@State
public class SettleAgainstSweep {
  private final MovingWords words = new MovingWords(Fault.NONE, false, Fixtures.pool());

  @Actor
  public void acquirer(ZZ_Result r) {
    r.r1 = words.use();
  }

  @Actor
  public void replacer() {
    words.replace();
  }

  @Arbiter
  public void look(ZZ_Result r) {
    r.r2 = words.isThere();
  }
}
