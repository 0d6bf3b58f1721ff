package io.entrepot.internal.sync;

import io.entrepot.sync.Fence;
import io.entrepot.sync.FenceError;
import java.util.ArrayDeque;
import java.util.Queue;

/**
 * A timeline of this process whose points stand for those of another's: while any are pending, for
 * points of one far timeline, in their order.
 *
 * <p>Not thread-safe: the lock of its {@link FarFences} guards everything but {@link Step#take()}.
 */
final class FarLane {
  /** So often is looked for an error that is just being told before one is assumed. */
  private static final int MOST_LOOKS = 100;

  private static final String ENDED = "it ended its timeline";

  private final IssuedTimeline timeline;
  private final FarTimelines far;
  private final String process;
  private final Queue<Pair> pending = new ArrayDeque<>();
  private int record;
  private Pair last;

  /** The highest signaled point that was seen of this record. */
  private long seen;

  /** Looks in vain for the error of the first that is pending. */
  private int looks;

  private boolean ended;
  private boolean stepping;

  /** A far point, and the one here that stands for it. */
  private record Pair(long far, long here) {}

  /**
   * What is to be done outside of the lock, for it runs callbacks; one step of a lane at a time.
   *
   * @param point that is signaled; 0 when the timeline ends
   * @param error to signal with; may be {@code null} for a point
   */
  record Step(FarLane lane, long point, FenceError error) {
    void take() {
      if (point == 0) {
        lane.timeline.state().end(error);
      } else {
        lane.timeline.state().signal(point, error);
      }
    }
  }

  FarLane(IssuedTimeline timeline, FarTimelines far, String process) {
    this.timeline = timeline;
    this.far = far;
    this.process = process;
  }

  // ---------------------------------------------------------------- importing

  /** Whether it can stand for the points of any far timeline. */
  boolean isIdle() {
    return pending.isEmpty() && !stepping && !ended;
  }

  /** Whether a point of a far timeline can be put behind those that are pending. */
  boolean takes(int farRecord, long point) {
    return !ended && !pending.isEmpty() && record == farRecord && last.far <= point;
  }

  /** Whether a far timeline has signaled a point. */
  static boolean isSignaled(FarTimelines far, int record, long point) {
    long word = far.signaledWord(record);
    return TimelineDescriptor.nearest(word, far.issued(record)) >= point;
  }

  /** Puts a point behind those that are pending; the fence that stands for it. */
  Fence add(int farRecord, long point) {
    if (pending.isEmpty()) {
      record = farRecord;
      seen = 0;
      looks = 0;
    } else if (last.far == point) {
      return timeline.fence(last.here);
    }
    last = new Pair(point, timeline.issue());
    pending.add(last);
    return timeline.fence(last.here);
  }

  // ---------------------------------------------------------------- looking

  /** The next step, or {@code null} when there is none yet. */
  Step next() {
    if (pending.isEmpty() || stepping) {
      return null;
    }
    long point = pending.element().far;
    // In this order: an honest process signals nothing that it has not issued.
    long word = far.signaledWord(record);
    long issued = far.issued(record);
    long signaled = TimelineDescriptor.nearest(word, issued);
    if (issued < last.far || signaled > issued || signaled < seen) {
      return ended ? null : end(nonsense(signaled, issued));
    }
    seen = signaled;
    if (signaled < point) {
      return null;
    }
    ErrorWords.Told told = far.error(record, point, word);
    if (told == null && looks < MOST_LOOKS) {
      looks++;
      return null;
    }
    FenceError error = error(point, told);
    if (far.isUnsettled(record, point)) {
      return ended ? null : end(error == null ? lost(ENDED) : error);
    }
    looks = 0;
    return step(pending.remove().here, error);
  }

  private Step end(FenceError error) {
    ended = true;
    return step(0, error);
  }

  private Step step(long here, FenceError error) {
    stepping = true;
    return new Step(this, here, error);
  }

  /** A step was taken. */
  void stepped() {
    stepping = false;
  }

  /** Gives up waiting for what is pending; {@code null} when nothing is waited for. */
  Step giveUp(String why) {
    return pending.isEmpty() || ended || stepping ? null : end(lost(why));
  }

  /** Whether it has ended and nothing of its work goes on. */
  boolean isOver() {
    return ended && !stepping && timeline.state().isSettled(timeline.issued());
  }

  /** Whether anything is to be looked at. */
  boolean isPending() {
    return !pending.isEmpty() || stepping;
  }

  /** Whether somebody may wait for what is pending. */
  boolean isAwaited() {
    return isPending() && !ended;
  }

  /** Whether a signal was seen, and not yet with what error. */
  boolean isErrorUntold() {
    return looks > 0;
  }

  /** The work for which it stands has ended, for its process has. */
  void settle() {
    timeline.state().settle();
  }

  /** Gives its record back; nothing is pending. */
  void close() {
    timeline.close();
  }

  // ---------------------------------------------------------------- errors

  /**
   * How a point ended that is pending no more, or will never be signaled, of a process that is
   * lost.
   *
   * @param why it is lost
   * @return {@code null} when it was signaled without an error
   */
  static FenceError end(FarTimelines far, int record, long point, String process, String why) {
    if (!isSignaled(far, record, point)) {
      return lost(record, point, process, why);
    }
    FenceError error =
        error(record, point, process, far.error(record, point, far.signaledWord(record)));
    return error == null && far.isUnsettled(record, point)
        ? lost(record, point, process, ENDED)
        : error;
  }

  private FenceError error(long point, ErrorWords.Told told) {
    return error(record, point, process, told);
  }

  /** What is not told in time is taken for an error. */
  private static FenceError error(int record, long point, String process, ErrorWords.Told known) {
    ErrorWords.Told told = known == null ? ErrorWords.Told.PERHAPS : known;
    if (told.kind() == null) {
      return null;
    }
    String text =
        told.isCertain()
            ? "point %d of timeline %d of %s was signaled there as %s"
            : "point %d of timeline %d of %s, or one near it, was signaled there with an error: %s";
    return new FenceError(told.kind(), String.format(text, point, record, process, told.kind()));
  }

  private FenceError lost(String why) {
    return lost(record, pending.element().far, process, why);
  }

  static FenceError lost(int record, long point, String process, String why) {
    return new FenceError(
        FenceError.Kind.ISSUER_LOST,
        String.format(
            "point %d of timeline %d of %s was pending: %s", point, record, process, why));
  }

  private FenceError nonsense(long signaled, long issued) {
    return lost(
        String.format(
            "what it says makes no sense, %d signaled of %d issued after %d of %d",
            signaled, issued, seen, last.far));
  }
}
