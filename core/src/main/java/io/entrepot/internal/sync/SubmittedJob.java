package io.entrepot.internal.sync;

import io.entrepot.sync.Fence;
import io.entrepot.sync.FenceError;
import io.entrepot.sync.Fences;
import io.entrepot.sync.Job;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.util.List;
import java.util.concurrent.Executor;

/**
 * A job whose point was issued.
 *
 * <pre>
 *   WAITING --begin--> RUNNING --> over, with an error or without one
 *      \------------cancel---------->/
 * </pre>
 *
 * <p><b>Linearization.</b> The CAS from WAITING decides whether the work runs or never does. What
 * became of it is part of the state: a thread that is stopped anywhere in a cancellation has
 * cancelled, or has done nothing.
 *
 * <p><b>Dropped.</b> What tells that an executor has dropped the work leads to this job. So from
 * when that is handed over, nothing here leads to the executor or the work: one that was dropped
 * with all that it had would keep what it dropped. A job that waits still leads to both: while one
 * waits for another that its own executor has dropped, neither is found.
 */
final class SubmittedJob {
  private static final Object WAITING = new Object();
  private static final Object RUNNING = new Object();

  /** What it did not run for, or ended with; {@code null} when all went well. */
  private record Over(FenceError error) {}

  private static final VarHandle STATE;

  static {
    try {
      STATE = MethodHandles.lookup().findVarHandle(SubmittedJob.class, "state", Object.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final UnsignaledJobs line;
  private final String name;
  private final boolean runsAfterErrors;
  private final Fence own;

  /** Where the work is to run; {@code null} from when it is handed over. */
  private Executor executor;

  /** See {@link #executor}. */
  private Job.Work work;

  private List<Fence> dependencies;
  private IllegalStateException refusal;
  private Cleaner.Cleanable loss;
  private Object state = WAITING;

  /** In what it waits for. Volatile against {@link #state}: who ends the job and who waits. */
  private volatile Fence.Callback waiting;

  /**
   * A job that is to be started.
   *
   * @param line in which it is signaled
   * @param own the job's fence. Where that is signaled before the job is over, its timeline has
   *     ended
   */
  SubmittedJob(UnsignaledJobs line, Job job, Executor executor, Fence own) {
    this.line = line;
    this.name = job.name();
    this.runsAfterErrors = job.runsAfterErrors();
    this.work = job.work();
    this.executor = executor;
    this.own = own;
  }

  /** Says what {@link #start} waits for. */
  void waitsFor(List<Fence> fences) {
    dependencies = fences;
  }

  /** Says why {@link #start} cannot wait. */
  void cannotWait(IllegalStateException why) {
    refusal = why;
  }

  /** What the executor holds. When it lets go of it before it runs, that is found. */
  private record Task(SubmittedJob job, Job.Work work) implements Runnable {
    @Override
    public void run() {
      try {
        job.run(work);
      } finally {
        // Not found dropped while it begins.
        Reference.reachabilityFence(this);
      }
    }
  }

  /** Has the work run when all dependencies are signaled; the job's fence. */
  Fence start() {
    if (refusal != null) {
      cancel(cannotWait(Uncaught.text(refusal)));
      throw refusal;
    }
    Fence[] awaited = dependencies.toArray(Fence[]::new);
    // It is kept until those before it are over.
    dependencies = null;
    startAfter(awaited);
    return own;
  }

  private void startAfter(Fence... awaited) {
    try {
      if (own.onSignal(this::timelineEnded) == null) {
        timelineEnded();
        return;
      }
      Fence all = Fences.merge(name, awaited);
      Fence.Callback added = all.onSignal(() -> startBehind(all));
      if (added == null) {
        startBehind(all);
        return;
      }
      waiting = added;
      if (isOver()) {
        added.remove();
      }
    } catch (Throwable thrown) {
      cancel(cannotWait(Uncaught.text(thrown)));
      throw thrown;
    }
  }

  private FenceError cannotWait(String why) {
    return FenceError.cancelled("job '" + name + "' could not wait: " + why);
  }

  private void startBehind(Fence all) {
    FenceError failed = all.error().orElse(null);
    Executor runsIt = executor;
    Task task = new Task(this, work);
    executor = null;
    work = null;
    if (failed != null && !runsAfterErrors) {
      cancel(failed);
      return;
    }
    try {
      loss = IssuerLoss.watch(task, this::dropped);
      runsIt.execute(task);
    } catch (Throwable thrown) {
      if (!cancel(
          FenceError.cancelled("job '" + name + "' was refused: " + Uncaught.text(thrown)))) {
        Uncaught.handle(thrown);
      }
    }
  }

  private void timelineEnded() {
    cancel(FenceError.cancelled("the timeline of job '" + name + "' has ended"));
  }

  private void dropped() {
    cancel(FenceError.cancelled("job '" + name + "' was dropped by its executor"));
  }

  private void run(Job.Work todo) {
    try {
      if (STATE.compareAndSet(this, WAITING, RUNNING)) {
        work(todo);
      }
    } finally {
      // No longer kept for the collector.
      loss.clean();
    }
  }

  private void work(Job.Work todo) {
    FenceError error = null;
    try {
      todo.run();
    } catch (InterruptedException thrown) {
      Thread.currentThread().interrupt();
      error = FenceError.cancelled(Uncaught.text(thrown));
    } catch (Exception thrown) {
      error = StageBridge.error(thrown);
    } catch (Throwable thrown) {
      // Also what is neither: compilers of other languages, and tricks, let anything be thrown.
      error = StageBridge.error(thrown);
      throw thrown;
    } finally {
      STATE.setVolatile(this, new Over(error));
      line.signalOver();
    }
  }

  /** It never runs; false when it has begun or is over. */
  private boolean cancel(FenceError why) {
    if (!STATE.compareAndSet(this, WAITING, new Over(why))) {
      return false;
    }
    Fence.Callback added = waiting;
    if (added != null) {
      // What it waited for may be pending for long, and need not keep it.
      added.remove();
    }
    line.signalOver();
    return true;
  }

  boolean isOver() {
    return STATE.getVolatile(this) instanceof Over;
  }

  /** Signals its fence, when it is over. Where the timeline has ended, tells that its work has. */
  void signal() {
    FenceError error = ((Over) STATE.getVolatile(this)).error();
    if (error == null) {
      line.timeline().signal(own.point());
    } else {
      line.timeline().signal(own.point(), error);
    }
  }

  @Override
  public String toString() {
    return "job '" + name + "', point " + own.point();
  }
}
