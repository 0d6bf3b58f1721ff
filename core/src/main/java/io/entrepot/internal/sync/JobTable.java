package io.entrepot.internal.sync;

import io.entrepot.internal.memory.Words;
import io.entrepot.sync.Usage;
import java.util.StringJoiner;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * The records of jobs that add one fence to many reservations at once.
 *
 * <pre>
 *  header   128 bytes:
 *           +0    last ticket given
 *  records  128 bytes each:
 *           +0    status    63 epoch 2 | 1 state 0      FREE, PENDING, COMMITTED, ABORTED
 *           +8    ticket    0: none yet, which is the youngest
 *           +16   fence     timeline and point, as in a {@link FenceWord}; of a COMMITTED job
 *           +24   aborts    how often this job was aborted so far
 *           +32   by        job for which it was aborted last, a hint
 *           +40   waitsFor  job that has what it wants, or 0
 *
 *  job word 63 62 | 61 | 60    46 | 45         0
 *           usage |  1 | record   |   epoch           in a reservation slot, or as a claim of a set word
 * </pre>
 *
 * <p>All slots of a job change from claims to fences when its status goes from PENDING to
 * COMMITTED, for they hold job words, which are looked up here. Everybody may abort a PENDING job
 * by CAS; only its owner does anything else. Each try of a job has an epoch of its own, so that a
 * job word never means another try than the one that wrote it, and no CAS succeeds late.
 *
 * <p><b>Invariant.</b> A slot holds the word of a job that has committed only while its record has
 * the job word's epoch and is COMMITTED: the owner puts fences in place of its job words before it
 * leaves the epoch. A reader that finds another epoch, or a FREE record, therefore looks at the
 * slot again: it has changed, or holds the leftover of a job that never committed and never will,
 * and means nothing.
 *
 * <p><b>Lost holders.</b> Such leftovers are of a job that was reclaimed, for its set was collected
 * or its thread has died in the middle. {@link JobHolder} says how nobody else has the job then. A
 * COMMITTED one is never reclaimed, for its fence may still be looked up here.
 *
 * <p><b>Order.</b> The fence is written (release) before the CAS to COMMITTED, and the status word
 * changes its epoch before the fence of the next is written: who reads COMMITTED, then the fence,
 * then the same status again, has read the fence of that epoch.
 */
public final class JobTable {
  /** The most records of a table. */
  static final int MAX_JOBS = (1 << 15) - 1;

  /** What {@link #resolve} answers of a job that has ended. */
  static final long STALE = -2;

  private static final long HEADER_BYTES = Words.PAD_BYTES;
  private static final long RECORD_BYTES = Words.PAD_BYTES;
  private static final long TICKET = Words.WORD_BYTES;
  private static final long FENCE = TICKET + Words.WORD_BYTES;
  private static final long ABORTS = FENCE + Words.WORD_BYTES;
  private static final long BY = ABORTS + Words.WORD_BYTES;
  private static final long WAITS_FOR = BY + Words.WORD_BYTES;

  private static final long NONE = 0;
  private static final int FREE = 0;
  private static final int PENDING = 1;
  private static final int COMMITTED = 2;
  private static final int ABORTED = 3;
  private static final int NAMED_MAX = 8;
  private static final int EPOCH_SHIFT = 2;
  private static final long STATE_MASK = 3;

  private final Words words;
  private final long base;
  private final int jobs;

  /** Who has a record, or had it last. */
  private final AtomicReferenceArray<JobHolder> holders;

  /** A table over words that hold {@link #bytes(int)} bytes from {@code base} on, all zero. */
  public JobTable(Words words, long base, int jobs) {
    if (jobs < 1 || jobs > MAX_JOBS) {
      throw new IllegalArgumentException("jobs " + jobs + " is not within 1 to " + MAX_JOBS);
    }
    this.words = words;
    this.base = base;
    this.jobs = jobs;
    this.holders = new AtomicReferenceArray<>(jobs);
  }

  /** Bytes of words that so many records take. */
  public static long bytes(int jobs) {
    return HEADER_BYTES + jobs * RECORD_BYTES;
  }

  // ---------------------------------------------------------------- for the owner

  /**
   * Takes a free record and begins a job. When there is none, those are taken back whose threads
   * have died.
   *
   * @param hint where to look first
   * @param holder who holds the record until {@link #end}
   * @return the job word, with usage {@link Usage#MOVE}
   * @throws IllegalStateException when all records are in use; it names the holders
   */
  long begin(int hint, JobHolder holder) {
    long job = tryBegin(hint, holder);
    if (job == NONE && reclaimOfDead()) {
      job = tryBegin(hint, holder);
    }
    if (job == NONE) {
      throw new IllegalStateException(
          "all "
              + jobs
              + " jobs of this domain are at work, or were given up without being closed: on "
              + describe()
              + "; close the sets that are not used");
    }
    return job;
  }

  private long tryBegin(int hint, JobHolder holder) {
    int first = hint % jobs;
    for (int i = 0; i < jobs; i++) {
      int job = (first + i) % jobs;
      long status = words.getAcquire(record(job));
      if (state(status) == FREE) {
        long pending = status(epoch(status) + 1, PENDING);
        if (words.compareAndSet(record(job), status, pending)) {
          long word = FenceWord.job(job, epoch(pending));
          if (holders.getPlain(job) != holder) {
            holders.setRelease(job, holder);
          }
          holder.begun(this, word);
          return word;
        }
      }
    }
    return NONE;
  }

