package io.entrepot.internal.sync;

import static io.entrepot.internal.sync.FenceWord.CLAIMED;
import static io.entrepot.internal.sync.FenceWord.EMPTY;

import io.entrepot.internal.memory.Words;
import io.entrepot.sync.Reservation;
import io.entrepot.sync.Usage;
import java.util.function.BooleanSupplier;

/**
 * The reservation slots of all buffers of a pool, each a {@link FenceWord}.
 *
 * <p>A slot changes by CAS alone, but for its claimant's store:
 *
 * <pre>
 *   EMPTY, or a settled fence --reserve--> CLAIMED --add--> fence      (add is a release store)
 *   EMPTY, or a settled fence ------------add-------------> fence
 *   pending fence -------add, promote, replace------------> fence that covers it
 *   settled fence --sweep--> EMPTY &lt;--cancel-- CLAIMED
 *   EMPTY, or a settled fence --join--> job --its status word--> fence, or EMPTY
 * </pre>
 *
 * <p><b>Linearization.</b> Reserving, adding and the changes in place take effect at their CAS or
 * store. A word is <em>covered</em> by another when that one's signal implies its own and every
 * query that sees the one sees the other ({@link FenceWord#isCoveredBy}).
 *
 * <p><b>Invariants.</b> (1) A pending fence leaves its slot only by being covered, or replaced on
 * its issuer's word, in that very slot or, when a job settles, in a higher one that has what covers
 * it before the lower is cleared. So a scan which reads each slot once, upwards, finds every fence
 * that was added before it began and is pending when it ends, or what covers it. (2) An older fence
 * never replaces a newer one: {@code isCoveredBy} compares points, and the CAS expects the word
 * that was compared. A word of one timeline never recurs after it changed, for points only grow and
 * a fence that is settled stays so. (3) {@link TouchedWord} says 0 only where there is nothing.
 *
 * <p><b>Late holders.</b> Who adds to a buffer that is released meanwhile is told so behind the
 * change of the slot, which keeps the buffer from reuse from there on or comes too late. A claim
 * that came too late is cancelled. A fence that came too late stays until it is signaled: to take
 * it out again could take out the same fence, or one that it covers, of the buffer's next holder.
 * It makes the next holder wait for work which is nothing to it, and no more.
 */
public final class ReservationSlots {
  /** Slots of one buffer. */
  public static final int CAPACITY = 8;

  private final Words words;
  private final TimelineTable timelines;
  private final JobTable jobs;
  private final TouchedWord touched;
  private final long setOffset;
  private final long slotsOffset;

  /**
   * Slots over the words of buffers.
   *
   * @param jobs of sets of reservations among these buffers
   * @param touchedOffset where in a buffer's record its touched word lies
   * @param setOffset where in a buffer's record its set word lies, which holds the job that claims
   *     it or claimed it last
   * @param slotsOffset where in a buffer's record its {@value #CAPACITY} slot words lie
   */
  public ReservationSlots(
      Words words,
      TimelineTable timelines,
      JobTable jobs,
      long touchedOffset,
      long setOffset,
      long slotsOffset) {
    this.words = words;
    this.timelines = timelines;
    this.jobs = jobs;
    this.setOffset = setOffset;
    this.touched = new TouchedWord(words, touchedOffset);
    this.slotsOffset = slotsOffset;
  }

  TimelineTable timelines() {
    return timelines;
  }

  JobTable jobs() {
    return jobs;
  }

  /**
   * Whether the buffer at {@code base} has neither claims nor fences. One read; it may say false
   * where there is nothing any more, until the next {@link #sweep}.
   */
  public boolean isUnused(long base) {
    return !touched.isTouched(base);
  }

  /**
   * Whether the buffer at {@code base} has no claim and no pending fence, clearing settled ones on
   * the way. What reuse asks.
   */
  public boolean sweep(long base) {
    if (isUnused(base)) {
      return true;
    }
    long mark = touched.beginLook(base);
    boolean idle = true;
    boolean cleared = true;
    for (int i = 0; i < CAPACITY; i++) {
      long word = word(base, i);
      if (word == EMPTY) {
        continue;
      }
      if (isFree(word)) {
        cleared &= words.compareAndSet(slot(base, i), word, EMPTY);
      } else {
        idle = false;
      }
    }
    if (idle && cleared) {
      touched.endLook(base, mark);
    }
    return idle;
  }

