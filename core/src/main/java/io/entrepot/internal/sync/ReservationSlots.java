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
 * </pre>
 *
 * <p><b>Linearization.</b> Reserving, adding and the changes in place take effect at their CAS or
 * store. A word is <em>covered</em> by another when that one's signal implies its own and every
 * query that sees the one sees the other ({@link FenceWord#isCoveredBy}).
 *
 * <p><b>The set word</b> is one slot more, for jobs over several buffers alone ({@link JobSet}). It
 * holds the job that claims the buffer, and the fence of the last job until another claims it:
 *
 * <pre>
 *   EMPTY, a settled fence, or one that is in a slot by now --claim--> job
 *   job --its status word--> fence, or EMPTY
 * </pre>
 *
 * <p><b>Invariants.</b> (1) A pending fence leaves its slot only by being covered, or replaced on
 * its issuer's word, in that very slot, or while a higher slot has what covers it; it leaves the
 * set word only when a slot has it, or what covers it. So a scan which reads the set word, then the
 * slots upwards, finds every fence that was added before it began and is pending when it ends, or
 * what covers it. (2) An older fence never replaces a newer one: {@code isCoveredBy} compares
 * points, and the CAS expects the word that was compared. A word of one timeline never recurs after
 * it changed, but for a copy on its way out of the set word. (3) {@link TouchedWord} says 0 only
 * where there is nothing. (4) Such a copy stays when the claim for which it was made fails, for
 * another job may rely on it: a fence that was replaced meanwhile may then be waited for all the
 * same.
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

  /** The set word, which a scan reads first. */
  private static final int SET = -1;

  private static final int NONE = -2;

  private final Words words;
  private final TimelineTable timelines;
  private final JobTable jobs;
  private final TouchedWord touched;
  private final long slotsOffset;

  /**
   * Slots over the words of buffers.
   *
   * @param jobs of sets of reservations among these buffers
   * @param touchedOffset where in a buffer's record its touched word lies
   * @param slotsOffset where in a buffer's record its {@value #CAPACITY} slot words lie, behind its
   *     set word
   */
  public ReservationSlots(
      Words words, TimelineTable timelines, JobTable jobs, long touchedOffset, long slotsOffset) {
    this.words = words;
    this.timelines = timelines;
    this.jobs = jobs;
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

  /** As {@link #isUnused}, for whoever has read the buffer's touched word with acquire. */
  public static boolean isUnusedWord(long touchedWord) {
    return !TouchedWord.isTouchedWord(touchedWord);
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
    for (int i = SET; i < CAPACITY; i++) {
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
    boolean changed;
    do {
      changed = false;
      for (int i = 0; i < CAPACITY; i++) {
        long word = word(base, i);
        if (isFree(word)) {
          if (words.compareAndSet(slot(base, i), word, CLAIMED)) {
            touched.touch(base);
            return i;
          }
          changed = true;
        }
      }
    } while (changed || squeeze(base));
    throw full(base);
  }

  private IllegalStateException full(long base) {
    String text = "all %d fence slots of the buffer are in use: %s; wait for one of these";
    return new IllegalStateException(String.format(text, CAPACITY, describe(base)));
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
    } while (changed || squeeze(base));
    throw full(base);
  }

  /**
   * At capacity, makes one of two fences of which one covers the other; whether there were any.
   * What covers goes to the higher slot before the lower is cleared.
   */
  private boolean squeeze(long base) {
    for (int high = CAPACITY - 1; high > 0; high--) {
      for (int low = 0; low < high; low++) {
        long upper = word(base, high);
        long lower = word(base, low);
        if (!FenceWord.isFence(upper) || !FenceWord.isFence(lower)) {
          continue;
        }
        if (FenceWord.isCoveredBy(lower, upper) && mayBeTakenOver(lower)) {
          words.compareAndSet(slot(base, low), lower, EMPTY);
          return true;
        }
        if (FenceWord.isCoveredBy(upper, lower) && mayBeTakenOver(upper)) {
          words.compareAndSet(slot(base, high), upper, lower);
          return true;
        }
      }
    }
    return false;
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
    for (int i = SET; i < CAPACITY; i++) {
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
      int at = NONE;
      long found = EMPTY;
      for (int i = SET; i < CAPACITY; i++) {
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
        if (at == NONE || FenceWord.withUsage(word, Usage.MOVE) == exact) {
          at = i;
          found = word;
        }
      }
      if (at == NONE) {
        return false;
      }
      if (words.compareAndSet(slot(base, at), found, FenceWord.withUsage(found, usage))) {
        return true;
      }
    }
  }

  /** Puts a fence of this domain into a claimed slot. */
  void fill(long base, int slot, long fence) {
    words.setRelease(slot(base, slot), fence);
  }

  // ---------------------------------------------------------------- jobs over several buffers

  /** What the set word holds: 0, a job or a fence. */
  long setWord(long base) {
    return words.getVolatile(slot(base, SET));
  }

  /**
   * Makes {@code job} the claimant of the buffer at {@code base}, whose set word was {@code
   * before}: nothing, a fence, or a job that is not pending. A fence that is kept there goes to a
   * slot before.
   *
   * @param job the job's word, with its usage
   * @return false when the set word has changed since
   */
  boolean claim(long base, long before, long job) {
    long meaning = FenceWord.isJob(before) ? jobs.resolve(before) : before;
    if (meaning == CLAIMED) {
      return false;
    }
    if (meaning == JobTable.STALE) {
      // The CAS below fails where it is not the leftover of a reclaimed job.
      meaning = EMPTY;
    }
    if (meaning != EMPTY && !isSettled(meaning)) {
      put(base, meaning);
    }
    if (!words.compareAndSet(slot(base, SET), before, job)) {
      return false;
    }
    touched.touch(base);
    return true;
  }

  /** Takes out the word of a job that did not commit. */
  void leave(long base, long job) {
    words.compareAndSet(slot(base, SET), job, EMPTY);
  }

  /** Puts the fence in place of the word of its job, which has committed. */
  void settle(long base, long job, long fence) {
    words.compareAndSet(slot(base, SET), job, fence);
  }

  // ---------------------------------------------------------------- queries

  /** Adds the pending fences that a query for {@code usage} sees. */
  void collect(long base, Usage usage, CollectedFences into) {
    if (!isUnused(base)) {
      collect(base, SET, usage, into);
    }
  }

  /** As {@link #collect}, for the claimant of the buffer, whose own word is in the set word. */
  void collectAsClaimant(long base, Usage usage, CollectedFences into) {
    collect(base, 0, usage, into);
  }

  private void collect(long base, int from, Usage usage, CollectedFences into) {
    for (int i = from; i < CAPACITY; i++) {
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
    for (int i = SET; i < CAPACITY; i++) {
      long word = word(base, i);
      if (isPending(word, usage)) {
        return word;
      }
    }
    return EMPTY;
  }

  int pending(long base, Usage usage) {
    int count = 0;
    for (int i = SET; i < CAPACITY; i++) {
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
    for (int i = SET; i < CAPACITY; i++) {
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
      // Behind the look at the ended job's record: what is still here was left by a reclaimed one.
      words.compareAndSet(slot(base, slot), word, meaning == JobTable.STALE ? EMPTY : meaning);
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
