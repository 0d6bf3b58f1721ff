package io.entrepot.stress;

import io.entrepot.internal.buffers.PoolWords;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.JJ_Result;

/**
 * Who is told that nobody else uses a buffer may write to it: {@code OtherUses.areOver} against a
 * use that goes from the hold of a queue to a mapping.
 *
 * <p>A slot is stored before the hold is dropped, each by a release, and the holds are read before
 * the slots, each by an acquire: who does not see the hold sees the slot, on weaker processors too.
 * What a reader read comes before its release of the slot.
 */
@JCStressTest
@Outcome(id = "1, 1", expect = Expect.ACCEPTABLE, desc = "the bytes that were mapped")
@Outcome(expect = Expect.FORBIDDEN, desc = "written under a reader")
@State
public class ExclusiveAgainstMap {
  private final PoolWords pool = Fixtures.ownersBuffer();

  @Actor
  public void reader(JJ_Result r) {
    pool.storeSlot(0, 0);
    pool.unhold(0, 1);
    r.r1 = pool.bytes(0);
    pool.linger();
    r.r2 = pool.bytes(0);
    pool.clearSlot(0);
  }

  @Actor
  public void owner() {
    if (pool.isExclusive(0)) {
      pool.bytes(0, 2);
    }
  }
}
