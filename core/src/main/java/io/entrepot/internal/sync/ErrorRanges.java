package io.entrepot.internal.sync;

import io.entrepot.sync.FenceError;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * The errors with which points of one timeline were signaled.
 *
 * <p><b>Linearization.</b> An error is added before the signal that has it, and told from the CAS
 * of the {@code signaled} word on, which has its tag ({@link TimelineDescriptor}). Who changes that
 * word says before that its tag was there, so it stays told. All are volatile accesses.
 */
final class ErrorRanges {
  private static final VarHandle NEWEST;

  static {
    try {
      NEWEST = MethodHandles.lookup().findVarHandle(ErrorRanges.class, "newest", ErrorRange.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private volatile ErrorRange newest;
  private final ErrorWords told;

  /**
   * No errors yet.
   *
   * @param told where they are told to other processes
   */
  ErrorRanges(ErrorWords told) {
    this.told = told;
  }

  /** Adds an error of points that are about to be signaled; its tag. */
  long add(long from, long to, FenceError error) {
    while (true) {
      ErrorRange before = newest;
      ErrorRange range = new ErrorRange(from, to, error, before);
      if (NEWEST.compareAndSet(this, before, range)) {
        range.forgetOldest();
        return range.tag();
      }
    }
  }

  /** Says for good of the error whose tag a signaled word has that its signal took effect. */
  void commit(long word) {
    if (TimelineDescriptor.tag(word) != 0) {
      for (ErrorRange range = newest; range != null; range = range.older()) {
        if (range.isTaggedBy(word)) {
          range.commit();
          range.tellIn(told);
          return;
        }
      }
    }
  }

  /**
   * The error of a signaled point, by a signaled word that was read before, or {@code null}. One
   * that lost to another signal says nothing.
   */
  FenceError of(long point, long word) {
    for (ErrorRange range = newest; range != null; range = range.older()) {
      if (range.tells(point, word)) {
        return range.error();
      }
    }
    return null;
  }

  /** Takes out of the words what points to come could be taken for. */
  void forgetToldBefore(long point) {
    told.forgetBefore(point);
  }

  /** Ranges that are kept. */
  int kept() {
    int count = 0;
    for (ErrorRange range = newest; range != null; range = range.older()) {
      count++;
    }
    return count;
  }
}
