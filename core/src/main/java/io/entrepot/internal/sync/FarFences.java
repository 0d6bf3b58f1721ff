package io.entrepot.internal.sync;

import io.entrepot.internal.memory.Doorbells;
import io.entrepot.internal.sync.FarLane.Step;
import io.entrepot.sync.Fence;
import io.entrepot.sync.FenceError;
import io.entrepot.sync.SyncDomain;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * Fences of this process that stand for points of another: a thread sleeps by the bell of that
 * process while any are pending, and signals here what is signaled there.
 *
 * <pre>
 *  far timeline 3   ... 7  8  9            far timeline 5   ... 4
 *                       |     |                                 |
 *  lane             ... 1     2            lane             ... 6
 * </pre>
 *
 * <p>Points of one far timeline that are imported in their order share a lane, others have lanes of
 * their own. A lane without pending points serves any far timeline.
 *
 * <p><b>The end.</b> A process that is lost signals nothing on which anybody could rely, so what is
 * pending is signaled with an error. That ends waiting and not protection: until the process has
 * ended its words are still looked at, for it may tell that its work is done.
 *
 * <p><b>Sleeping.</b> The thread listens from before its look until nothing is pending. A point
 * that is imported while it sleeps was found pending by then, so its signal comes behind that, and
 * finds the thread counted: it rings. See {@link FarSignals} for the bell.
 */
public final class FarFences {
  /** Between two looks where no bell rings for what is looked for. */
  private static final long LOOK_NS = TimeUnit.MILLISECONDS.toNanos(1);

  /** Between two looks at a process that is lost, which nobody waits for any more. */
  private static final long LOST_LOOK_NS = TimeUnit.MILLISECONDS.toNanos(20);

  /** How long the thread stays when nothing is pending: who imports once may do so again. */
  private static final long LINGER_MS = 200;

  private final SyncDomain domain;
  private final FarTimelines far;
  private final String process;
  private final Supplier<FarProcess> handles;
  private final BooleanSupplier closed;
  private final Doorbells bell;

  private final List<FarLane> lanes = new ArrayList<>();
  private FarProcess handle;
  private boolean watching;

  /** Why the process is lost, or {@code null}. */
  private String lost;

  /**
   * Of one process.
   *
   * @param domain whose timelines stand for those of the process
   * @param far the timelines of the process
   * @param process its name, for people
   * @param handles gives a handle of the process, to look whether it has ended; it is closed here
   * @param closed whether the domain is of no use any more
   * @param bell for sleeps until the process has signaled something
   */
  public FarFences(
      SyncDomain domain,
      FarTimelines far,
      String process,
      Supplier<FarProcess> handles,
      BooleanSupplier closed,
      Doorbells bell) {
    this.domain = domain;
    this.far = far;
    this.process = process;
    this.handles = handles;
    this.closed = closed;
    this.bell = bell;
  }

  /**
   * A fence that stands for a point of the process: signaled when that is, or at once.
   *
   * @throws IllegalArgumentException when there is no such point
   * @throws IllegalStateException when the process is lost, or no timeline is free
   */
  public synchronized Fence importPoint(int record, long point) {
    if (lost != null || closed.getAsBoolean()) {
      throw new IllegalStateException(
          "no fence of " + process + " can be imported: " + (lost == null ? "closed" : lost));
    }
    far.checkIssued(record, point);
    return imported(record, point);
  }

  /**
   * As {@link #importPoint}, of a point that was found pending in the words of the process. It is
   * not refused: where the process is lost since, or has no such point, the fence has ended.
   *
   * @throws IllegalStateException when no timeline is free
   */
  synchronized Fence foundPoint(int record, long point) {
    String wrong = far.whyNotIssued(record, point);
    if (wrong != null) {
      return ended(record, point, FarLane.lost(record, point, process, wrong));
    }
    String why = whyGivenUp();
    return why == null
        ? imported(record, point)
        : ended(record, point, FarLane.end(far, record, point, process, why));
  }

  private Fence ended(int record, long point, FenceError error) {
    IssuedFence one =
        IssuedFence.create("point " + point + " of timeline " + record + " of " + process, null);
    if (error == null) {
      one.signal();
    } else {
      one.signal(error);
    }
    return one.fence();
  }

  /** Whether a point is signaled, by the words alone; one that cannot be never is. */
  boolean isSignaled(int record, long point) {
    return far.isThere(record) && FarLane.isSignaled(far, record, point);
  }

  /** What the process is called, for people. */
  String process() {
    return process;
  }

  private Fence imported(int record, long point) {
    if (handle == null) {
      handle = handles.get();
    }
    boolean signaled = FarLane.isSignaled(far, record, point);
    FarLane lane = signaled ? idleLane() : laneFor(record, point);
    Fence fence = lane.add(record, point);
    if (signaled) {
      // Nobody has the fence yet, and an idle lane no other: no callback runs under our lock.
      Step step = lane.next();
      if (step != null) {
        take(step);
      }
      trim();
    }
    if (lane.isPending()) {
      watch();
    }
    return fence;
  }

  /** The process is heard of no more. What it has signaled before counts. */
  public synchronized void lose(String why) {
    if (lost == null) {
      lost = why;
    }
    bell.wakeHere();
    trim();
    if (lanes.isEmpty()) {
      release();
    } else {
      watch();
    }
  }

