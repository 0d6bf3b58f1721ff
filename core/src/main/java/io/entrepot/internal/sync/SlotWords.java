package io.entrepot.internal.sync;

import static io.entrepot.internal.sync.FenceWord.CLAIMED;
import static io.entrepot.internal.sync.FenceWord.EMPTY;
import static io.entrepot.internal.sync.FenceWord.UNKNOWN;

import io.entrepot.internal.memory.Words;

/**
 * The words of the slots of all buffers of a pool, and what they mean.
 *
 * <p>A slot's word is read with acquire and changed by CAS, but for its claimant's release store:
 * what was done before a fence was put there happens-before what is done after it is seen.
 */
final class SlotWords {
  /** The set word, which a scan reads first. */
  static final int SET = -1;

  /**
   * How often a slot is looked at that another process writes: an honest one is settled after some,
   * one that changes for ever must not keep us.
   */
  private static final int MOST_LOOKS = 1_000;

  private final Words words;
  private final TimelineTable timelines;
  private final JobTable jobs;
  private final long slotsOffset;
  private final boolean writable;

  SlotWords(Words words, TimelineTable timelines, JobTable jobs, long slotsOffset) {
    this(words, timelines, jobs, slotsOffset, true);
  }

  /**
   * Words of slots.
   *
   * @param writable whether this process may write them; else queries alone work
   */
  SlotWords(
      Words words, TimelineTable timelines, JobTable jobs, long slotsOffset, boolean writable) {
    this.writable = writable;
    this.words = words;
    this.timelines = timelines;
    this.jobs = jobs;
    this.slotsOffset = slotsOffset;
  }

  TimelineTable timelines() {
    return timelines;
  }

  JobTable jobs() {
    return jobs;
  }

  /**
   * What a slot holds, jobs looked up: EMPTY, CLAIMED or a fence. Puts the fence of a job that has
   * committed in place of its word, and EMPTY in place of that of one which never will.
   */
  long meaning(long base, int slot) {
    for (int look = 0; writable || look < MOST_LOOKS; look++) {
      long word = words.getAcquire(place(base, slot));
      if (!FenceWord.isJob(word)) {
        return word;
      }
      if (!writable && FenceWord.index(word) >= jobs.size()) {
        // There is no such record to look at.
        return UNKNOWN;
      }
      long meaning = jobs.resolve(word);
      if (meaning == CLAIMED) {
        return CLAIMED;
      }
      if (!writable) {
        if (meaning != JobTable.STALE) {
          return meaning;
        }
        if (words.getVolatile(place(base, slot)) == word) {
          return EMPTY;
        }
        continue;
      }
      // Behind the look at the ended job's record: what is still here was left by a reclaimed one.
      change(base, slot, word, meaning == JobTable.STALE ? EMPTY : meaning);
    }
    return UNKNOWN;
  }

  /** What a slot holds as it is. */
  long raw(long base, int slot) {
    return words.getVolatile(place(base, slot));
  }

  /** Whether the slot is claimed, as its claimant asks. */
  boolean isClaimed(long base, int slot) {
    return words.getPlain(place(base, slot)) == CLAIMED;
  }

  /** Changes a slot by CAS. */
  boolean change(long base, int slot, long before, long word) {
    return words.compareAndSet(place(base, slot), before, word);
  }

  /** Changes a slot by its claimant. */
  void fill(long base, int slot, long word) {
    words.setRelease(place(base, slot), word);
  }

  private long place(long base, int slot) {
    return base + slotsOffset + (long) slot * Words.WORD_BYTES;
  }

  /** Whether a slot with this meaning is to be had. */
  boolean isFree(long word) {
    return word == EMPTY || (word != CLAIMED && isSettled(word));
  }

  /** Whether a fence is settled; one of a timeline that is not there never is. */
  boolean isSettled(long fence) {
    return isThere(fence) && timelines.isSettled(FenceWord.index(fence), FenceWord.point(fence));
  }

  /** Whether a fence is signaled; one of a timeline that is not there never is. */
  boolean isSignaled(long fence) {
    return isThere(fence) && timelines.isSignaled(FenceWord.index(fence), FenceWord.point(fence));
  }

  /** Whether there is such a timeline, which what another process wrote may be wrong about. */
  private boolean isThere(long fence) {
    return writable || FenceWord.index(fence) < timelines.size();
  }

  /** The point of a fence, all of it. */
  long point(long fence) {
    return isThere(fence)
        ? timelines.point(FenceWord.index(fence), FenceWord.point(fence))
        : FenceWord.point(fence);
  }

  /** What the timeline of a fence is called, by its number where its name is not known here. */
  String timelineName(long fence) {
    TimelineState timeline = isThere(fence) ? timelines.state(FenceWord.index(fence)) : null;
    return timeline == null ? "timeline " + FenceWord.index(fence) : timeline.name();
  }
}
