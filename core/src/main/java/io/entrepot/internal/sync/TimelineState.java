package io.entrepot.internal.sync;

import io.entrepot.internal.memory.CoarseClock;
import io.entrepot.internal.memory.Words;
import io.entrepot.sync.Fence;
import io.entrepot.sync.FenceError;
import java.util.concurrent.ConcurrentLinkedQueue;
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

  private final TimelineTable table;
  private final Words words;
  private final int index;
  private final String name;
  private final long signaledOffset;
  private final long issuedOffset;
  private final long timeOffset;
  private final ConcurrentLinkedQueue<PendingCallback> callbacks = new ConcurrentLinkedQueue<>();
  private final AtomicReference<ErrorRange> errors = new AtomicReference<>();
  private volatile boolean ended;

  TimelineState(TimelineTable table, Words words, int index, String name) {
    this.table = table;
    this.words = words;
    this.index = index;
    this.name = name;
    long base = table.record(index);
    this.signaledOffset = base + TimelineDescriptor.SIGNALED;
    this.issuedOffset = base + TimelineDescriptor.ISSUED;
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
    return words.getAcquire(signaledOffset);
  }

  long lastSignalMs() {
    return words.getAcquire(timeOffset);
  }

  boolean isSignaled(long point) {
    return words.getAcquire(signaledOffset) >= point;
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
    long point = words.getAndAdd(issuedOffset, 1) + 1;
    if (ended) {
      // The end may have read the issued word before our add: then nobody else signals this point.
      signal(point, new FenceError(FenceError.Kind.ISSUER_CLOSED, "issued after the end"));
      throw new IllegalStateException("timeline '" + name + "' is closed");
    }
    return point;
  }

  boolean signal(long point, FenceError error) {
    while (true) {
      long before = words.getVolatile(signaledOffset);
      if (before >= point) {
        return false;
      }
      // The range is in place before the CAS, so whoever sees the signal sees the error.
      ErrorRange range = error == null ? null : addError(before + 1, point, error);
      if (words.compareAndSet(signaledOffset, before, point)) {
        words.setRelease(timeOffset, CoarseClock.millis());
        if (!callbacks.isEmpty()) {
          runCallbacks(point);
        }
        return true;
      }
      if (range != null) {
        range.withdrawn = true;
      }
    }
  }

  private ErrorRange addError(long from, long to, FenceError error) {
    ErrorRange range = new ErrorRange(from, to, error);
    do {
      range.older = errors.get();
    } while (!errors.compareAndSet(range.older, range));
    return range;
  }

  FenceError error(long point) {
    if (!isSignaled(point)) {
      return null;
    }
    for (ErrorRange range = errors.get(); range != null; range = range.older) {
      if (!range.withdrawn && range.from <= point && point <= range.to) {
        return range.error;
      }
    }
    return null;
  }

  Fence.Callback addCallback(long point, Runnable action) {
    PendingCallback callback = new PendingCallback(this, point, action);
    callbacks.add(callback);
    if (words.getVolatile(signaledOffset) >= point && callback.remove()) {
      return null;
    }
    return callback;
  }

  void forget(PendingCallback callback) {
    callbacks.remove(callback);
  }

  private void runCallbacks(long signaled) {
    for (PendingCallback callback : callbacks) {
      if (callback.point() <= signaled && callback.takeToRun()) {
        callbacks.remove(callback);
        callback.run();
      }
    }
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
        LockSupport.parkNanos(this, leftNs);
      }
      return true;
    } finally {
      wake.remove();
    }
  }

  void end(FenceError error) {
    ended = true;
    signal(words.getVolatile(issuedOffset), error);
    table.retire(this);
  }

  @Override
  public String toString() {
    return "timeline '" + name + "' " + signaled() + "/" + issued() + (ended ? " ended" : "");
  }

  /** Points that were signaled with an error, newest first. */
  private static final class ErrorRange {
    final long from;
    final long to;
    final FenceError error;
    ErrorRange older;
    volatile boolean withdrawn;

    ErrorRange(long from, long to, FenceError error) {
      this.from = from;
      this.to = to;
      this.error = error;
    }
  }
}
