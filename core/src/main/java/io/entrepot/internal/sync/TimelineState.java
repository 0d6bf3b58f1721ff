package io.entrepot.internal.sync;

import io.entrepot.internal.memory.CoarseClock;
import io.entrepot.internal.memory.Words;
import io.entrepot.sync.Fence;
import io.entrepot.sync.FenceError;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/**
 * One timeline: two words, and beside them the callbacks and errors that only Java can hold.
 *
 * <p><b>Linearization.</b> A signal takes effect at the CAS that raises the {@code signaled} word.
 *
 * <p><b>Callback against signal.</b> Adding enqueues the callback, then reads {@code signaled};
 * signaling raises {@code signaled}, then walks the queue. All four are volatile accesses, so at
 * least one side sees the other. Where both do, the callback's own state word decides by CAS which
 * of <em>run</em> and <em>removed</em> happens: one of them, once.
 */
public final class TimelineState {
  private static final int SPINS = 128;
  private static final long SLICE_NS = 1_000_000;

  private static final ThreadLocal<ToRun> TO_RUN = ThreadLocal.withInitial(ToRun::new);

  private final TimelineTable table;
  private final Words words;
  private final int index;
  private final String name;
  private final long signaledOffset;
  private final long issuedOffset;
  private final long timeOffset;
  private final long unsettledOffset;

  /** In the order of their points, so that a signal looks at no callback that is not due. */
  private final ConcurrentSkipListSet<PendingCallback> callbacks = new ConcurrentSkipListSet<>();

  private final AtomicLong callbackNumbers = new AtomicLong();
  private final AtomicLong errorNumbers = new AtomicLong();
  private final AtomicReference<ErrorRange> errors = new AtomicReference<>();
  private final AtomicBoolean ended = new AtomicBoolean();
  private final AtomicBoolean unsettled = new AtomicBoolean();
  private volatile long endedAt = Long.MAX_VALUE;

  TimelineState(TimelineTable table, Words words, int index, String name) {
    this.table = table;
    this.words = words;
    this.index = index;
    this.name = name;
    long base = table.record(index);
    this.signaledOffset = base + TimelineDescriptor.SIGNALED;
    this.issuedOffset = base + TimelineDescriptor.ISSUED;
    this.unsettledOffset = base + TimelineDescriptor.UNSETTLED_FROM;
    this.timeOffset = base + TimelineDescriptor.SIGNAL_TIME_MS;
  }

  TimelineTable table() {
    return table;
  }

  int index() {
    return index;
  }

  String name() {
    return name;
  }

  long issued() {
    return words.getAcquire(issuedOffset);
  }

  long signaled() {
    return TimelineDescriptor.point(words.getAcquire(signaledOffset));
  }

  long lastSignalMs() {
    return words.getAcquire(timeOffset);
  }

  boolean isSignaled(long point) {
    return signaled() >= point;
  }

  TimelineState checkIssued(long point) {
    long issued = words.getAcquire(issuedOffset);
    if (point < 1 || point > issued) {
      throw new IllegalArgumentException(
          "point "
              + point
              + " of timeline '"
              + name
              + "' was not issued: 1 to "
              + issued
              + " were");
    }
    return this;
  }

  long issue() {
    checkNotEnded();
    long point = words.getAndAdd(issuedOffset, 1) + 1;
    // The end may have read the issued word before our add. Then nobody knows this point, and it is
    // the next tenant of the words that signals it, in begin or with a point of its own.
    checkNotEnded();
    return point;
  }

  private void checkNotEnded() {
    if (ended.get()) {
      throw new IllegalStateException("timeline '" + name + "' is closed");
    }
  }

  boolean signal(long point, FenceError error) {
    if (!ended.get()) {
      return raise(point, error);
    }
    // All of our points are signaled. What the issuer signals now tells that its work has ended.
    if (point >= endedAt) {
      settle();
    }
    return false;
  }

  /** Gives the words to whoever comes next, who knows nothing of the errors told here. */
  private void retire() {
    commitTagged(words.getVolatile(signaledOffset));
    table.retire(this);
  }

  /** The work of an ended timeline is known to have stopped: its points no longer keep buffers. */
  boolean settle() {
    if (!ended.get() || !unsettled.compareAndSet(true, false)) {
      return false;
    }
    words.setRelease(unsettledOffset, 0);
    retire();
    return true;
  }

  private boolean raise(long point, FenceError error) {
    while (true) {
      long word = words.getVolatile(signaledOffset);
      long before = TimelineDescriptor.point(word);
      if (before >= point) {
        return false;
      }
      // What the signal before us said about errors stays said when its tag goes.
      commitTagged(word);
      // The range is in place before the CAS, so whoever sees the signal sees the error.
      ErrorRange range = error == null ? null : addError(before + 1, point, error);
      long next = range == null ? point : TimelineDescriptor.tagged(point, range.tag);
      if (words.compareAndSet(signaledOffset, word, next)) {
        words.setRelease(timeOffset, CoarseClock.millis());
        if (!callbacks.isEmpty()) {
          runCallbacks();
        }
        return true;
      }
    }
  }

