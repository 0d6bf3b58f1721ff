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

  private final JobLane lane;
  private final Job job;
  private final Fence own;
  private List<Fence> dependencies;
  private IllegalStateException refusal;
  private Cleaner.Cleanable loss;
  private Object state = WAITING;

  /** In what it waits for. Volatile against {@link #state}: who ends the job and who waits. */
  private volatile Fence.Callback waiting;

  /**
   * A job that is to be started.
   *
   * @param own the job's fence. Where that is signaled before the job is over, its timeline has
   *     ended
   */
  SubmittedJob(JobLane lane, Job job, Fence own) {
    this.lane = lane;
    this.job = job;
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
  private record Task(SubmittedJob job) implements Runnable {
    @Override
    public void run() {
      try {
        job.run();
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
      Fence all = Fences.merge(job.name(), awaited);
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
    return FenceError.cancelled("job '" + job.name() + "' could not wait: " + why);
  }

  private void startBehind(Fence all) {
    FenceError failed = all.error().orElse(null);
    if (failed != null && !job.runsAfterErrors()) {
      cancel(failed);
      return;
    }
    try {
      Task task = new Task(this);
      loss = IssuerLoss.watch(task, this::dropped);
      lane.executor().execute(task);
    } catch (Throwable thrown) {
      if (!cancel(
          FenceError.cancelled("job '" + job.name() + "' was refused: " + Uncaught.text(thrown)))) {
        Uncaught.handle(thrown);
      }
    }
  }

  private void timelineEnded() {
    cancel(FenceError.cancelled("the timeline of job '" + job.name() + "' has ended"));
  }

  private void dropped() {
    cancel(FenceError.cancelled("job '" + job.name() + "' was dropped by its executor"));
  }

  private void run() {
    try {
      if (STATE.compareAndSet(this, WAITING, RUNNING)) {
        work();
      }
    } finally {
      // No longer kept for the collector.
      loss.clean();
    }
  }

  private void work() {
    FenceError error = null;
    try {
      job.work().run();
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
      lane.signalOver();
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
    lane.signalOver();
    return true;
  }

  boolean isOver() {
    return STATE.getVolatile(this) instanceof Over;
  }

  /** Signals its fence, when it is over. Where the timeline has ended, tells that its work has. */
  void signal() {
    FenceError error = ((Over) STATE.getVolatile(this)).error();
    if (error == null) {
      lane.timeline().signal(own.point());
    } else {
      lane.timeline().signal(own.point(), error);
    }
  }

  @Override
  public String toString() {
    return "job '" + job.name() + "', point " + own.point();
  }
}
