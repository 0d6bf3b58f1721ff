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
 * <p><b>The set word</b> is one slot more, for jobs over several buffers alone: see {@link
 * SetWord}.
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

  private static final int NONE = -2;

  private final SlotWords words;
  private final TimelineTable timelines;
  private final TouchedWord touched;
  private final SlotQueries queries;
  private final SetWord setWord;

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
    this.words = new SlotWords(words, timelines, jobs, slotsOffset);
    this.timelines = timelines;
    this.touched = new TouchedWord(words, touchedOffset);
    this.queries = new SlotQueries(this.words);
    this.setWord = new SetWord(this.words, this);
  }

  TimelineTable timelines() {
    return timelines;
  }

  JobTable jobs() {
    return words.jobs();
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
    for (int i = SlotWords.SET; i < CAPACITY; i++) {
      long word = words.meaning(base, i);
      if (word == EMPTY) {
        continue;
      }
      if (words.isFree(word)) {
        cleared &= words.change(base, i, word, EMPTY);
      } else {
        idle = false;
      }
    }
    if (idle && cleared) {
      touched.endLook(base, mark);
    }
    return idle;
  }

  /**
   * Takes the fences of a timeline's record out of the slots that are settled, and those that were
   * never issued: such a one was put there by a thread that was stopped for 2<sup>44</sup> points.
   */
  public void forget(long base, int index) {
    for (int i = SlotWords.SET; i < CAPACITY; i++) {
      long word;
      do {
        word = words.meaning(base, i);
      } while (FenceWord.isFence(word)
          && FenceWord.index(word) == index
          && (words.isSettled(word) || !timelines.isIssued(index, FenceWord.point(word)))
          && !words.change(base, i, word, EMPTY));
    }
  }

  // ---------------------------------------------------------------- claims

  int reserve(long base) {
    boolean changed;
    long seen;
    do {
      changed = false;
      seen = 0;
      for (int i = 0; i < CAPACITY; i++) {
        long word = words.meaning(base, i);
        seen = next(seen, word);
        if (words.isFree(word)) {
          if (words.change(base, i, word, CLAIMED)) {
            touched.touch(base);
            return i;
          }
          changed = true;
        }
      }
    } while (changed || squeeze(base) || isNoMore(base, seen));
    throw full(base);
  }

  private IllegalStateException full(long base) {
    String text = "all %d fence slots of the buffer are in use: %s; wait for one of these";
    return new IllegalStateException(String.format(text, CAPACITY, queries.describe(base)));
  }

  void cancel(long base, int slot) {
    checkClaimed(base, slot);
    words.fill(base, slot, EMPTY);
    timelines.tell();
  }

  void add(long base, int slot, TimelineState timeline, long point, Usage usage) {
    checkDomain(timeline);
    checkClaimed(base, slot);
    words.fill(base, slot, FenceWord.of(timeline, point, usage));
  }

  private void checkClaimed(long base, int slot) {
    if (!words.isClaimed(base, slot)) {
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
    put(base, FenceWord.of(timeline, point, usage));
    touched.touch(base);
  }

  void put(long base, long fence) {
    boolean changed;
    long seen;
    do {
      changed = false;
      seen = 0;
      int free = -1;
      long freeWord = EMPTY;
      for (int i = 0; i < CAPACITY; i++) {
        long word = words.meaning(base, i);
        seen = next(seen, word);
        if (word == CLAIMED) {
          continue;
        }
        if (word != EMPTY && FenceWord.isCoveredBy(word, fence) && mayBeTakenOver(word)) {
          if (words.change(base, i, word, fence)) {
            return;
          }
          changed = true;
        } else if (isKeptBy(fence, word)) {
          return;
        } else if (free < 0 && words.isFree(word)) {
          free = i;
          freeWord = word;
        }
      }
      if (!changed && free >= 0) {
        if (words.change(base, free, freeWord, fence)) {
          return;
        }
        changed = true;
      }
    } while (changed || squeeze(base) || isNoMore(base, seen));
    throw full(base);
  }

  /**
   * Whether the slots hold something else than a pass over them has {@code seen}, or one has become
   * free: then all being in use is not the last word. Another thread may have made room, and taken
   * it, between the pass and the look for fences that cover each other.
   */
  private boolean isNoMore(long base, long seen) {
    long now = 0;
    for (int i = 0; i < CAPACITY; i++) {
      long word = words.meaning(base, i);
      now = next(now, words.isFree(word) ? EMPTY : word);
    }
    return now != seen;
  }

  /** What was seen with one word more: differs, as good as always, where one of the words does. */
  private static long next(long seen, long word) {
    return seen * 0x9E37_79B9_7F4A_7C15L + word;
  }

  /**
   * At capacity, makes one of two fences of which one covers the other; whether there were any.
   * What covers goes to the higher slot before the lower is cleared.
   */
  private boolean squeeze(long base) {
    for (int high = CAPACITY - 1; high > 0; high--) {
      for (int low = 0; low < high; low++) {
        long upper = words.meaning(base, high);
        long lower = words.meaning(base, low);
        if (!FenceWord.isFence(upper) || !FenceWord.isFence(lower)) {
          continue;
        }
        if (FenceWord.isCoveredBy(lower, upper) && mayBeTakenOver(lower)) {
          words.change(base, low, lower, EMPTY);
          return true;
        }
        if (FenceWord.isCoveredBy(upper, lower) && mayBeTakenOver(upper)) {
          words.change(base, high, upper, lower);
          return true;
        }
      }
    }
    return false;
  }

  /** Whether the slots keep the buffer for a fence as they are: what {@link #put} adds no more. */
  boolean alreadyKeeps(long base, long fence) {
    for (int i = 0; i < CAPACITY; i++) {
      if (isKeptBy(fence, words.meaning(base, i))) {
        return true;
      }
    }
    return false;
  }

  /**
   * Whether a slot's word covers a fence and its work is not known to be over. Also where it is
   * signaled: a record has one issuer until that one's work is settled, all of it at once, so it
   * keeps the buffer for as long as the fence would.
   */
  private boolean isKeptBy(long fence, long word) {
    return FenceWord.isFence(word) && FenceWord.isCoveredBy(fence, word) && !words.isSettled(word);
  }

  /**
   * Whether a later fence of its timeline may take over the slot of {@code word}. Not that of a
   * point whose issuer has ended and whose work may go on: a later point may be another issuer's.
   */
  private boolean mayBeTakenOver(long word) {
    return words.isSettled(word) || !words.isSignaled(word);
  }

  /** As {@link Reservation#replace}. */
  int replace(long base, TimelineState of, TimelineState by, long point, Usage usage) {
    checkDomain(of);
    checkDomain(by);
    long fence = FenceWord.of(by, point, usage);
    int replaced = 0;
    for (int i = SlotWords.SET; i < CAPACITY; i++) {
      for (long word = words.meaning(base, i);
          isReplaceable(word, of, fence);
          word = words.meaning(base, i)) {
        if (words.change(base, i, word, fence)) {
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
        && !words.isSignaled(word)
        && (FenceWord.index(by) != of.index() || FenceWord.isEarlier(word, by));
  }

  /** As {@link Reservation#promote}. */
  boolean promote(long base, TimelineState timeline, long point, Usage usage) {
    checkDomain(timeline);
    long fence = FenceWord.of(timeline, point, usage);
    long exact = FenceWord.withUsage(fence, Usage.MOVE);
    while (true) {
      int at = NONE;
      long found = EMPTY;
      for (int i = SlotWords.SET; i < CAPACITY; i++) {
        long word = words.meaning(base, i);
        if (!FenceWord.isFence(word)
            || FenceWord.index(word) != timeline.index()
            || FenceWord.isEarlier(word, fence)
            || words.isSignaled(word)) {
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
      if (words.change(base, at, found, FenceWord.withUsage(found, usage))) {
        return true;
      }
    }
  }

  /** Puts a fence of this domain into a claimed slot. */
  void fill(long base, int slot, long fence) {
    words.fill(base, slot, fence);
  }

  // ---------------------------------------------------------------- queries

  SlotQueries queries() {
    return queries;
  }

  /** As {@link SlotQueries#collect}. */
  void collect(long base, Usage usage, CollectedFences into) {
    if (!isUnused(base)) {
      queries.collect(base, usage, into);
    }
  }

  /**
   * Whether no fence of the buffer at {@code base} that a query for {@code usage} sees is pending.
   */
  public boolean isSignaled(long base, Usage usage) {
    return isUnused(base) || queries.isSignaled(base, usage);
  }

  /** Waits as {@link Reservation#await}. */
  public boolean await(long base, Usage usage, long timeoutNs) {
    return queries.await(base, usage, timeoutNs);
  }

  /** The claims and pending fences of the buffer at {@code base}. */
  public String describe(long base) {
    return queries.describe(base);
  }

  // ---------------------------------------------------------------- jobs over several buffers

  SetWord setWord() {
    return setWord;
  }

  void touch(long base) {
    touched.touch(base);
  }

  /**
   * The reservation of the buffer whose record lies at {@code base}.
   *
   * @param current whether the buffer is still in the use for which the reservation was asked
   */
  public Reservation of(long base, BooleanSupplier current) {
    return of(base, null, 0, current);
  }

  /**
   * As {@link #of(long, BooleanSupplier)}, of a buffer that another process exports.
   *
   * @param far the reservations in that process; {@code null} where it is this one
   * @param farBase where the record of the buffer lies in its words
   */
  public Reservation of(long base, FarReservations far, long farBase, BooleanSupplier current) {
    return new BufferReservation(this, base, far, farBase, current);
  }
}