  private void commitTagged(long word) {
    if (TimelineDescriptor.tag(word) != 0) {
      for (ErrorRange range = errors.get(); range != null; range = range.older) {
        if (range.isTaggedBy(word)) {
          range.committed = true;
          return;
        }
      }
    }
  }

  private ErrorRange addError(long from, long to, FenceError error) {
    long tag = 1 + errorNumbers.getAndIncrement() % TimelineDescriptor.TAG_MAX;
    ErrorRange range = new ErrorRange(from, to, tag, error);
    do {
      range.older = errors.get();
    } while (!errors.compareAndSet(range.older, range));
    return range;
  }

  /** The error with which a point was signaled. One that lost to another signal says nothing. */
  FenceError error(long point) {
    long word = words.getVolatile(signaledOffset);
    if (TimelineDescriptor.point(word) < point) {
      return null;
    }
    for (ErrorRange range = errors.get(); range != null; range = range.older) {
      if (range.from <= point && point <= range.to && (range.committed || range.isTaggedBy(word))) {
        return range.error;
      }
    }
    return null;
  }

  Fence.Callback addCallback(long point, Runnable action) {
    PendingCallback callback =
        new PendingCallback(this, point, callbackNumbers.getAndIncrement(), action);
    callbacks.add(callback);
    if (TimelineDescriptor.point(words.getVolatile(signaledOffset)) >= point && callback.remove()) {
      return null;
    }
    return callback;
  }

  void forget(PendingCallback callback) {
    callbacks.remove(callback);
  }

  /** Runs callbacks, or, within a callback, leaves that to the caller of the outermost one. */
  private void runCallbacks() {
    ToRun mine = TO_RUN.get();
    mine.timelines.add(this);
    if (mine.running) {
      return;
    }
    mine.running = true;
    try {
      TimelineState next;
      while ((next = mine.timelines.poll()) != null) {
        next.runSignaled();
      }
    } finally {
      mine.running = false;
    }
  }

  private void runSignaled() {
    long signaled = signaled();
    PendingCallback callback;
    while ((callback = first()) != null && callback.point() <= signaled) {
      callbacks.remove(callback);
      if (callback.takeToRun()) {
        callback.run();
      }
    }
  }

  private PendingCallback first() {
    Iterator<PendingCallback> inOrder = callbacks.iterator();
    return inOrder.hasNext() ? inOrder.next() : null;
  }

  boolean await(long point, long timeoutNs) {
    if (isSignaled(point)) {
      return true;
    }
    if (timeoutNs <= 0) {
      return false;
    }
    for (int i = 0; i < SPINS; i++) {
      Thread.onSpinWait();
      if (isSignaled(point)) {
        return true;
      }
    }
    long startNs = System.nanoTime();
    Thread self = Thread.currentThread();
    Fence.Callback wake = addCallback(point, () -> LockSupport.unpark(self));
    if (wake == null) {
      return true;
    }
    try {
      while (!isSignaled(point)) {
        long leftNs = timeoutNs - (System.nanoTime() - startNs);
        if (leftNs <= 0 || self.isInterrupted()) {
          return isSignaled(point);
        }
        // In slices: whoever raised the word may be stopped before it wakes us.
        LockSupport.parkNanos(this, Math.min(SLICE_NS, leftNs));
      }
      return true;
    } finally {
      wake.remove();
    }
  }

  /** Signals what an earlier tenant of the words has left behind. Before anybody else issues. */
  void begin() {
    raise(words.getVolatile(issuedOffset), null);
  }

  /** Ends this tenancy of the words, once: afterwards they may be somebody else's. */
  void end(FenceError error) {
    if (!ended.compareAndSet(false, true)) {
      return;
    }
    long issued = words.getVolatile(issuedOffset);
    long signaled = TimelineDescriptor.point(words.getVolatile(signaledOffset));
    endedAt = issued;
    if (signaled < issued) {
      // In place before the signal, so that whoever sees the signal sees what it is worth.
      words.setRelease(unsettledOffset + Words.WORD_BYTES, issued);
      words.setRelease(unsettledOffset, signaled + 1);
      unsettled.set(true);
      raise(issued, error);
    } else {
      retire();
    }
  }

  @Override
  public String toString() {
    return "timeline '" + name + "' " + signaled() + "/" + issued() + (ended.get() ? " ended" : "");
  }

  /**
   * Timelines whose callbacks a thread has yet to run: a callback that signals does not nest, so
   * that a chain of them may be of any length.
   */
  private static final class ToRun {
    final ArrayDeque<TimelineState> timelines = new ArrayDeque<>();
    boolean running;
  }

  /** Points that were signaled with an error, newest first. */
  private static final class ErrorRange {
    final long from;
    final long to;
    final long tag;
    final FenceError error;
    ErrorRange older;
    volatile boolean committed;

    ErrorRange(long from, long to, long tag, FenceError error) {
      this.from = from;
      this.to = to;
      this.tag = tag;
      this.error = error;
    }

    /** Whether a signaled word was written by the signal that made this range. */
    boolean isTaggedBy(long word) {
      return TimelineDescriptor.tag(word) == tag && TimelineDescriptor.point(word) == to;
    }
  }
}