  // ---------------------------------------------------------------- claims

  int reserve(long base) {
    return reserve(base, CLAIMED);
  }

  /** Puts {@code claim} into a free slot; the slot. */
  private int reserve(long base, long claim) {
    boolean changed;
    do {
      changed = false;
      for (int i = 0; i < CAPACITY; i++) {
        long word = word(base, i);
        if (isFree(word)) {
          if (words.compareAndSet(slot(base, i), word, claim)) {
            touched.touch(base);
            return i;
          }
          changed = true;
        }
      }
    } while (changed);
    throw full(base);
  }

  private IllegalStateException full(long base) {
    return new IllegalStateException(
        "all "
            + CAPACITY
            + " fence slots of the buffer are in use: "
            + describe(base)
            + "; a timeline needs one slot for each usage when its fences are added by"
            + " add(fence, usage), so wait for one of these, or let fewer timelines work at a"
            + " buffer at a time");
  }

  void cancel(long base, int slot) {
    checkClaimed(base, slot);
    words.setRelease(slot(base, slot), EMPTY);
  }

  void add(long base, int slot, TimelineState timeline, long point, Usage usage) {
    checkDomain(timeline);
    checkClaimed(base, slot);
    words.setRelease(slot(base, slot), FenceWord.pack(timeline.index(), point, usage));
  }

  private void checkClaimed(long base, int slot) {
    if (words.getPlain(slot(base, slot)) != CLAIMED) {
      throw new IllegalStateException("fence slot " + slot + " is not claimed");
    }
  }

  private void checkDomain(TimelineState timeline) {
    if (timeline.table() != timelines) {
      throw new IllegalArgumentException(
          "timeline '" + timeline.name() + "' is not of this buffer's sync domain");
    }
  }

  // ---------------------------------------------------------------- fences without a claim

  /** Adds a fence to a slot whose fence it covers, or to a free one, by one CAS. */
  void add(long base, TimelineState timeline, long point, Usage usage) {
    checkDomain(timeline);
    put(base, FenceWord.pack(timeline.index(), point, usage));
    touched.touch(base);
  }

  private void put(long base, long fence) {
    boolean changed;
    do {
      changed = false;
      int free = -1;
      long freeWord = EMPTY;
      for (int i = 0; i < CAPACITY; i++) {
        long word = word(base, i);
        if (word == CLAIMED) {
          continue;
        }
        if (word != EMPTY && FenceWord.isCoveredBy(word, fence) && mayBeTakenOver(word)) {
          if (words.compareAndSet(slot(base, i), word, fence)) {
            return;
          }
          changed = true;
        } else if (word != EMPTY && FenceWord.isCoveredBy(fence, word) && !isSignaled(word)) {
          return;
        } else if (free < 0 && isFree(word)) {
          free = i;
          freeWord = word;
        }
      }
      if (!changed && free >= 0) {
        if (words.compareAndSet(slot(base, free), freeWord, fence)) {
          return;
        }
        changed = true;
      }
    } while (changed);
    throw full(base);
  }

  /**
   * Whether a later fence of its timeline may take over the slot of {@code word}. Not that of a
   * point whose issuer has ended and whose work may go on: a later point may be another issuer's.
   */
  private boolean mayBeTakenOver(long word) {
    return isSettled(word) || !isSignaled(word);
  }

  /** As {@link Reservation#replace}. */
  int replace(long base, TimelineState of, TimelineState by, long point, Usage usage) {
    checkDomain(of);
    checkDomain(by);
    long fence = FenceWord.pack(by.index(), point, usage);
    int replaced = 0;
    for (int i = 0; i < CAPACITY; i++) {
      for (long word = word(base, i); isReplaceable(word, of, fence); word = word(base, i)) {
        if (words.compareAndSet(slot(base, i), word, fence)) {
          replaced++;
          break;
        }
      }
    }
    touched.touch(base);
    return replaced;
  }