  /** Makes the job count: the linearization point of all its fences. False: it was aborted. */
  boolean commit(long job, long fence) {
    long record = record(FenceWord.index(job));
    words.setRelease(record + FENCE, fence);
    return words.compareAndSet(
        record, status(epochOf(job), PENDING), status(epochOf(job), COMMITTED));
  }

  /** Begins the next try of an aborted job, none of whose words is in a slot; its new word. */
  long again(long job) {
    int index = FenceWord.index(job);
    long record = record(index);
    words.setOpaque(record + WAITS_FOR, 0);
    words.setRelease(record, status(epochOf(job) + 1, PENDING));
    return FenceWord.job(index, epochOf(job) + 1);
  }

  /** Gives the record of a job back, none of whose words is in a slot. */
  void end(long job) {
    long record = record(FenceWord.index(job));
    clear(record);
    words.setRelease(record, status(epochOf(job), FREE));
  }

  /** Gives the record of a job back that never committed, in the place of its lost owner. */
  void reclaim(long job) {
    abort(job, 0);
    if (words.getVolatile(record(FenceWord.index(job))) == status(epochOf(job), ABORTED)) {
      end(job);
    }
  }

  private void clear(long record) {
    words.setOpaque(record + TICKET, 0);
    words.setOpaque(record + ABORTS, 0);
    words.setOpaque(record + BY, 0);
    words.setOpaque(record + WAITS_FOR, 0);
  }

  /** Takes the records back of holders whose threads have died; whether there were any. */
  private boolean reclaimOfDead() {
    boolean any = false;
    for (int i = 0; i < jobs; i++) {
      JobHolder holder = holders.getAcquire(i);
      any |= holder != null && holder.reclaimOfDead();
    }
    return any;
  }

  private String describe() {
    StringJoiner text = new StringJoiner(", ");
    for (int i = 0; i < Math.min(jobs, NAMED_MAX); i++) {
      text.add(String.valueOf(holders.getAcquire(i)));
    }
    return text + (jobs > NAMED_MAX ? " and " + (jobs - NAMED_MAX) + " more" : "");
  }

  /** A ticket: older ones are smaller. */
  long nextTicket() {
    return words.getAndAdd(base, 1) + 1;
  }

  /** Tells others how long this job has been at it. */
  void seniority(long job, long ticket, long aborts) {
    long record = record(FenceWord.index(job));
    words.setOpaque(record + TICKET, ticket);
    words.setOpaque(record + ABORTS, aborts);
  }

  // ---------------------------------------------------------------- for everybody

  boolean isPending(long job) {
    return words.getVolatile(record(FenceWord.index(job))) == status(epochOf(job), PENDING);
  }

  /** Aborts a job that is in the way of another, if it is still pending. */
  void abort(long job, long by) {
    long record = record(FenceWord.index(job));
    if (words.compareAndSet(record, status(epochOf(job), PENDING), status(epochOf(job), ABORTED))) {
      words.setOpaque(record + BY, by);
    }
  }

  /** Whom an aborted job was in the way of, as far as is known, or 0. */
  long abortedBy(long job) {
    return words.getOpaque(record(FenceWord.index(job)) + BY);
  }

  /** Whether a job has an older ticket than the given one. */
  boolean isOlder(long job, long ticket) {
    long theirs = words.getOpaque(record(FenceWord.index(job)) + TICKET);
    return theirs != 0 && theirs < ticket;
  }

  int size() {
    return jobs;
  }

  /** Whether a job is younger than another: that it has a later ticket, or none. */
  boolean isYounger(long job, long than) {
    long theirs = words.getOpaque(record(FenceWord.index(job)) + TICKET);
    long others = words.getOpaque(record(FenceWord.index(than)) + TICKET);
    return theirs == 0 || others != 0 && theirs > others;
  }

  /** Tells others for whom a job waits, by the owner. */
  void waitFor(long job, long claimant) {
    words.setVolatile(
        record(FenceWord.index(job)) + WAITS_FOR, FenceWord.withUsage(claimant, Usage.MOVE));
  }

  /** The job for which a job waits, or 0. */
  long waitsFor(long job) {
    return words.getVolatile(record(FenceWord.index(job)) + WAITS_FOR);
  }

  long aborts(long job) {
    return words.getOpaque(record(FenceWord.index(job)) + ABORTS);
  }

  /**
   * What a job word in a slot means: {@link FenceWord#CLAIMED} of a pending job, {@link
   * FenceWord#EMPTY} of an aborted one, the fence of a committed one, or {@link #STALE}: then the
   * slot has changed since, or holds what a reclaimed job has left, which means EMPTY.
   */
  long resolve(long job) {
    long record = record(FenceWord.index(job));
    long status = words.getVolatile(record);
    if (epoch(status) != epochOf(job)) {
      return STALE;
    }
    switch (state(status)) {
      case PENDING:
        return FenceWord.CLAIMED;
      case ABORTED:
        return FenceWord.EMPTY;
      case COMMITTED:
        long fence = words.getAcquire(record + FENCE);
        return words.getVolatile(record) == status
            ? FenceWord.withUsage(fence, FenceWord.usage(job))
            : STALE;
      default:
        return STALE;
    }
  }

  private long record(int job) {
    return base + HEADER_BYTES + job * RECORD_BYTES;
  }

  private static long epochOf(long job) {
    return FenceWord.point(job);
  }

  private static long status(long epoch, int state) {
    return epoch << EPOCH_SHIFT | state;
  }

  private static long epoch(long status) {
    return status >>> EPOCH_SHIFT;
  }

  private static int state(long status) {
    return (int) (status & STATE_MASK);
  }
}
