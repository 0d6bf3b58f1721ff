package io.entrepot.internal.sync;

import io.entrepot.sync.FenceError;

/**
 * Points of a timeline that were signaled with an error, in a list from the newest on.
 *
 * <p>Of the oldest only one range is kept, which says that there were errors: a timeline may fail
 * for days. Whoever asks for a point that long ago is told of an error where there may have been
 * none, rather than of none where there was one.
 */
final class ErrorRange {
  /** So many of the newest ranges tell their own error; up to twice as many are kept. */
  static final int KEPT = 1024;

  private final long from;
  private final long to;
  private final FenceError error;
  private final long number;
  private final long tag;
  private volatile ErrorRange older;
  private volatile boolean committed;

  ErrorRange(long from, long to, FenceError error, ErrorRange older) {
    this.from = from;
    this.to = to;
    this.error = error;
    this.older = older;
    this.number = older == null ? 1 : older.number + 1;
    this.tag = 1 + (number - 1) % TimelineDescriptor.TAG_MAX;
  }

  long tag() {
    return tag;
  }

  FenceError error() {
    return error;
  }

  ErrorRange older() {
    return older;
  }

  /** Says for good that the signal that made this range took effect. */
  void commit() {
    committed = true;
  }

  /** Tells it to other processes, in their words. */
  void tellIn(ErrorWords told) {
    told.tell(from, to, error.kind());
  }

  /** Whether a signaled word was written by the signal that made this range. */
  boolean isTaggedBy(long word) {
    return word == TimelineDescriptor.tagged(to, tag);
  }

  /** Whether a point has this error, by the signaled word. */
  boolean tells(long point, long word) {
    return from <= point && point <= to && (committed || isTaggedBy(word));
  }

  /** Makes one of all ranges behind the {@value #KEPT} newest, once for so many that are added. */
  void forgetOldest() {
    if (number % KEPT != 0 || number == KEPT) {
      return;
    }
    ErrorRange last = this;
    for (int i = 1; i < KEPT; i++) {
      last = last.older;
    }
    long first = Long.MAX_VALUE;
    long highest = 0;
    for (ErrorRange range = last.older; range != null; range = range.older) {
      first = Math.min(first, range.from);
      highest = Math.max(highest, range.to);
    }
    String text = "some of points %d to %d had errors, which are no longer kept one by one";
    ErrorRange all =
        new ErrorRange(
            first, highest, FenceError.failed(String.format(text, first, highest)), null);
    all.commit();
    last.older = all;
  }
}