  /**
   * Whether {@code word} is a pending fence of that very timeline, and not one later than {@code
   * by}. The word was read before the timeline is looked up: one that is pending, of a timeline
   * which has its record still, is no other tenant's.
   */
  private boolean isReplaceable(long word, TimelineState of, long by) {
    return FenceWord.isFence(word)
        && FenceWord.index(word) == of.index()
        && timelines.state(of.index()) == of
        && !isSignaled(word)
        && (FenceWord.index(by) != of.index() || FenceWord.point(word) < FenceWord.point(by));
  }

  /** As {@link Reservation#promote}. */
  boolean promote(long base, TimelineState timeline, long point, Usage usage) {
    checkDomain(timeline);
    long fence = FenceWord.pack(timeline.index(), point, usage);
    long exact = FenceWord.withUsage(fence, Usage.MOVE);
    while (true) {
      int at = -1;
      long found = EMPTY;
      for (int i = 0; i < CAPACITY; i++) {
        long word = word(base, i);
        if (!FenceWord.isFence(word)
            || FenceWord.index(word) != timeline.index()
            || FenceWord.point(word) < point
            || isSignaled(word)) {
          continue;
        }
        if (FenceWord.isCoveredBy(fence, word)) {
          return true;
        }
        if (at < 0 || FenceWord.withUsage(word, Usage.MOVE) == exact) {
          at = i;
          found = word;
        }
      }
      if (at < 0) {
        return false;
      }
      if (words.compareAndSet(slot(base, at), found, FenceWord.withUsage(found, usage))) {
        return true;
      }
    }
  }

  /** As {@link Reservation#copyFrom}. */
  void copy(long base, CollectedFences fences) {
    int claimed = 0;
    int[] slots = new int[fences.size()];
    try {
      while (claimed < slots.length) {
        slots[claimed] = reserve(base);
        claimed++;
      }
    } catch (IllegalStateException full) {
      while (claimed > 0) {
        cancel(base, slots[--claimed]);
      }
      throw full;
    }
    for (int i = 0; i < slots.length; i++) {
      words.setRelease(slot(base, slots[i]), fences.word(i));
    }
  }

  // ---------------------------------------------------------------- jobs over several buffers

  /** The job that claims the buffer at {@code base} or claimed it last, or 0. */
  long claimant(long base) {
    return words.getVolatile(base + setOffset);
  }

  /** Makes {@code job} the claimant in place of one that is not pending. */
  boolean claim(long base, long claimant, long job) {
    return words.compareAndSet(base + setOffset, claimant, job);
  }

  /**
   * Collects the fences that the job has to wait for and puts its word into a free slot. The job
   * claims the buffer.
   *
   * @param job the job's word, with its usage
   * @return the slot
   */
  int join(long base, long job, CollectedFences dependencies) {
    Usage awaited = FenceWord.usage(job).awaited();
    while (true) {
      int free = -1;
      long freeWord = EMPTY;
      for (int i = 0; i < CAPACITY; i++) {
        long word = word(base, i);
        if (isFree(word)) {
          if (free < 0) {
            free = i;
            freeWord = word;
          }
        } else if (word != CLAIMED && FenceWord.isSeenBy(word, awaited)) {
          dependencies.add(word);
        }
      }
      if (free < 0) {
        throw full(base);
      }
      if (words.compareAndSet(slot(base, free), freeWord, job)) {
        touched.touch(base);
        return free;
      }
    }
  }

  /** Takes out the word of a job that did not commit. */
  void leave(long base, int slot, long job) {
    words.compareAndSet(slot(base, slot), job, EMPTY);
  }

  /**
   * Puts the fence in place of the word of its job, which has committed, and lets it take over the
   * slot of a fence that it covers.
   */
  void settle(long base, int slot, long job, long fence) {
    words.compareAndSet(slot(base, slot), job, fence);
    int own = slot;
    for (int i = 0; i < CAPACITY; i++) {
      long word = word(base, i);
      if (i == own
          || !FenceWord.isFence(word)
          || !FenceWord.isCoveredBy(word, fence)
          || isSignaled(word)) {
        continue;
      }
      // The higher slot stays, so that who scans upwards sees one of the two.
      if (i < own) {
        words.compareAndSet(slot(base, i), word, EMPTY);
      } else if (words.compareAndSet(slot(base, i), word, fence)) {
        words.compareAndSet(slot(base, own), fence, EMPTY);
        own = i;
      }
    }
  }

