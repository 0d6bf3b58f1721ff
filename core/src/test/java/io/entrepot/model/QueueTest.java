package io.entrepot.model;

import static io.entrepot.model.Model.findsBug;
import static io.entrepot.model.Model.holds;
import static io.entrepot.model.Model.inParallel;
import static io.entrepot.model.Model.require;

import io.entrepot.internal.flow.RingWords;
import io.entrepot.internal.flow.RingWords.Fault;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;
import org.junit.jupiter.api.Test;

/**
 * Publish, next and drop: {@code ReaderRing}, {@code BufferStates}, {@code Lanes} and {@code
 * Reclaimer}, as they are, called in the order of {@code RingWriter.publish}, {@code
 * RingPort.takeView}, {@code RingPort.takeHold} and {@code RingBroadcast.retirePassed}.
 *
 * <p><b>Must not be.</b> A reader sees other bytes than those of the frame that it took, takes a
 * frame twice or before it is complete, or a frame is neither taken, dropped nor there.
 *
 * <p><b>Order.</b> An entry is released by the store of its stamp and acquired by its load. The
 * slot is stored before the claim, a volatile CAS of the cursor, and whoever retires the entry by
 * the cursor has read that CAS: slot store happens-before its look at the slots, by way of the hold
 * that it drops. Who retires by the floor has read the floor first and the cursor after it, a
 * reader CASes the cursor and then reads the floor. All four are volatile, so in their one total
 * order a reader that still finds the old floor has claimed before the retirer looks at the cursor.
 *
 * <p>A closed ring is retired up to its head whatever the cursor says. There the total order has no
 * read of the cursor to rest on: that the slot is visible follows from the claim being a CAS, whose
 * store every processor of today keeps behind the slot's release and before the volatile load of
 * the closed word.
 *
 * <p>The claim of a whole ring is no CAS but a release store, and nothing but a heavy barrier keeps
 * the look at the closed word behind it: a model checker knows no store buffers, so that is left to
 * {@code NextOfWholeRingAgainstClose} of the stress tests.
 *
 * <p>{@code ReaderRings} counts a ring for good when its port has taken its last frame and its
 * writer pushes no more; both write and then look at the other, volatile, so one of them sees both.
 */
class QueueTest {
  /** Fewer than elsewhere: each has hundreds of steps. */
  private static final int INTERLEAVINGS = 250;

  private static final String OTHER_BYTES = "other bytes than the frame's";
  private static final String TAKEN_TWICE = "a frame is taken twice";
  private static final String LOST = "a frame is lost";
  private static final String ACCUSED = "an honest reader is found at fault";

  // ---------------------------------------------------------------- writer against reader

  @Test
  void framesAreTakenWholeAndInOrder() {
    holds(INTERLEAVINGS, () -> publishAgainst(feed -> feed.take(0)));
  }

  @Test
  void framesAreHeldWholeAndInOrder() {
    holds(INTERLEAVINGS, () -> publishAgainst(RingWords::takeHold));
  }

  @Test
  void cursorBeforeSlotPlantedBugIsFound() {
    findsBug(
        INTERLEAVINGS,
        OTHER_BYTES,
        () -> publishAgainst(feed -> feed.take(0, Fault.CURSOR_BEFORE_SLOT)));
  }

  @Test
  void floorNotLookedAtAgainPlantedBugIsFound() {
    findsBug(
        INTERLEAVINGS,
        OTHER_BYTES,
        () -> dropAgainst(feed -> feed.take(0, Fault.FLOOR_NOT_LOOKED_AT_AGAIN)));
  }

  @Test
  void framesInReadyBuffersAreTakenWhole() {
    holds(INTERLEAVINGS, () -> publishAgainst(RingWords::publishReady, feed -> feed.take(0)));
  }

  @Test
  void readyWithoutLookPlantedBugIsFound() {
    findsBug(
        INTERLEAVINGS,
        OTHER_BYTES,
        () -> {
          RingWords feed = RingWords.onHeap(1, 1, 1);
          require(feed.publish(), "the first frame finds a buffer");
          long[] taken = new long[1];
          inParallel(feed::publishReadyWithoutLook, () -> taken[0] = feed.take(0));
          require(taken[0] >= -1, OTHER_BYTES);
        });
  }

