package io.entrepot.internal.sync;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Who has a record of a {@link JobTable}: to name the holder, and to take the record back from one
 * that is lost. It runs when its {@link JobSet} is unreachable, to which it must not refer.
 *
 * <p><b>Whose the job is.</b> {@code owner} is the thread that last did something for it, or LOST.
 * A thread that goes on with another's job puts itself there by CAS, and who takes the record back
 * from a thread that has died puts LOST there by CAS from that very thread. So one of them has the
 * job, and alone writes the record. A thread that has died comes back nowhere.
 *
 * <p><b>Order.</b> What the dead thread wrote happens-before the look that finds it dead. What a
 * set's last user wrote happens-before the run, for the set is kept reachable till then.
 */
final class JobHolder implements Runnable {
  private static final Object LOST = new Object();
  private static final long NO_JOB = 0;
  private static final VarHandle OWNER;

  static {
    try {
      OWNER = MethodHandles.lookup().findVarHandle(JobHolder.class, "owner", Object.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final String timeline;
  private JobTable jobs;
  private long job = NO_JOB;
  private Object owner;

  /**
   * A holder of nothing.
   *
   * @param timeline name of the timeline on which its jobs are
   */
  JobHolder(String timeline) {
    this.timeline = timeline;
  }

  /** Notes that the calling thread has begun a try of a job. */
  void begun(JobTable jobs, long job) {
    this.jobs = jobs;
    this.job = job;
    OWNER.setRelease(this, Thread.currentThread());
  }

  /** Notes that the record was given back. */
  void ended() {
    job = NO_JOB;
    OWNER.setRelease(this, null);
  }

  /** Makes the calling thread the owner of the job; false when it was taken back. */
  boolean goOn() {
    Thread self = Thread.currentThread();
    Object before = owner;
    return before == self || before != LOST && OWNER.compareAndSet(this, before, self);
  }

  /** Takes the record back if the thread whose job it is has died; whether it did. */
  boolean reclaimOfDead() {
    if (OWNER.getAcquire(this) instanceof Thread thread
        && !thread.isAlive()
        && OWNER.compareAndSet(this, thread, LOST)) {
      jobs.reclaim(job);
      return true;
    }
    return false;
  }

  @Override
  public void run() {
    if (job != NO_JOB && goOn()) {
      jobs.reclaim(job);
    }
  }

  @Override
  public String toString() {
    Object now = OWNER.getAcquire(this);
    String of = now instanceof Thread thread ? " of thread '" + thread.getName() + "'" : "";
    return "'" + timeline + "'" + of;
  }
}
