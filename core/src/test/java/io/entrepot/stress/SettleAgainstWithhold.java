package io.entrepot.stress;

import io.entrepot.internal.buffers.MovingWords;
import io.entrepot.internal.buffers.MovingWords.Fault;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/**
 * What is acquired when memory is withheld already is not handed out there: {@code
 * PoolMemories.settle} against {@code Replacements.expose} and {@code FarWriter.withhold}.
 *
 * <p>An acquirer whose buffer was still free behind the heavy barrier makes its CAS behind it, and
 * its look where buffers are handed out comes behind that.
 */
@JCStressTest
@Outcome(id = "true, false", expect = Expect.ACCEPTABLE, desc = "acquired before")
@Outcome(id = "false, .*", expect = Expect.ACCEPTABLE, desc = "not handed out")
@Outcome(
    id = "true, true",
    expect = Expect.FORBIDDEN,
    desc = "handed out in memory that a process sees which was cut off")
@State
public class SettleAgainstWithhold {
  private final MovingWords words = new MovingWords(Fault.NONE, false, Fixtures.pool());

  @Actor
  public void acquirer(ZZ_Result r) {
    r.r1 = words.isHandedOut();
  }

  @Actor
  public void replacer(ZZ_Result r) {
    r.r2 = words.withhold();
  }
}
