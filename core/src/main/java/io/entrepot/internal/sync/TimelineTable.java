package io.entrepot.internal.sync;

import io.entrepot.internal.memory.Words;
import io.entrepot.sync.FenceIssuer;
import io.entrepot.sync.SyncDomain;
import io.entrepot.sync.Timeline;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.IntConsumer;

/** The timelines of a domain: their words, and on the heap beside them their Java-only state. */
public final class TimelineTable implements SyncDomain {
  private static final long NOWHERE = -1;

  private final Words words;
  private final long base;
  private final long span;
  private final AtomicReferenceArray<TimelineState> states;
  private IntConsumer oldFences = index -> {};
  private Runnable told = () -> {};

  /**
   * Of a word that is 0 while nobody waits in this process, and else hardly changes. Where nobody
   * is told there is none: a word of a record would be on a line that other threads write.
   */
  private long armed = NOWHERE;

  /** One load of an object at hand, behind the CAS of each signal. */
  private volatile boolean isHeardElsewhere;

  /** A table over words that hold {@link #bytes(int)} bytes from {@code base} on. */
  public TimelineTable(Words words, long base, int timelines) {
    this(words, base, timelines, TimelineDescriptor.SPAN);
  }

  /** As the public one, with another number of points from one sweep to the next. */
  TimelineTable(Words words, long base, int timelines, long span) {
    this.words = words;
    this.span = span;
    this.base = base;
    this.states = new AtomicReferenceArray<>(timelines);
  }

  /** A table over off-heap words of its own. */
  public static TimelineTable offHeap(int timelines) {
    if (timelines < 1 || timelines > MAX_TIMELINES) {
      throw new IllegalArgumentException(
          "timelines " + timelines + " is not within 1 to " + MAX_TIMELINES);
    }
    Words words = Words.offHeap(bytes(timelines));
    return new TimelineTable(words, words.base(), timelines);
  }

  /** Bytes of words that so many timelines take. */
  public static long bytes(int timelines) {
    return timelines * TimelineDescriptor.RECORD_BYTES;
  }

  /**
   * Says how fences of a timeline that are settled are taken out of all reservations of the domain.
   * Before the first timeline is opened.
   *
   * @param sweep takes the index of the timeline's record; any thread may call it, and several at a
   *     time
   */
  public void oldFencesBy(IntConsumer sweep) {
    oldFences = sweep;
  }

  /**
   * Says what is done whenever a signal has changed a word, in the thread that signals. Before the
   * first timeline is opened.
   *
   * @param tells those who wait for signals, by the words alone; throws nothing, and leads to no
   *     issuer of the domain, who could not be found lost then
   */
  public void toldBy(Runnable tells) {
    told = tells;
    hearElsewhere();
  }

  /**
   * As {@link #toldBy(Runnable)}, for a process in which nothing is done while nobody waits, until
   * somebody {@linkplain #hearElsewhere hears} of signals elsewhere.
   *
   * @param waiting place of a word that is 0 while nobody waits in this process, who raises it by a
   *     full fence before he looks at what he waits for
   */
  public void toldBy(Runnable tells, long waiting) {
    told = tells;
    armed = waiting;
  }

  /** Has each signal be told from now on; before whoever is told waits for the first time. */
  public void hearElsewhere() {
    isHeardElsewhere = true;
  }

  /** Behind the change of a word that says what is pending, or what keeps buffers. */
  void tell() {
    if (isHeardElsewhere || isHeardHere()) {
      told.run();
    }
  }

  private boolean isHeardHere() {
    return armed != NOWHERE && words.getOpaque(armed) != 0;
  }

  /** Takes settled fences of a timeline's record out of all reservations. */
  void forgetOldFences(int index) {
    oldFences.accept(index);
  }

  /** Points from one sweep of a record's old fences to the next. */
  long span() {
    return span;
  }

  @Override
  public Timeline timeline(String name) {
    return open(name, null);
  }

  @Override
  public Timeline timeline(String name, FenceIssuer issuer) {
    return open(name, Objects.requireNonNull(issuer, "issuer"));
  }

  private Timeline open(String name, FenceIssuer issuer) {
    for (int i = 0; i < states.length(); i++) {
      if (states.get(i) == null) {
        TimelineState state = new TimelineState(this, words, i, name, issuer);
        if (states.compareAndSet(i, null, state)) {
          state.begin();
          IssuedTimeline timeline = new IssuedTimeline(state, issuer);
          IssuerLoss.watch(timeline, new Lost(state));
          return timeline;
        }
      }
    }
    throw new IllegalStateException(
        "all " + states.length() + " timelines of this domain are in use; close some");
  }

  /**
   * Whether a point, given by the low bits that a reservation slot keeps, is signaled. Asks the
   * issuer of a lazy one.
   */
  boolean isSignaled(int index, long point) {
    long signaled = words.getAcquire(record(index) + TimelineDescriptor.SIGNALED);
    if (TimelineDescriptor.isReached(signaled, point)) {
      return true;
    }
    TimelineState state = states.get(index);
    return state != null && state.isLazy() && state.isSignaled(point(index, point));
  }

  /** The point of a record with the low bits that a reservation slot keeps. */
  long point(int index, long low) {
    long issued = words.getAcquire(record(index) + TimelineDescriptor.ISSUED);
    return TimelineDescriptor.nearest(low, issued);
  }

  /** Whether a point, given by its low bits, was issued by anybody who had the record. */
  boolean isIssued(int index, long low) {
    long issued = words.getAcquire(record(index) + TimelineDescriptor.ISSUED);
    return TimelineDescriptor.distance(issued, low) <= 0;
  }

  /** Where the words of a record lie. */
  long record(int index) {
    return base + index * TimelineDescriptor.RECORD_BYTES;
  }

  /** Whether a point is signaled and its work known to have ended: what reuse of memory asks. */
  boolean isSettled(int index, long point) {
    if (!isSignaled(index, point)) {
      return false;
    }
    // Read behind the signaled word, before which they are written.
    long from = words.getAcquire(record(index) + TimelineDescriptor.UNSETTLED_FROM);
    if (from == 0) {
      return true;
    }
    long full = point(index, point);
    return full < from || full > words.getAcquire(record(index) + TimelineDescriptor.UNSETTLED_TO);
  }

  @Override
  public int settle(String name) {
    int settled = 0;
    for (int i = 0; i < states.length(); i++) {
      TimelineState state = states.get(i);
      if (state != null && Objects.equals(state.name(), name) && state.settle()) {
        settled++;
      }
    }
    return settled;
  }

  /** How many records there are. */
  int size() {
    return states.length();
  }

  /** The state of a record in use, or {@code null}. */
  TimelineState state(int index) {
    return states.get(index);
  }

  /** Frees the record of a timeline on which nothing is pending any more. */
  void retire(TimelineState state) {
    states.compareAndSet(state.index(), state, null);
  }

  /** Runs when the public timeline is unreachable; must not refer to it. */
  private record Lost(TimelineState state) implements Runnable {
    @Override
    public void run() {
      state.end(IssuerLoss.of("timeline '" + state.name() + "'"));
    }
  }
}