  @Test
  void framesOfAWholeRingAreTakenWholeAndInOrder() {
    holds(
        INTERLEAVINGS,
        () ->
            publishAgainst(
                RingWords.onHeap(1, 1, 1).whole(), RingWords::publishReady, feed -> feed.take(0)));
  }

  private static void publishAgainst(ToLongFunction<RingWords> reader) {
    publishAgainst(RingWords::publish, reader);
  }

  private static void publishAgainst(
      Predicate<RingWords> writer, ToLongFunction<RingWords> reader) {
    publishAgainst(RingWords.onHeap(1, 1, 1), writer, reader);
  }

  private static void publishAgainst(
      RingWords feed, Predicate<RingWords> writer, ToLongFunction<RingWords> reader) {
    require(feed.publish(), "the first frame finds a buffer");
    int[] published = {1};
    long[] taken = new long[2];
    inParallel(
        () -> published[0] += writer.test(feed) ? 1 : 0,
        () -> {
          taken[0] = reader.applyAsLong(feed);
          taken[1] = reader.applyAsLong(feed);
        });
    require(taken[0] >= -1 && taken[1] >= -1, OTHER_BYTES);
    require(taken[1] < 0 || taken[0] < taken[1], TAKEN_TWICE);
    int read = (taken[0] > 0 ? 1 : 0) + (taken[1] > 0 ? 1 : 0);
    require(read + feed.dropped() + feed.unread() == published[0], LOST);
    require(feed.fault() == null, ACCUSED);
  }

  @Test
  void slotsBeforeRetiringPlantedBugIsFound() {
    findsBug(
        INTERLEAVINGS,
        OTHER_BYTES,
        () -> {
          // One take: the fewer steps there are, the sooner the wrong order of two of them is met.
          RingWords feed = RingWords.onHeap(1, 1, 1);
          require(feed.publish(), "the first frame finds a buffer");
          long[] taken = new long[1];
          inParallel(feed::publishLookingBeforeRetiring, () -> taken[0] = feed.take(0));
          require(taken[0] >= -1, OTHER_BYTES);
        });
  }

  // ---------------------------------------------------------------- drop and close against reader

  @Test
  void aDroppedFrameIsNotShown() {
    holds(INTERLEAVINGS, () -> dropAgainst(feed -> feed.take(0)));
  }

  private static void dropAgainst(ToLongFunction<RingWords> reader) {
    endAgainst(reader, RingWords::dropAll);
  }

  @Test
  void aFrameOfAClosedRingIsNotShown() {
    holds(INTERLEAVINGS, () -> endAgainst(feed -> feed.take(0), RingWords::close));
  }

  @Test
  void aFrameOfAClosedWholeRingIsNotShown() {
    holds(
        INTERLEAVINGS,
        () ->
            endAgainst(RingWords.onHeap(1, 1, 1).whole(), feed -> feed.take(0), RingWords::close));
  }

  @Test
  void aFrameOfAClosedRingIsNotHeld() {
    holds(INTERLEAVINGS, () -> endAgainst(RingWords::takeHold, RingWords::close));
  }

  @Test
  void closedNotLookedAtAgainPlantedBugIsFound() {
    findsBug(
        INTERLEAVINGS,
        OTHER_BYTES,
        () -> endAgainst(feed -> feed.take(0, Fault.FLOOR_NOT_LOOKED_AT_AGAIN), RingWords::close));
  }

  private static void endAgainst(ToLongFunction<RingWords> reader, Consumer<RingWords> end) {
    endAgainst(RingWords.onHeap(1, 1, 1), reader, end);
  }

