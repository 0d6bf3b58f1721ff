package io.entrepot.stress;

import io.entrepot.internal.buffers.PoolWords;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.Z_Result;

/**
 * A use of another process that goes from its mapping to its hold is seen all the time: {@code
 * OtherUses.areOver} by {@code PeerWords.isUsing} against {@code PoolCore.adopt} and the end of the
 * mapping.
 *
 * <p>The hold is there (CAS) before the slot is emptied by a release, and the slots are read before
 * the holds, each by an acquire: who sees the slot empty sees the hold, on weaker processors too.
 */
@JCStressTest
@Outcome(id = "false", expect = Expect.ACCEPTABLE, desc = "in use all the time")
@Outcome(expect = Expect.FORBIDDEN, desc = "exclusive, and used by another")
@State
public class ExclusiveAgainstHoldElsewhere {
  private final PoolWords pool = Fixtures.importedBuffer();

  {
    pool.storeSlotElsewhere(0);
    pool.unhold(0, 1);
  }

  @Actor
  public void importer() {
    pool.linger();
    pool.holdElsewhere(0);
    pool.clearSlotElsewhere();
  }

  @Actor
  public void owner(Z_Result r) {
    r.r1 = pool.isExclusive(0);
  }
}