  // ---------------------------------------------------------------- queries

  /** Adds the pending fences that a query for {@code usage} sees. */
  void collect(long base, Usage usage, CollectedFences into) {
    if (isUnused(base)) {
      return;
    }
    for (int i = 0; i < CAPACITY; i++) {
      long word = word(base, i);
      if (FenceWord.isFence(word) && FenceWord.isSeenBy(word, usage)) {
        into.add(word);
      }
    }
  }

  /**
   * Whether no fence of the buffer at {@code base} that a query for {@code usage} sees is pending.
   */
  public boolean isSignaled(long base, Usage usage) {
    return isUnused(base) || firstPending(base, usage) == EMPTY;
  }

  /** Waits as {@link Reservation#await}. */
  public boolean await(long base, Usage usage, long timeoutNs) {
    long startNs = System.nanoTime();
    while (true) {
      long word = firstPending(base, usage);
      if (word == EMPTY) {
        return true;
      }
      long leftNs = timeoutNs - (System.nanoTime() - startNs);
      TimelineState timeline = timelines.state(FenceWord.index(word));
      // No state: the timeline was retired after our look, which signaled the point.
      if (timeline != null && !timeline.await(FenceWord.point(word), leftNs)) {
        return false;
      }
    }
  }

  private long firstPending(long base, Usage usage) {
    for (int i = 0; i < CAPACITY; i++) {
      long word = word(base, i);
      if (isPending(word, usage)) {
        return word;
      }
    }
    return EMPTY;
  }

  int pending(long base, Usage usage) {
    int count = 0;
    for (int i = 0; i < CAPACITY; i++) {
      count += isPending(word(base, i), usage) ? 1 : 0;
    }
    return count;
  }

  private boolean isPending(long word, Usage usage) {
    return FenceWord.isFence(word) && FenceWord.isSeenBy(word, usage) && !isSignaled(word);
  }

  /** The claims and pending fences of the buffer at {@code base}. */
  public String describe(long base) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < CAPACITY; i++) {
      long word = word(base, i);
      if (isFree(word)) {
        continue;
      }
      text.append(text.isEmpty() ? "" : ", ");
      if (word == CLAIMED) {
        text.append("claimed");
      } else {
        TimelineState timeline = timelines.state(FenceWord.index(word));
        text.append(FenceWord.usage(word))
            .append(' ')
            .append(timeline == null ? "?" : timeline.name())
            .append(':')
            .append(FenceWord.point(word))
            .append(isSignaled(word) ? " unsettled" : "");
      }
    }
    return text.toString();
  }

  // ---------------------------------------------------------------- words

  /** What a slot holds, jobs looked up: EMPTY, CLAIMED or a fence. */
  private long word(long base, int slot) {
    while (true) {
      long word = words.getAcquire(slot(base, slot));
      if (!FenceWord.isJob(word)) {
        return word;
      }
      long meaning = jobs.resolve(word);
      if (meaning == CLAIMED) {
        return CLAIMED;
      }
      if (meaning != JobTable.STALE) {
        words.compareAndSet(slot(base, slot), word, meaning);
      }
    }
  }

  /** Whether a slot with this word is to be had. */
  private boolean isFree(long word) {
    return word == EMPTY || (word != CLAIMED && isSettled(word));
  }

  private boolean isSettled(long word) {
    return timelines.isSettled(FenceWord.index(word), FenceWord.point(word));
  }

  private boolean isSignaled(long word) {
    return timelines.isSignaled(FenceWord.index(word), FenceWord.point(word));
  }

  private long slot(long base, int slot) {
    return base + slotsOffset + (long) slot * Words.WORD_BYTES;
  }

  /**
   * The reservation of the buffer whose record lies at {@code base}.
   *
   * @param current whether the buffer is still in the use for which the reservation was asked
   */
  public Reservation of(long base, BooleanSupplier current) {
    return new BufferReservation(this, base, current);
  }
}
