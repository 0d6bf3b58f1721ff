package io.entrepot.model;

import static io.entrepot.model.Model.findsBug;
import static io.entrepot.model.Model.holds;
import static io.entrepot.model.Model.inParallel;
import static io.entrepot.model.Model.require;

import io.entrepot.internal.buffers.PoolWords;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/**
 * Writing in place against readers: {@code InPlaceWriters.begin}, {@code isUsedByOthers} and {@code
 * end} against {@code LanePort.store}, {@code admit} and {@code attend}, over the real {@code
 * Lanes}.
 *
 * <p><b>Must not be.</b> A reader has the buffer mapped while the writer writes, there are two
 * writers, or everybody waits.
 *
 * <p><b>Order.</b> As map against revoke, with the pool's attention word in the lane's place: the
 * writer CASes its word, then adds to the attention word, then runs {@code Barrier.heavy()}, then
 * looks at the slots. A reader who sees attention pays for a full fence between its slot and its
 * look at the writer word. What the writer wrote is released by the store of 0 into the writer word
 * and seen by the volatile load of {@code hasOther}; what a reader read comes before its release of
 * the slot, which the writer's look acquires.
 */
class InPlaceTest {
  private static final int READER = 0;
  private static final int WRITER = 1;
  private static final String TORN = "written under a reader";
  private static final String TWO_WRITERS = "two writers";
  private static final String STALE = "mapped after the reference was closed";

  @Test
  void readersDefer() {
    holds(() -> readAgainst(InPlaceTest::write));
  }

  @Test
  void lookAtSlotsFirstPlantedBugIsFound() {
    findsBug(TORN, () -> readAgainst(InPlaceTest::lookAtSlotsFirstPlantedBug));
  }

  @Test
  void thereIsOneWriter() {
    holds(() -> twoWriters((pool, lane) -> pool.beginInPlace(0, lane)));
  }

  @Test
  void lookForWriterFirstPlantedBugIsFound() {
    findsBug(TWO_WRITERS, () -> twoWriters(InPlaceTest::lookForWriterFirstPlantedBug));
  }

  /** {@code LanePort.mapReference}: a reference that is closed while its map waits for a writer. */
  @Test
  void aMapThatWaitedForAWriterLooksAtItsReferenceAgain() {
    holds(() -> closeAgainst(InPlaceTest::mapReference));
  }

  @Test
  void referenceNotLookedAtAgainPlantedBugIsFound() {
    findsBug(STALE, () -> closeAgainst(InPlaceTest::referenceNotLookedAtAgainPlantedBug));
  }

  /** {@code InPlaceWriters.begin} against {@code ExporterWords.awaitQuiet} under a hold. */
  @Test
  void aHoldElsewhereAndAWriterDoNotWaitForEachOther() {
    holds(() -> holdAgainst(InPlaceTest::writeBehindHolds));
  }

  @Test
  void writerThatWaitsForHoldsUnderItsWordPlantedBugIsFound() {
    findsBug("has hung", () -> holdAgainst(InPlaceTest::waitUnderWordPlantedBug));
  }

  @Test
  void holdsLookedAtBeforeTheWordAlonePlantedBugIsFound() {
    findsBug(TORN, () -> holdAgainst(InPlaceTest::lookAtHoldsFirstPlantedBug));
  }

  private static PoolWords published() {
    PoolWords pool = PoolWords.onHeap(1, 2);
    pool.publish(0, pool.own(0), 1);
    return pool;
  }

  // ---------------------------------------------------------------- reader and writer

  private static void readAgainst(Consumer<PoolWords> writer) {
    PoolWords pool = published();
    inParallel(
        () -> {
          pool.mapDeferring(READER, 0);
          long first = pool.bytes(0);
          require(first != 1 && first == pool.bytes(0), TORN);
          pool.clearSlot(READER);
        },
        () -> writer.accept(pool));
    require(pool.bytes(0) == 2, "nothing was written");
  }

  private static void write(PoolWords pool) {
    if (pool.beginInPlace(0, WRITER)) {
      while (pool.isMappedByOthers(0, WRITER)) {
        Thread.onSpinWait();
      }
      writeBytes(pool);
      pool.endInPlace(0);
    }
  }

  /** Planted: the writer looks at the readers' slots before it keeps new ones out. */
  private static void lookAtSlotsFirstPlantedBug(PoolWords pool) {
    while (pool.isMappedByOthers(0, WRITER)) {
      Thread.onSpinWait();
    }
    if (pool.beginInPlace(0, WRITER)) {
      writeBytes(pool);
      pool.endInPlace(0);
    }
  }

