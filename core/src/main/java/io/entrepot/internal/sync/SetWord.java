package io.entrepot.internal.sync;

import static io.entrepot.internal.sync.FenceWord.CLAIMED;
import static io.entrepot.internal.sync.FenceWord.EMPTY;

/**
 * The word of each buffer through which jobs over several buffers get at it ({@link JobSet}). It
 * holds the job that claims the buffer, and the fence of the last job until another claims it:
 *
 * <pre>
 *   EMPTY, a settled fence, or one that is in a slot by now --claim--> job
 *   job --its status word--> fence, or EMPTY
 * </pre>
 *
 * <p>{@link ReservationSlots} has the invariants, for whoever reads the slots reads this too.
 */
final class SetWord {
  private final SlotWords words;
  private final ReservationSlots slots;

  SetWord(SlotWords words, ReservationSlots slots) {
    this.words = words;
    this.slots = slots;
  }

  /** What it holds: 0, a job or a fence. */
  long get(long base) {
    return words.raw(base, SlotWords.SET);
  }

  /**
   * Makes {@code job} the claimant of the buffer at {@code base}, whose set word was {@code
   * before}: nothing, a fence, or a job that is not pending. A fence that is kept there goes to a
   * slot before. Takes effect at the CAS.
   *
   * @param job the job's word, with its usage
   * @return false when the set word has changed since
   */
  boolean claim(long base, long before, long job) {
    long meaning = FenceWord.isJob(before) ? words.jobs().resolve(before) : before;
    if (meaning == CLAIMED) {
      return false;
    }
    if (meaning == JobTable.STALE) {
      // The CAS below fails where it is not the leftover of a reclaimed job.
      meaning = EMPTY;
    }
    if (meaning != EMPTY && !words.isSettled(meaning)) {
      slots.put(base, meaning);
    }
    if (!words.change(base, SlotWords.SET, before, job)) {
      return false;
    }
    slots.touch(base);
    return true;
  }

  /** Takes out the word of a job that did not commit. */
  void leave(long base, long job) {
    words.change(base, SlotWords.SET, job, EMPTY);
  }

  /** Puts the fence in place of the word of its job, which has committed. */
  void settle(long base, long job, long fence) {
    words.change(base, SlotWords.SET, job, fence);
  }
}
