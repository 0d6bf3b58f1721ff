package io.entrepot.model;

import static io.entrepot.model.Model.findsBug;
import static io.entrepot.model.Model.holds;
import static io.entrepot.model.Model.inParallel;
import static io.entrepot.model.Model.require;

import io.entrepot.internal.buffers.OwnedBuffer;
import io.entrepot.internal.buffers.PoolWords;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

/**
 * Kept buffers: {@code OwnedBuffer} and {@code Reclaimer.recall} as they are.
 *
 * <p><b>Must not be.</b> A buffer has two owners; a buffer is lost, which is to say that when all
 * have given back what they had nobody can take it; a lane that was alerted keeps a buffer.
 *
 * <p><b>Order.</b> Taking and giving back are Dekker hand-shakes with the recall, as in {@link
 * MapRevokeTest}. In the checker's sequentially consistent world the recall's barrier does nothing
 * and is left out; {@code io.entrepot.stress.TakeAgainstRecall} shows what it is there for.
 */
class KeptBufferTest {
  private static final int INTERLEAVINGS = 1_000;
  private static final int KEEPER = 0;
  private static final int OTHER = 1;
  private static final long TENANCY = 1;
  private static final String TWO_OWNERS = "two owners";
  private static final String LOST = "the buffer is lost";
  private static final String KEPT = "an alerted lane keeps a buffer";

  @Test
  void aKeptBufferHasOneOwner() {
    holds(
        INTERLEAVINGS,
        () -> {
          PoolWords pool = PoolWords.onHeap(1, 2);
          OwnedBuffer keeper = pool.keeper(KEEPER, 0);
          takeAgainstRecall(pool, () -> keeper.takeKept() || keeper.takeFree(0), keeper::give);
        });
  }

  @Test
  void lookBeforeStorePlantedBugIsFound() {
    findsBug(
        INTERLEAVINGS,
        TWO_OWNERS,
        () -> {
          PoolWords pool = PoolWords.onHeap(1, 2);
          pool.keeper(KEEPER, 0);
          takeAgainstRecall(
              pool, () -> pool.takeKeptLookingFirst(KEEPER, 0), () -> pool.giveWithoutLook(KEEPER));
        });
  }

  private static void takeAgainstRecall(PoolWords pool, BooleanSupplier take, Runnable give) {
    OwnedBuffer other = pool.owner(OTHER);
    inParallel(
        () -> {
          for (int turn = 0; turn < 2; turn++) {
            use(pool, take, give, 1);
          }
        },
        () -> use(pool, () -> pool.recall() > 0 && other.takeFree(0), other::give, 2));
    requireNotLost(pool);
  }

  private static void use(PoolWords pool, BooleanSupplier take, Runnable give, long mark) {
    if (take.getAsBoolean()) {
      pool.bytes(0, mark);
      require(pool.bytes(0) == mark, TWO_OWNERS);
      give.run();
    }
  }

  private static void requireNotLost(PoolWords pool) {
    pool.recall();
    pool.reclaim();
    require(pool.own(0) != 0, LOST);
  }

  /**
   * A recaller that was stopped between its look and its CAS must not act on a later use. That
   * takes more switches than are tried here: see {@code StoppedThreadTest}, where it is led there.
   */
  @Test
  void aRecallThatComesLateChangesNothing() {
    holds(
        INTERLEAVINGS,
        () -> {
          PoolWords pool = PoolWords.onHeap(1, 2);
          OwnedBuffer keeper = pool.keeper(KEEPER, 0);
          OwnedBuffer other = pool.owner(OTHER);
          keeper.takeKept();
          inParallel(
              () -> {
                keeper.give();
                use(pool, () -> keeper.takeKept() || keeper.takeFree(0), keeper::give, 1);
              },
              pool::recall,
              () -> {
                pool.recall();
                use(pool, () -> pool.recall() > 0 && other.takeFree(0), other::give, 2);
              });
          requireNotLost(pool);
        });
  }

  @Test
  void whatIsGivenBackIsNotLost() {
    holds(
        INTERLEAVINGS,
        () -> {
          PoolWords pool = PoolWords.onHeap(1, 2);
          OwnedBuffer keeper = pool.keeper(KEEPER, 0);
          keeper.takeKept();
          inParallel(keeper::give, pool::recall, pool::recall);
          requireNotLost(pool);
        });
  }

  @Test
  void giveWithoutLookPlantedBugIsFound() {
    findsBug(
        INTERLEAVINGS,
        LOST,
        () -> {
          PoolWords pool = PoolWords.onHeap(1, 2);
          OwnedBuffer keeper = pool.keeper(KEEPER, 0);
          keeper.takeKept();
          inParallel(() -> pool.giveWithoutLook(KEEPER), pool::recall);
          requireNotLost(pool);
        });
  }

  @Test
  void whatIsPublishedDuringARecallIsPublishedOnce() {
    holds(
        INTERLEAVINGS,
        () -> {
          PoolWords pool = PoolWords.onHeap(1, 2);
          OwnedBuffer keeper = pool.keeper(KEEPER, 0);
          inParallel(
              () -> {
                if (keeper.takeKept() || keeper.takeFree(0)) {
                  keeper.publish(1);
                  require(pool.isLive(0, keeper.generation()), TWO_OWNERS);
                  require(pool.unhold(0, keeper.generation()), TWO_OWNERS);
                }
              },
              () -> {
                pool.recall();
                pool.reclaim();
              });
          requireNotLost(pool);
        });
  }

  @Test
  void whatIsUnmappedDuringARecallIsStillOwned() {
    holds(
        INTERLEAVINGS,
        () -> {
          PoolWords pool = PoolWords.onHeap(1, 2);
          OwnedBuffer keeper = pool.keeper(KEEPER, 0);
          OwnedBuffer other = pool.owner(OTHER);
          keeper.takeKept();
          inParallel(
              () -> {
                keeper.unmap();
                pool.bytes(0, 1);
                require(pool.bytes(0) == 1, TWO_OWNERS);
                keeper.give();
              },
              () -> use(pool, () -> pool.recall() > 0 && other.takeFree(0), other::give, 2));
          requireNotLost(pool);
        });
  }

  @Test
  void anAlertedLaneKeepsNothing() {
    holds(INTERLEAVINGS, () -> keepAgainstAlert(false));
  }

  @Test
  void keepWithoutLookPlantedBugIsFound() {
    findsBug(INTERLEAVINGS, KEPT, () -> keepAgainstAlert(true));
  }

  private static void keepAgainstAlert(boolean planted) {
    PoolWords pool = PoolWords.onHeap(1, 2);
    OwnedBuffer keeper = pool.owner(KEEPER);
    keeper.takeFree(0);
    inParallel(
        () -> {
          if (planted) {
            pool.keepWithoutLook(KEEPER, 0);
          } else {
            keeper.give();
          }
        },
        () -> {
          pool.alert(KEEPER, TENANCY);
          pool.recall();
        });
    require(!pool.isKept(0), KEPT);
    requireNotLost(pool);
  }
}
