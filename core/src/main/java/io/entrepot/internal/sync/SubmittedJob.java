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
 *   WAITING --begin--> RUNNING --> OVER
 *      \------------cancel---------->/
 * </pre>
 *
 * <p><b>Linearization.</b> The CAS from WAITING decides whether the work runs or never does. The
 * error is written before the state becomes OVER, and read behind that.
 */
final class SubmittedJob {
  private static final int WAITING = 0;
  private static final int RUNNING = 1;
  private static final int CANCELLING = 2;
  private static final int OVER = 3;

  private static final VarHandle STATE;

  static {
    try {
      STATE = MethodHandles.lookup().findVarHandle(SubmittedJob.class, "state", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final JobLane lane;
  private final Job job;
  private final long point;
  private Cleaner.Cleanable loss;
  private FenceError error;
  private int state = WAITING;

  SubmittedJob(JobLane lane, Job job, long point) {
    this.lane = lane;
    this.job = job;
    this.point = point;
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

  /**
   * Has the work run when all dependencies are signaled.
   *
   * @param own the job's fence. Where that is signaled before the job is over, its timeline has
   *     ended
   */
  void start(Fence own, List<Fence> dependencies) {
    try {
      if (own.onSignal(this::timelineEnded) == null) {
        timelineEnded();
      }
      Fence all = Fences.merge(job.name(), dependencies.toArray(Fence[]::new));
      if (all.onSignal(() -> start(all)) == null) {
        start(all);
      }
    } catch (Throwable thrown) {
      cancel(FenceError.cancelled("job '" + job.name() + "' could not wait: " + thrown));
      throw thrown;
    }
  }

  private void start(Fence dependencies) {
    FenceError failed = dependencies.error().orElse(null);
    if (failed != null && !job.runsAfterErrors()) {
      cancel(failed);
      return;
    }
    try {
      Task task = new Task(this);
      loss = IssuerLoss.watch(task, this::dropped);
      lane.executor().execute(task);
    } catch (Throwable thrown) {
      if (!cancel(FenceError.cancelled("job '" + job.name() + "' was refused: " + thrown))) {
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
    try {
      job.work().run();
      end(null);
    } catch (InterruptedException thrown) {
      Thread.currentThread().interrupt();
      end(FenceError.cancelled(thrown.toString()));
    } catch (Exception thrown) {
      end(StageBridge.error(thrown));
    } catch (Error thrown) {
      end(StageBridge.error(thrown));
      throw thrown;
    }
  }

  /** It never runs; false when it has begun or is over. */
  private boolean cancel(FenceError why) {
    if (!STATE.compareAndSet(this, WAITING, CANCELLING)) {
      return false;
    }
    end(why);
    return true;
  }

  private void end(FenceError how) {
    error = how;
    STATE.setVolatile(this, OVER);
    lane.signalOver();
  }

  boolean isOver() {
    return (int) STATE.getVolatile(this) == OVER;
  }

  /** Signals its fence. Where the timeline has ended, tells that its work has. */
  void signal() {
    if (error == null) {
      lane.timeline().signal(point);
    } else {
      lane.timeline().signal(point, error);
    }
  }

  @Override
  public String toString() {
    return "job '" + job.name() + "', point " + point;
  }
}