  // ---------------------------------------------------------------- lanes, under the lock

  private FarLane laneFor(int record, long point) {
    for (FarLane lane : lanes) {
      if (lane.takes(record, point)) {
        return lane;
      }
    }
    return idleLane();
  }

  private FarLane idleLane() {
    for (FarLane lane : lanes) {
      if (lane.isIdle()) {
        return lane;
      }
    }
    FarLane lane =
        new FarLane((IssuedTimeline) domain.timeline("fences of " + process), far, process);
    lanes.add(lane);
    return lane;
  }

  /** Gives back what nobody needs: all idle lanes but one, and those that are over. */
  private void trim() {
    boolean keep = lost == null;
    for (int i = lanes.size() - 1; i >= 0; i--) {
      FarLane lane = lanes.get(i);
      if (lane.isOver()) {
        lanes.remove(i);
      } else if (lane.isIdle()) {
        if (!keep) {
          lane.close();
          lanes.remove(i);
        }
        keep = false;
      }
    }
  }

  private boolean isPending() {
    for (int i = 0; i < lanes.size(); i++) {
      if (lanes.get(i).isPending()) {
        return true;
      }
    }
    return false;
  }

  private void release() {
    if (handle != null) {
      handle.close();
      handle = null;
    }
  }

  // ---------------------------------------------------------------- looking

  private void watch() {
    if (!watching) {
      Thread.ofPlatform().daemon().name("entrepot-fences").start(this::lookWhilePending);
      watching = true;
    } else {
      notifyAll();
    }
  }

  private void lookWhilePending() {
    Doorbells.Sleep sleep = bell.new Sleep();
    boolean goesOn = true;
    try {
      while (goesOn) {
        boolean wasClosed = closed.getAsBoolean();
        boolean listens = listens(sleep);
        look();
        if (isLeft()) {
          pause(listens ? sleep : null);
        } else {
          sleep.end();
          linger();
        }
        goesOn = goesOn(wasClosed);
      }
    } finally {
      sleep.end();
      if (goesOn) {
        // Something was thrown: the next import has another thread look.
        stopWatching();
      }
    }
  }

  /** Listens before the look, if there is anything of which the bell tells. */
  private boolean listens(Doorbells.Sleep sleep) {
    if (isAwaited()) {
      return sleep.look();
    }
    sleep.end();
    return false;
  }

  private void pause(Doorbells.Sleep sleep) {
    if (sleep != null) {
      sleep.sleep(isErrorUntold() ? LOOK_NS : Long.MAX_VALUE);
    } else {
      LockSupport.parkNanos(this, isAwaited() ? LOOK_NS : LOST_LOOK_NS);
    }
  }

  private void look() {
    // Asked before the look, which so comes behind all that the process did before its end.
    String why = whyGivenUp();
    takeAll();
    if (why != null) {
      giveUp(why);
      if (hasEnded()) {
        settle();
      }
    }
  }

  private void takeAll() {
    Step step = nextStep();
    while (step != null) {
      take(step);
      step = nextStep();
    }
  }

  private synchronized String whyGivenUp() {
    return lost == null && closed.getAsBoolean() ? "the pool is closed" : lost;
  }

  private synchronized boolean hasEnded() {
    return handle != null && !handle.isAlive();
  }

  private synchronized Step nextStep() {
    for (int i = 0; i < lanes.size(); i++) {
      Step step = lanes.get(i).next();
      if (step != null) {
        return step;
      }
    }
    return null;
  }

  private void take(Step step) {
    try {
      step.take();
    } finally {
      stepped(step);
    }
  }

  private synchronized void stepped(Step step) {
    step.lane().stepped();
  }

  private void giveUp(String why) {
    Step step = nextGivenUp(why);
    while (step != null) {
      take(step);
      step = nextGivenUp(why);
    }
  }

  private synchronized Step nextGivenUp(String why) {
    for (FarLane lane : lanes) {
      Step step = lane.giveUp(why);
      if (step != null) {
        return step;
      }
    }
    return null;
  }

  /** Nothing goes on any more in a process that has ended. */
  private synchronized void settle() {
    lanes.forEach(FarLane::settle);
  }

  private synchronized boolean isAwaited() {
    for (int i = 0; i < lanes.size(); i++) {
      if (lanes.get(i).isAwaited()) {
        return true;
      }
    }
    return false;
  }

  private synchronized boolean isErrorUntold() {
    for (int i = 0; i < lanes.size(); i++) {
      if (lanes.get(i).isErrorUntold()) {
        return true;
      }
    }
    return false;
  }

  private synchronized boolean isLeft() {
    trim();
    return isPending();
  }

  /** Waits a while for something to be pending when nothing is. */
  private synchronized void linger() {
    if (!isPending() && lost == null && !closed.getAsBoolean()) {
      try {
        wait(LINGER_MS);
      } catch (InterruptedException e) {
        // Nobody but a JVM that ends does that.
        Thread.currentThread().interrupt();
      }
    }
  }

  /**
   * Whether to look on: while anything is pending, but not once a look has found the domain closed.
   */
  private synchronized boolean goesOn(boolean wasClosed) {
    trim();
    if (isPending() && !wasClosed) {
      return true;
    }
    if (lost != null || closed.getAsBoolean()) {
      release();
    }
    watching = false;
    return false;
  }

  private synchronized void stopWatching() {
    watching = false;
  }
}
