package io.entrepot.internal.sync;

import io.entrepot.internal.memory.CoarseClock;
import io.entrepot.internal.memory.Words;
import io.entrepot.sync.Fence;
import io.entrepot.sync.FenceError;
import io.entrepot.sync.FenceIssuer;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * One timeline: two words, and beside them the callbacks and errors that only Java can hold.
 *
 * <p><b>Linearization.</b> A signal takes effect at the CAS that raises the {@code signaled} word.
 *
 * <p>{@link Callbacks} says how a callback that is added meanwhile is not missed.
 *
 * <p><b>The end.</b> The state goes OPEN, ENDING, and then SETTLED, or UNSETTLED until the issuer
 * tells that the work has stopped. The issuer tells by storing the point into {@code answered},
 * then reading the state; the end stores UNSETTLED, then reads {@code answered}. All are volatile,
 * so one of them sees the other, and the CAS from UNSETTLED to SETTLED happens once. {@link
 * AbandonedPoints} count as answered with the point before them.
 *
 * <p><b>A stopped ender.</b> One thread ends a timeline, and nobody helps it. When it is stopped
 * between its CAS to ENDING and its signal, no point is given out any more, and the points that
 * were issued stay pending until their issuer signals them, which it can still do, or that thread
 * goes on; others who end the timeline return before it has ended. When it is stopped for ever, the
 * points that nobody signals stay pending for ever, and keep their buffers, and the record has no
 * other tenant: that much of one timeline is lost, and nothing of others.
 */
public final class TimelineState {
  private static final int OPEN = 0;
  private static final int ENDING = 1;
  private static final int UNSETTLED = 2;
  private static final int SETTLED = 3;