  private static void endAgainst(
      RingWords feed, ToLongFunction<RingWords> reader, Consumer<RingWords> end) {
    feed.publish();
    long[] taken = new long[1];
    inParallel(
        () -> taken[0] = reader.applyAsLong(feed),
        () -> {
          end.accept(feed);
          feed.reuse(0, 9);
        });
    require(taken[0] >= -1, OTHER_BYTES);
    require((taken[0] > 0 ? 1 : 0) + feed.dropped() + feed.unread() == 1, LOST);
  }

  // ---------------------------------------------------------------- leaving

  @Test
  void whatIsDroppedStaysCountedWhoeverLeavesFirst() {
    holds(
        INTERLEAVINGS,
        () ->
            leaveAgainst(feed -> {
              long taken = feed.take(0);
              feed.portClosed();
              return taken;
            }));
  }

  @Test
  void portClosedBeforeItsLastTakePlantedBugIsFound() {
    findsBug(
        INTERLEAVINGS,
        LOST,
        () ->
            leaveAgainst(feed -> {
              feed.portClosed();
              return feed.take(0);
            }));
  }

  private static void leaveAgainst(ToLongFunction<RingWords> reader) {
    RingWords feed = RingWords.onHeap(1, 1, 1).counted();
    feed.publish();
    long[] taken = new long[1];
    inParallel(
        () -> taken[0] = reader.applyAsLong(feed),
        () -> {
          feed.close();
          feed.leftFeed();
        });
    require((taken[0] > 0 ? 1 : 0) + feed.dropped() + feed.unread() == 1, LOST);
  }

  // ---------------------------------------------------------------- publishing an entry

  @Test
  void aFrameIsSeenWhenItIsComplete() {
    holds(INTERLEAVINGS, () -> firstFrame(RingWords::publish));
  }

  @Test
  void stampBeforeEntryPlantedBugIsFound() {
    findsBug(INTERLEAVINGS, OTHER_BYTES, () -> firstFrame(feed -> feed.publishStampBeforeEntry(1)));
  }

  private static void firstFrame(Consumer<RingWords> writer) {
    RingWords feed = RingWords.onHeap(2, 1, 1);
    feed.pool().own(0);
    feed.pool().bytes(0, 5);
    long[] taken = new long[1];
    inParallel(() -> writer.accept(feed), () -> taken[0] = feed.take(0));
    require(taken[0] == -1 || taken[0] == 1, OTHER_BYTES);
  }

  // ---------------------------------------------------------------- looks at the cursor

  @Test
  void anHonestCursorIsNeverFoundAtFault() {
    holds(
        INTERLEAVINGS,
        () -> {
          RingWords feed = RingWords.onHeap(2, 1, 2);
          lookAgainst(
              feed,
              () -> {
                feed.retireAndReclaim();
                require(feed.fault() == null, ACCUSED);
              });
        });
  }

  @Test
  void headBeforeCursorPlantedBugIsFound() {
    findsBug(
        INTERLEAVINGS,
        ACCUSED,
        () -> {
          RingWords feed = RingWords.onHeap(2, 1, 2);
          lookAgainst(feed, () -> require(!feed.findsFaultLookingAtHeadFirst(), ACCUSED));
        });
  }

  private static void lookAgainst(RingWords feed, Runnable look) {
    inParallel(
        () -> {
          feed.publish();
          feed.publish();
        },
        () -> feed.take(0),
        look);
  }

  // ---------------------------------------------------------------- two readers of one ring

  @Test
  void dividedFramesAreTakenOnce() {
    holds(INTERLEAVINGS, () -> divide(Fault.NONE));
  }

  @Test
  void cursorWithoutCasPlantedBugIsFound() {
    findsBug(INTERLEAVINGS, TAKEN_TWICE, () -> divide(Fault.CURSOR_WITHOUT_CAS));
  }

  private static void divide(Fault fault) {
    RingWords feed = RingWords.onHeap(2, 2, 2);
    feed.publish();
    feed.publish();
    long[] taken = new long[2];
    inParallel(() -> taken[0] = feed.take(0, fault), () -> taken[1] = feed.take(1, fault));
    require(taken[0] != taken[1], TAKEN_TWICE);
    require(taken[0] > 0 && taken[1] > 0, LOST);
  }
}
