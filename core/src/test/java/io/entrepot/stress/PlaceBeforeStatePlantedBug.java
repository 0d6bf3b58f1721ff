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

/** Planted: where a buffer lies is looked at before memory is handed out elsewhere. */
@JCStressTest
@Outcome(id = "true, true", expect = Expect.ACCEPTABLE, desc = "it lies where memory is")
@Outcome(expect = Expect.FORBIDDEN, desc = "a buffer in use lies in memory that is gone")
@State
public class PlaceBeforeStatePlantedBug {
  private final MovingWords words = new MovingWords(Fault.PLACE_FIRST, false, Fixtures.pool());

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
