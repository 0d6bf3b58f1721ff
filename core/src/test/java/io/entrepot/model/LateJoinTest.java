package io.entrepot.model;

import static io.entrepot.model.Model.findsBug;
import static io.entrepot.model.Model.holds;
import static io.entrepot.model.Model.inParallel;
import static io.entrepot.model.Model.require;

import io.entrepot.internal.flow.LateJoin;
import io.entrepot.internal.flow.LateJoin.Fault;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Join against publish: {@code Backlog.fill}, {@code Publishing} and {@code ReaderRing}, as they
 * are, called in the order of {@code RingReader.subscribe} and {@code RingWriter.publish}.
 *
 * <p><b>Must not be.</b> Of frames that are all retained a reader who joins meanwhile misses one,
 * or has one twice; or a frame in its backlog has other bytes than it had.
 *
 * <p><b>Order.</b> That a writer who begins a publication sees the ring, or is seen publishing,
 * rests on {@code Barrier}, which does nothing here, where all is in one order anyway; the stress
 * test of {@code Publishing} watches over it. The argument for the rest is beside {@code
 * Backlog.fill}.
 */
class LateJoinTest {
  /** Fewer than elsewhere: each has hundreds of steps. */
  private static final int INTERLEAVINGS = 100;

  private static final String MISSED_OR_TWICE = "a frame is missed, or comes twice";
  private static final String OTHER_BYTES = "other bytes than the frame's";

  @Test
  void noFrameIsMissedAndNoneComesTwice() {
    holds(INTERLEAVINGS, () -> joinAgainstPublish(Fault.NONE));
  }

  @Test
  void notAwarePlantedBugIsFound() {
    findsBug(INTERLEAVINGS, MISSED_OR_TWICE, () -> joinAgainstPublish(Fault.NOT_AWARE));
  }

  @Test
  void whatIsPublishedToBothRingsWhileOneIsCopiedComesOnce() {
    holds(INTERLEAVINGS, () -> copyAgainstPublish(Fault.NONE));
  }

  @Test
  void historyFirstPlantedBugIsFound() {
    findsBug(INTERLEAVINGS, MISSED_OR_TWICE, () -> copyAgainstPublish(Fault.HISTORY_FIRST));
  }

  private static void copyAgainstPublish(Fault fault) {
    LateJoin feed = new LateJoin(2);
    feed.publish(fault);
    require(feed.add(fault), "nobody publishes yet");
    inParallel(() -> feed.publish(fault), () -> feed.fill(2));
    require(feed.numbers().equals(List.of(0, 1)), MISSED_OR_TWICE);
  }

  @Test
  void copiedBeforeAddedPlantedBugIsFound() {
    findsBug(INTERLEAVINGS, MISSED_OR_TWICE, () -> joinAgainstPublish(Fault.COPIED_BEFORE_ADDED));
  }

  private static void joinAgainstPublish(Fault fault) {
    LateJoin feed = new LateJoin(2);
    feed.publish(fault);
    boolean[] isLate = new boolean[1];
    inParallel(() -> feed.publish(fault), () -> isLate[0] = feed.join(2, fault));
    List<Integer> numbers = feed.numbers();
    boolean isWhole = numbers.equals(List.of(0, 1));
    // Who gave up waiting has the next frame, or none.
    boolean isNext = numbers.equals(List.of(1)) || numbers.isEmpty();
    require(isWhole || (!isLate[0] && isNext), MISSED_OR_TWICE);
  }

  @Test
  void aFrameThatIsGivenUpIsNotShown() {
    holds(
        INTERLEAVINGS,
        () -> {
          LateJoin feed = new LateJoin(2);
          feed.mark(0);
          feed.publish(Fault.NONE);
          feed.publish(Fault.NONE);
          inParallel(feed::dropOldestAndReuse, () -> feed.join(2, Fault.NONE));
          List<Integer> numbers = feed.numbers();
          require(numbers.equals(List.of(0, 1)) || numbers.equals(List.of(1)), MISSED_OR_TWICE);
          require(feed.isBacklogWhole(), OTHER_BYTES);
        });
  }

  @Test
  void aFrameThatItsOwnerMayWriteToAgainIsNotShown() {
    holds(
        INTERLEAVINGS,
        () -> {
          LateJoin feed = owned();
          inParallel(feed::dropOldestAndWriteAgain, () -> feed.join(1, Fault.NONE));
          require(feed.isBacklogWhole(), OTHER_BYTES);
          require(feed.isExclusive() == feed.numbers().isEmpty(), OTHER_BYTES);
        });
  }

  /** The interleaving that is the hardest to come by. */
  @Test
  void aFrameThatIsDroppedBeforeItIsHeldIsNotShown() {
    LateJoin feed = owned();
    feed.fillStopped(1, feed::dropOldestAndWriteAgain);
    require(feed.numbers().isEmpty(), OTHER_BYTES);
    require(feed.isExclusive(), "a hold is left behind");
  }

  private static LateJoin owned() {
    LateJoin feed = new LateJoin(1);
    feed.mark(0);
    feed.publish(Fault.NONE);
    feed.own();
    return feed;
  }
}
