package io.entrepot.model;

import static io.entrepot.model.Model.findsBug;
import static io.entrepot.model.Model.holds;
import static io.entrepot.model.Model.inParallel;
import static io.entrepot.model.Model.require;

import io.entrepot.internal.buffers.PoolWords;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/**
 * Map against reclaim: {@code BufferStates}, {@code Lanes} and {@code Reclaimer.reclaim}, as they
 * are, with the slot stores of {@code LanePort.store} and {@code LanePort.unmapFlyweight}.
 *
 * <p><b>Must not be.</b> A buffer is owned anew, and written, while a mapping slot names it.
 *
 * <p><b>Order.</b> The importer stores its slot (release) before it drops its protection (a
 * volatile CAS of the state word). The reclaimer reads the state first (acquire): reading RETIRED
 * it synchronizes with every drop that led there, for each is a CAS of the same word and reads the
 * one before. So the slot store happens-before the reclaimer's acquire load of the slot, which
 * comes later in its program: it reads that store or a later one, and needs no fence. A slot that
 * reads 0 was cleared by a release after the last access, so what the next owner writes comes after
 * that.
 */
class MapReclaimTest {
  private static final int LANE = 0;

  /** More than elsewhere: what is to be seen takes five switches. */
  private static final int REVIVAL_INTERLEAVINGS = 3_000;

  private static final String REUSED = "reused under a reader";

  @Test
  void noReuseUnderAMapping() {
    holds(() -> mapAgainst(MapReclaimTest::mapThenDrop, PoolWords::reclaim));
  }

  @Test
  void slotsBeforeStatePlantedBugIsFound() {
    findsBug(REUSED, () -> mapAgainst(MapReclaimTest::mapThenDrop, PoolWords::reclaimSlotsFirst));
  }

  @Test
  void dropBeforeSlotPlantedBugIsFound() {
    findsBug(REUSED, () -> mapAgainst(MapReclaimTest::dropThenMapPlantedBug, PoolWords::reclaim));
  }

  @Test
  void oneOfTwoReclaimersFrees() {
    holds(() -> {
      PoolWords pool = PoolWords.onHeap(1, 1);
      publish(pool);
      pool.unhold(0, 1);
      int[] freed = new int[2];
      inParallel(() -> freed[0] = pool.reclaim(), () -> freed[1] = pool.reclaim());
      require(freed[0] + freed[1] == 1, "freed twice, or not at all");
    });
  }

  @Test
  void oneOfTwoPassesTakesWhatItWants() {
    holds(() -> {
      PoolWords pool = PoolWords.onHeap(1, 1);
      publish(pool);
      long[] first = new long[1];
      long[] second = new long[1];
      inParallel(
          () -> pool.takeByPass(pass -> pass.drop(0, 1), first),
          () -> pool.takeByPass(pass -> {}, second));
      require(first[0] == 0 || second[0] == 0, "two owners");
      require(first[0] + second[0] + pool.own(0) != 0, "the buffer is lost");
    });
  }

  @Test
  void noReuseUnderAMappingOfARevivedBuffer() {
    holds(REVIVAL_INTERLEAVINGS, () -> reviveAgainst(PoolWords::reclaim));
  }

  @Test
  void retiredAgainNotNoticedPlantedBugIsFound() {
    findsBug(REVIVAL_INTERLEAVINGS, REUSED, () -> reviveAgainst(PoolWords::reclaimWithoutMark));
  }

  /**
   * A mapped buffer that was RETIRED comes back by {@code BufferStates.holdMapped}, is mapped again
   * under that hold and RETIRED again, all within one pass of the reclaimer: the pass must not take
   * the second RETIRED for the first, for it has looked at the slots in between.
   */
  private static void reviveAgainst(Consumer<PoolWords> reclaimer) {
    PoolWords pool = PoolWords.onHeap(1, 1);
    publish(pool);
    pool.storeSlot(LANE, 0);
    pool.unhold(0, 1);
    inParallel(
        () -> {
          require(pool.holdMapped(0, 1), "a mapped buffer can be held");
          pool.clearSlot(LANE);
          pool.storeSlot(LANE, 0);
          pool.unhold(0, 1);
          read(pool);
          pool.clearSlot(LANE);
        },
        () -> reuse(pool, reclaimer));
  }

  private static void publish(PoolWords pool) {
    long owned = pool.own(0);
    pool.bytes(0, 1);
    pool.publish(0, owned, 1);
  }

  private static void mapAgainst(Consumer<PoolWords> importer, Consumer<PoolWords> reclaimer) {
    PoolWords pool = PoolWords.onHeap(1, 1);
    publish(pool);
    boolean[] reused = new boolean[1];
    inParallel(() -> importer.accept(pool), () -> reused[0] = reuse(pool, reclaimer));
    require(reused[0] || pool.reclaim() + pool.own(0) > 0, "the buffer is lost");
  }

  private static void mapThenDrop(PoolWords pool) {
    pool.storeSlot(LANE, 0);
    pool.unhold(0, 1);
    read(pool);
    pool.clearSlot(LANE);
  }

  /** Planted: the protection is dropped before the slot is stored. */
  private static void dropThenMapPlantedBug(PoolWords pool) {
    pool.unhold(0, 1);
    pool.storeSlot(LANE, 0);
    read(pool);
    pool.clearSlot(LANE);
  }

  private static void read(PoolWords pool) {
    require(pool.bytes(0) == 1, REUSED);
  }

  private static boolean reuse(PoolWords pool, Consumer<PoolWords> reclaimer) {
    reclaimer.accept(pool);
    boolean reused = pool.own(0) != 0;
    if (reused) {
      pool.bytes(0, 2);
    }
    return reused;
  }
}