  /** Two writes, 1 between them: a reader must see neither the 1 nor the change. */
  private static void writeBytes(PoolWords pool) {
    pool.bytes(0, 1);
    pool.bytes(0, 2);
  }

  // ---------------------------------------------------------------- hold elsewhere and writer

  private static void holdAgainst(Consumer<PoolWords> writer) {
    PoolWords pool = published().withPeer();
    inParallel(
        () -> {
          pool.holdElsewhere(0);
          while (pool.hasOtherWriter(0, -1)) {
            Thread.onSpinWait();
          }
          long first = pool.bytes(0);
          require(first != 1 && first == pool.bytes(0), TORN);
          pool.dropElsewhere(0);
        },
        () -> writer.accept(pool));
    require(pool.bytes(0) == 2, "nothing was written");
    require(!pool.hasOtherWriter(0, -1), "a writer is left behind");
  }

  private static void writeBehindHolds(PoolWords pool) {
    while (true) {
      while (pool.isHeldElsewhere(0)) {
        Thread.onSpinWait();
      }
      require(pool.beginInPlace(0, WRITER), "the only writer");
      if (!pool.isHeldElsewhere(0)) {
        writeBytes(pool);
        pool.endInPlace(0);
        return;
      }
      pool.endInPlace(0);
    }
  }

  /** Planted: the writer waits for holds while it keeps readers out. */
  private static void waitUnderWordPlantedBug(PoolWords pool) {
    pool.beginInPlace(0, WRITER);
    while (pool.isHeldElsewhere(0)) {
      Thread.onSpinWait();
    }
    writeBytes(pool);
    pool.endInPlace(0);
  }

  /** Planted: the writer does not look at holds behind its word. */
  private static void lookAtHoldsFirstPlantedBug(PoolWords pool) {
    while (pool.isHeldElsewhere(0)) {
      Thread.onSpinWait();
    }
    pool.beginInPlace(0, WRITER);
    writeBytes(pool);
    pool.endInPlace(0);
  }

  // ---------------------------------------------------------------- two writers

  private static void twoWriters(TwoWriters begin) {
    PoolWords pool = published();
    inParallel(() -> writeAlone(pool, begin, 0), () -> writeAlone(pool, begin, 1));
    require(!pool.hasOtherWriter(0, -1) && pool.isUndisturbed(0), "a writer is left behind");
  }

  private static void writeAlone(PoolWords pool, TwoWriters begin, int lane) {
    if (begin.begin(pool, lane)) {
      pool.bytes(0, lane);
      require(pool.bytes(0) == lane, TWO_WRITERS);
      pool.endInPlace(0);
    }
  }

  /** A writer's way in; whether it is the one. */
  private interface TwoWriters {
    boolean begin(PoolWords pool, int lane);
  }

  /**
   * Planted: the writer looks whether there is another before its CAS, and does not heed the CAS.
   */
  private static boolean lookForWriterFirstPlantedBug(PoolWords pool, int lane) {
    if (pool.hasOtherWriter(0, lane)) {
      return false;
    }
    pool.beginInPlace(0, lane);
    return true;
  }

  // ---------------------------------------------------------------- reference and writer

  /** A map of a reference; whether it was there. */
  private interface ReferenceMap {
    boolean map(PoolWords pool, AtomicBoolean dropped);
  }

  private static void closeAgainst(ReferenceMap reader) {
    PoolWords pool = published();
    AtomicBoolean dropped = new AtomicBoolean();
    require(pool.beginInPlace(0, WRITER), "the only writer");
    inParallel(
        () -> {
          if (reader.map(pool, dropped)) {
            require(pool.bytes(0) == 0 && pool.bytes(0) == 0, STALE);
          }
          pool.clearSlot(READER);
        },
        () -> {
          pool.endInPlace(0);
          dropped.set(true);
          pool.unhold(0, 1);
          pool.reclaim();
          if (pool.own(0) != 0) {
            pool.bytes(0, 2);
          }
        });
  }

  private static boolean mapReference(PoolWords pool, AtomicBoolean dropped) {
    return referenceNotLookedAtAgainPlantedBug(pool, dropped) && isCurrent(pool, dropped);
  }

  /** Planted: the reference is looked at before the slot is taken back and stored again, only. */
  private static boolean referenceNotLookedAtAgainPlantedBug(
      PoolWords pool, AtomicBoolean dropped) {
    pool.storeSlot(READER, 0);
    if (!isCurrent(pool, dropped)) {
      return false;
    }
    pool.attend(READER, 0);
    return true;
  }

  /** {@code LanePort.checkCurrent}. */
  private static boolean isCurrent(PoolWords pool, AtomicBoolean dropped) {
    return !dropped.get() && pool.isLive(0, 1);
  }
}
