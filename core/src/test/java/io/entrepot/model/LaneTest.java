package io.entrepot.model;

import static io.entrepot.model.Model.findsBug;
import static io.entrepot.model.Model.holds;
import static io.entrepot.model.Model.inParallel;
import static io.entrepot.model.Model.require;

import io.entrepot.internal.buffers.PoolWords;
import java.util.function.ToLongFunction;
import org.junit.jupiter.api.Test;

/**
 * The end of a port against a forced revocation: {@code Lanes.claim}, {@code free}, {@code alert},
 * {@code isAlerted}, {@code kill} and {@code Reclaimer.reclaim}, as they are, in the order of
 * {@code LanePort.close} and {@code PoolAttachment.revoke}.
 *
 * <p><b>Must not be.</b> A revocation that is meant for the port which had a lane hits the port
 * that has it now: that one would find itself revoked, or its mappings would be out of the
 * reclaimer's sight.
 *
 * <p><b>Order.</b> Nothing rests on it but atomicity: the tenant word has the number of the tenancy
 * in it and is killed by CAS; the attention word names the tenancy that it is for.
 */
class LaneTest {
  private static final int LANE = 0;
  private static final String HIT_ANOTHER = "a revocation hits the next tenant";

  @Test
  void aRevocationLeavesTheNextTenantAlone() {
    holds(() -> revokeAgainst(pool -> 1));
  }

  @Test
  void laneByNumberPlantedBugIsFound() {
    findsBug(HIT_ANOTHER, () -> revokeAgainst(LaneTest::laneByNumberPlantedBug));
  }

  /** Planted: whoever has the lane now is revoked. */
  private static long laneByNumberPlantedBug(PoolWords pool) {
    return pool.tenancy(LANE);
  }

  private static void revokeAgainst(ToLongFunction<PoolWords> revoked) {
    PoolWords pool = PoolWords.onHeap(1, 1);
    pool.publish(0, pool.own(0), 1);
    inParallel(
        () -> {
          pool.freeLane(LANE, 1);
          mapAsTheNextTenant(pool);
        },
        () -> {
          long tenancy = revoked.applyAsLong(pool);
          pool.alert(LANE, tenancy);
          pool.kill(LANE, tenancy);
          pool.reclaim();
          if (pool.own(0) != 0) {
            pool.bytes(0, 2);
          }
        });
  }

  private static void mapAsTheNextTenant(PoolWords pool) {
    int lane = pool.claimLane();
    require(lane == LANE, HIT_ANOTHER);
    pool.storeSlot(lane, 0);
    require(pool.isUndisturbed(lane) || !pool.isAlerted(lane, 2), HIT_ANOTHER);
    pool.unhold(0, 1);
    require(pool.bytes(0) == 0 && pool.bytes(0) == 0, HIT_ANOTHER);
    pool.clearSlot(lane);
  }
}