  private static final VarHandle LIFE;
  private static final VarHandle ANSWERED;
  private static final VarHandle ABANDONED;
  private static final VarHandle LIMIT;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      LIFE = lookup.findVarHandle(TimelineState.class, "life", int.class);
      ANSWERED = lookup.findVarHandle(TimelineState.class, "answered", long.class);
      ABANDONED = lookup.findVarHandle(TimelineState.class, "abandoned", AbandonedPoints.class);
      LIMIT = lookup.findVarHandle(TimelineState.class, "limit", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final TimelineTable table;
  private final Words words;
  private final int index;
  private final String name;

  /** {@code null} when the issuer wants to be asked and told nothing. */
  private final Interest interest;

  private final long signaledOffset;
  private final long issuedOffset;
  private final long timeOffset;
  private final long unsettledOffset;
  private final long sweptOffset;

  private final Callbacks callbacks = new Callbacks(this::signaledOrPolled);
  private final ErrorRanges errors;
  private int life = OPEN;
  private volatile long endedAt = Long.MAX_VALUE;
  private volatile long answered;

  private volatile AbandonedPoints abandoned = AbandonedPoints.NONE;

  /** The last point before the next sweep: what the swept word says, or said a moment ago. */
  private long limit;

  TimelineState(TimelineTable table, Words words, int index, String name, FenceIssuer issuer) {
    this.table = table;
    this.words = words;
    this.index = index;
    this.name = name;
    this.interest = issuer == null ? null : new Interest(issuer);
    long base = table.record(index);
    this.signaledOffset = base + TimelineDescriptor.SIGNALED;
    this.issuedOffset = base + TimelineDescriptor.ISSUED;
    this.unsettledOffset = base + TimelineDescriptor.UNSETTLED_FROM;
    this.timeOffset = base + TimelineDescriptor.SIGNAL_TIME_MS;
    this.sweptOffset = base + TimelineDescriptor.SWEPT;
    this.errors = new ErrorRanges(new ErrorWords(words, base));
    raiseLimit();
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

  /** The last point of this tenancy of the words. */
  long issued() {
    return Math.min(words.getAcquire(issuedOffset), endedAt);
  }

  /** The highest signaled point. */
  long signaled() {
    // The limit first: one that is older than the word makes of it too small a point, if any.
    long near = (long) LIMIT.getAcquire(this);
    return ownPoint(TimelineDescriptor.nearest(words.getAcquire(signaledOffset), near));
  }

  /** What a signaled point tells that was read before: nothing, once the words are given away. */
  private long ownPoint(long signaled) {
    return (int) LIFE.getAcquire(this) == SETTLED ? endedAt : signaled;
  }

  /**
   * A point as a word of a reservation may tell it: that one, or when it is so long over that its
   * low bits could look like those of a point to come, another that is over.
   */
  long told(long point) {
    return Math.max(point, words.getAcquire(issuedOffset) - table.span() / 4 * 7);
  }

  /** Whether more than the words tells what is signaled. */
  boolean isLazy() {
    return interest != null;
  }

  long lastSignalMs() {
    return words.getAcquire(timeOffset);
  }

  boolean isSignaled(long point) {
    return signaled() >= point || (interest != null && poll() >= point);
  }

  /** Whether a point is signaled and its work known to have ended. */
  boolean isSettled(long point) {
    return hasSettled() || table.isSettled(index, told(point));
  }

  /** The highest signaled point, after asking a lazy issuer. */
  private long poll() {
    long completed = Math.min(interest.completed(), issued());
    if (completed > signaled()) {
      signal(completed, null);
    }
    return signaledNow();
  }

  /** Tells a lazy issuer that somebody waits for a point. */
  void enable(long point) {
    if (interest == null || signaled() >= point) {
      return;
    }
    Throwable thrown = interest.enable(point);
    if (thrown != null) {
      // Not a signal: that work was begun before, or is, and would be taken for done.
      end(FenceError.failed("its issuer threw " + Uncaught.text(thrown)));
      Uncaught.handle(thrown);
    }
  }

  void hintDeadline(long point, long deadlineNs) {
    if (interest != null && !isSignaled(point)) {
      interest.hintDeadline(point, deadlineNs);
    }
  }

  TimelineState checkIssued(long point) {
    long issued = issued();
    if (point < 1 || point > issued) {
      throw new IllegalArgumentException(
          "point "
              + point
              + " of timeline '"
              + name
              + "' was not issued: "
              + (issued == 0 ? "none was yet" : "1 to " + issued + " were"));
    }
    return this;
  }

  long issue() {
    // Before the add for who comes long after the end, without a fence: nobody counts on it.
    if ((int) LIFE.getOpaque(this) != OPEN) {
      throw closed();
    }
    long point = words.getAndAdd(issuedOffset, 1) + 1;
    // Nobody knows this point. The end may have read the issued word before our add or behind it,
    // and so may the next tenant of the words have begun: whoever has the words now is told. When
    // that is nobody, the next one signals it as it begins.
    if (hasEnded()) {
      TimelineState tenant = table.state(index);
      if (tenant != null) {
        tenant.abandon(point);
      }
      throw closed();
    }
    if (point > (long) LIMIT.getOpaque(this) || TimelineDescriptor.looksLikeNone(point)) {
      return goOn(point);
    }
    return point;
  }

  /**
   * Sweeps old fences before a point is given out that is the first of a new span.
   *
   * <p><b>Linearization.</b> The CAS that raises the {@code swept} word. Whoever gets a point above
   * the limit comes here, and leaves with it only when the word has been raised by somebody who
   * swept before. All that was settled in a slot when that sweep began, it has taken out.
   */
  private long goOn(long point) {
    long span = table.span();
    long swept = words.getVolatile(sweptOffset);
    while (point > swept + span) {
      if (point - signaledOrPolled() > span / 2) {
        abandon(point);
        throw tooManyPending(span / 2);
      }
      table.forgetOldFences(index);
      errors.forgetToldBefore(point - span);
      words.compareAndSet(sweptOffset, swept, point);
      swept = words.getVolatile(sweptOffset);
    }
    raiseLimit();
    if (TimelineDescriptor.looksLikeNone(point)) {
      abandon(point);
      return issue();
    }
    return point;
  }

  /** To what the swept word says. It is never lowered. */
  private void raiseLimit() {
    long next = words.getVolatile(sweptOffset) + table.span();
    long before = (long) LIMIT.getVolatile(this);
    while (before < next && !LIMIT.compareAndSet(this, before, next)) {
      before = (long) LIMIT.getVolatile(this);
    }
  }

  boolean hasEnded() {
    return (int) LIFE.getVolatile(this) != OPEN;
  }

  private boolean hasSettled() {
    return (int) LIFE.getVolatile(this) == SETTLED;
  }

  private IllegalStateException closed() {
    return new IllegalStateException("timeline '" + name + "' is closed");
  }

  private IllegalStateException tooManyPending(long most) {
    String text = "timeline '%s' has points %d to %d pending, more than %d; signal some of these";
    return new IllegalStateException(String.format(text, name, signaled() + 1, issued(), most));
  }

  boolean signal(long point, FenceError error) {
    // Also while the timeline ends, for what is signaled is so when this returns. Once the end has
    // raised the word there is nothing to raise, and so the words' next tenant is let alone.
    boolean raised = raise(point, error);
    // Looked at behind that: the end may have read the word before. All points of an ended timeline
    // are signaled, so what its issuer signals tells that its work has ended.
    if (hasEnded()) {
      answer(point);
    }
    return raised;
  }

  /** Nobody will signal a point that was issued, for nobody was given it. */
  void abandon(long point) {
    AbandonedPoints before = abandoned;
    while (!ABANDONED.compareAndSet(this, before, before.with(point))) {
      before = abandoned;
    }
    long last = abandoned.behind(signaledNow());
    if (raiseWord(last, null)) {
      callbacks.signaled(last);
    }
    if (hasEnded()) {
      settleIfAnswered();
    }
  }

  private void answer(long point) {
    long before = answered;
    while (before < point && !ANSWERED.compareAndSet(this, before, point)) {
      before = answered;
    }
    settleIfAnswered();
  }

  private void settleIfAnswered() {
    if (abandoned.behind(answered) >= endedAt) {
      settleIfUnsettled();
    }
  }

  /** Gives the words to whoever comes next, who knows nothing of the errors told here. */
  private void retire() {
    errors.commit(signaledWord());
    table.retire(this);
  }

  /** The work of an ended timeline is known to have stopped: its points no longer keep buffers. */
  boolean settle() {
    int now = (int) LIFE.getVolatile(this);
    if (now != ENDING) {
      return now == UNSETTLED && settleIfUnsettled();
    }
    answer(Long.MAX_VALUE);
    return true;
  }

  private boolean settleIfUnsettled() {
    if (!LIFE.compareAndSet(this, UNSETTLED, SETTLED)) {
      return false;
    }
    words.setRelease(unsettledOffset, 0);
    retire();
    table.tell();
    return true;
  }

  private long signaledWord() {
    return words.getVolatile(signaledOffset);
  }

  /** What callbacks and waiters look at. */
  private long signaledOrPolled() {
    return interest == null ? signaledNow() : poll();
  }

  private long signaledNow() {
    long near = (long) LIMIT.getVolatile(this);
    return ownPoint(TimelineDescriptor.nearest(signaledWord(), near));
  }

  private boolean raise(long point, FenceError error) {
    if (!raiseWord(point, error)) {
      return false;
    }
    callbacks.signaled(abandoned == AbandonedPoints.NONE ? point : raiseAbandoned(point));
    return true;
  }

  /** Signals what was abandoned right behind a point that its issuer signaled. */
  private long raiseAbandoned(long point) {
    AbandonedPoints all = abandoned;
    long last = all.behind(point);
    raiseWord(last, null);
    ABANDONED.compareAndSet(this, all, all.above(point));
    return last;
  }

  private boolean raiseWord(long point, FenceError error) {
    while (true) {
      long near = (long) LIMIT.getVolatile(this);
      long word = signaledWord();
      // The state behind the word: once the words are given away, no word is this timeline's.
      long before = TimelineDescriptor.nearest(word, near);
      if (before >= point || hasSettled()) {
        return false;
      }
      if ((long) LIMIT.getVolatile(this) != near) {
        // The limit is of long ago, perhaps, and makes too small a point of the word.
        continue;
      }
      // What the signal before us said about errors stays said when its tag goes.
      errors.commit(word);
      // The error is in place before the CAS, so whoever sees the signal sees the error.
      long tag = error == null ? 0 : errors.add(before + 1, point, error);
      long next = TimelineDescriptor.tagged(point, tag);
      // Before the CAS as well, so that whoever sees the signal sees no time from before it.
      words.setRelease(timeOffset, CoarseClock.millis());
      if (words.compareAndSet(signaledOffset, word, next)) {
        errors.commit(next);
        // Behind all that the words tell of it, before callbacks, which may take their time.
        table.tell();
        return true;
      }
    }
  }

  /** The error with which a point was signaled. */
  FenceError error(long point) {
    long near = (long) LIMIT.getVolatile(this);
    long word = signaledWord();
    return ownPoint(TimelineDescriptor.nearest(word, near)) < point ? null : errors.of(point, word);
  }

  /** Errors that are kept. */
  int errorsKept() {
    return errors.kept();
  }

  Fence.Callback addCallback(long point, Runnable action) {
    // Before the push, which a signal that is still at its callbacks would find and run.
    if (signaledNow() >= point) {
      return null;
    }
    if (interest != null) {
      enable(point);
      if (isSignaled(point)) {
        return null;
      }
    }
    PendingCallback added = callbacks.push(point, action);
    return signaledNow() >= point && added.remove() ? null : added;
  }

  boolean await(long point, long timeoutNs) {
    if (timeoutNs > 0) {
      enable(point);
    }
    return callbacks.await(point, timeoutNs);
  }

  /** State and age of a point, for people. */
  String describe(long point) {
    if (signaled() >= point) {
      return Completion.describe(error(point), lastSignalMs());
    }
    String last =
        lastSignalMs() == 0
            ? "nothing signaled yet"
            : "last signal " + Math.max(0, CoarseClock.millis() - lastSignalMs()) + " ms ago";
    return "pending, timeline at " + signaled() + " of " + issued() + ", " + last;
  }

  /** Signals what an earlier tenant of the words has left behind. Before anybody else issues. */
  void begin() {
    raiseLimit();
    raise(words.getVolatile(issuedOffset), null);
  }

  /** Ends it for an issuer who closes it. */
  void close() {
    end(
        new FenceError(
            FenceError.Kind.ISSUER_CLOSED,
            "timeline '" + name + "' was closed with fences pending"));
  }

  /** Ends this tenancy of the words, once: afterwards they may be somebody else's. */
  void end(FenceError error) {
    if (interest != null && !hasEnded()) {
      // What a lazy issuer has done and was not asked for yet did not fail.
      poll();
    }
    if (!LIFE.compareAndSet(this, OPEN, ENDING)) {
      return;
    }
    long issued = words.getVolatile(issuedOffset);
    long signaled = signaledNow();
    endedAt = issued;
    if (abandoned.behind(signaled) >= issued) {
      raiseWord(issued, null);
      LIFE.setVolatile(this, SETTLED);
      retire();
      callbacks.signaled(issued);
      return;
    }
    answer(signaled);
    // In place before the signal, so that whoever sees the signal sees what it is worth.
    words.setRelease(unsettledOffset + Words.WORD_BYTES, issued);
    words.setRelease(unsettledOffset, signaled + 1);
    boolean cut = raiseWord(issued, error);
    LIFE.setVolatile(this, UNSETTLED);
    // Cut nothing: the issuer has signaled all meanwhile.
    if (!cut) {
      answer(issued);
    }
    settleIfAnswered();
    callbacks.signaled(issued);
  }

  @Override
  public String toString() {
    return "timeline '" + name + "' " + signaled() + "/" + issued() + (hasEnded() ? " ended" : "");
  }
}
