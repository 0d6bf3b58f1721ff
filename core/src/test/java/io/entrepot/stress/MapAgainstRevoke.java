package io.entrepot.stress;

import io.entrepot.internal.buffers.PoolWords;
import io.entrepot.internal.memory.Barrier;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZI_Result;

/**
 * A map is seen by {@code PoolAttachment.revoke} or finds itself revoked: {@code LanePort.store}
 * and {@code LanePort.admit} have no fence between them, the revoker's {@link Barrier#heavy()} pays
 * for both.
 */
@JCStressTest
@Outcome(id = "true, 1", expect = Expect.ACCEPTABLE, desc = "mapped, and counted")
@Outcome(id = "false, 1", expect = Expect.ACCEPTABLE, desc = "refused, and counted")
@Outcome(id = "false, 0", expect = Expect.ACCEPTABLE, desc = "refused")
@Outcome(id = "true, 0", expect = Expect.FORBIDDEN, desc = "both missed each other")
@State
public class MapAgainstRevoke {
  private final PoolWords pool = Fixtures.pool();

  @Actor
  public void importer(ZI_Result r) {
    pool.storeSlot(0, 0);
    r.r1 = pool.isUndisturbed(0);
  }

  @Actor
  public void revoker(ZI_Result r) {
    pool.alert(0, 1);
    Barrier.heavy();
    r.r2 = pool.mappings(0);
  }
}
