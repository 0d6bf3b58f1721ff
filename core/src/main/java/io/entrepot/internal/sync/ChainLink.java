package io.entrepot.internal.sync;

import io.entrepot.sync.Fence;
import io.entrepot.sync.FenceChain;
import io.entrepot.sync.FenceError;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Optional;
import org.agrona.concurrent.IdleStrategy;

/**
 * A link of a chain.
 *
 * <p><b>Collection.</b> {@code before} says which link comes before, and what the links between had
 * of error and time. A link whose own fence is signaled is left out by a CAS to the link before it,
 * with its error and time added, so nothing that it told is lost whoever wins; and with its points
 * whose issuer ended, which go on protecting what they are imported into.
 *
 * <p><b>Completion.</b> While somebody waits, a {@link ChainWatch} of each link keeps one callback
 * in its own fence and one in the link before. The later of the two completes the link, which runs
 * the callback of the link behind it. {@link CallbackRun} keeps that from nesting.
 */
public final class ChainLink implements FenceChain, Completing {
  private static final VarHandle BEFORE;

  static {
    try {
      BEFORE = MethodHandles.lookup().findVarHandle(ChainLink.class, "before", Before.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** The error of the oldest link that had one, and whose that was. */
  private record Told(FenceError error, Object chain, long point) {}

  /**
   * The link before, or {@code null}, and of those that are left out what they have told, and whose
   * work may go on.
   */
  private record Before(ChainLink link, Told told, long timeMs, UnsettledPoints unsettled) {
    static final Before NOTHING = new Before(null, null, 0, null);

    /** The same without a link whose own fence is signaled. Errors of older links go first. */
    Before without(ChainLink over, Before further) {
      Told oldest = further.told != null ? further.told : over.told();
      return new Before(
          further.link,
          oldest != null ? oldest : told,
          Math.max(Math.max(further.timeMs, over.ownTimeMs()), timeMs),
          UnsettledPoints.with(UnsettledPoints.union(unsettled, further.unsettled), over.fence));
    }

    FenceError error() {
      return told == null ? null : told.error;
    }
  }

  private final String name;
  private final Object chain;
  private final long previousPoint;
  private final long point;
  private final Fence fence;
  private final Completion completion = new Completion(this);

  private Before before;

  private ChainLink(
      String name, Object chain, long previousPoint, long point, Fence fence, Before before) {
    this.name = name;
    this.chain = chain;
    this.previousPoint = previousPoint;
    this.point = point;
    this.fence = fence;
    this.before = before;
  }

  /** See {@link FenceChain#first}. */
  public static ChainLink first(String name, long point, Fence fence) {
    check(name, point, fence);
    return new ChainLink(name, new Object(), 0, point, fence, Before.NOTHING);
  }

  @Override
  public ChainLink then(long nextPoint, Fence nextFence) {
    check(name, nextPoint, nextFence);
    Before next = new Before(this, null, 0, null);
    return nextPoint > point
        ? new ChainLink(name, chain, point, nextPoint, nextFence, next)
        : new ChainLink(name, new Object(), 0, point, nextFence, next);
  }

  private static void check(String name, long point, Fence fence) {
    if (point < 1) {
      throw new IllegalArgumentException(
          "point " + point + " of chain '" + name + "' is not above 0");
    }
    if (fence instanceof FenceChain) {
      throw new IllegalArgumentException(
          "chains do not nest, and chain '"
              + name
              + "' was given "
              + fence
              + "; give what Fences.merge makes of it");
    }
  }

  private Before before() {
    return (Before) BEFORE.getVolatile(this);
  }

  /** The nearest link before whose own fence is pending, or {@code null}; leaves out the others. */
  ChainLink previous() {
    while (true) {
      Before now = before();
      ChainLink link = now.link;
      if (link == null) {
        return null;
      }
      if (!link.isComplete() && !link.fence.isSignaled()) {
        return link;
      }
      BEFORE.compareAndSet(this, now, now.without(link, link.before()));
    }
  }

  /** The error of this link's own fence, which is signaled; {@code null} when there is none. */
  private Told told() {
    FenceError error = fence.error().orElse(null);
    return error == null ? null : new Told(error, chain, point);
  }

  /** When its own fence was signaled, or the latest of those before it, once that is known. */
  private long ownTimeMs() {
    Completion.Outcome all = completion.outcome();
    return all == null ? fence.signalTimeMs() : all.timeMs();
  }

  /** Points of links that were left out before this one whose work may go on. */
  UnsettledPoints unsettledLeftOut() {
    return before().unsettled;
  }

  /** What links that were left out before this one have told. */
  Completion.Outcome leftOut() {
    Before now = before();
    return new Completion.Outcome(now.timeMs, now.error());
  }

  /** What this link and all before it have told, or {@code null} while one is pending. */
  Completion.Outcome outcome() {
    return completion.outcome();
  }

  @Override
  public boolean isSignaled() {
    return completion.isComplete() || (fence.isSignaled() && completeIfAllBeforeAre());
  }

  /**
   * Own fence is signaled. Completes this link and those before it, so that each is walked once.
   */
  private boolean completeIfAllBeforeAre() {
    for (ChainLink link = this; link != null; link = link.before().link) {
      if (link.completion.isComplete()) {
        break;
      }
      if (!link.fence.isSignaled()) {
        previous();
        return false;
      }
    }
    ArrayDeque<ChainLink> oldestFirst = new ArrayDeque<>();
    for (ChainLink link = this; link != null; link = link.before().link) {
      oldestFirst.push(link);
    }
    oldestFirst.forEach(ChainLink::complete);
    return true;
  }

  /** Own fence and all before are signaled. */
  void complete() {
    previous();
    Before all = before();
    all = all.without(this, all);
    completion.complete(new Completion.Outcome(all.timeMs, all.error()));
  }

  @Override
  public Watch watch() {
    return new ChainWatch(this);
  }

  /** Begins to watch this link and all before it; what is returned is to be left. */
  Watch interest() {
    return completion.interest();
  }

  /** The watch of this link, held, without its callbacks; {@code null} when signaled. */
  ChainWatch hold() {
    return (ChainWatch) completion.hold();
  }

  /** Adds a callback of a watch that holds this link's. */
  Callback add(Runnable callback) {
    return completion.add(callback);
  }

  void forget(Watch over) {
    completion.forget(over);
  }

  boolean isComplete() {
    return completion.isComplete();
  }

  /** Callbacks and waiting threads that are kept, and a few that are over. */
  int kept() {
    return completion.kept();
  }

  /**
   * The highest point of this link's chain that is signaled, or 0: none is while a link of a chain
   * before it is pending, for which all wait.
   */
  long signaledPoint() {
    if (isSignaled()) {
      return point;
    }
    ChainLink oldest = this;
    for (ChainLink link = previous(); link != null; link = link.previous()) {
      if (link.chain != chain) {
        return 0;
      }
      oldest = link;
    }
    return oldest.previousPoint;
  }

  @Override
  public Fence fence() {
    return fence;
  }

  @Override
  public Fence find(long wanted) {
    if (wanted > point) {
      throw new IllegalArgumentException(
          "point " + wanted + " is above the newest, " + point + ", of chain '" + name + "'");
    }
    if (wanted <= 0) {
      return this;
    }
    ChainLink found = this;
    while (found.chain == chain && found.previousPoint >= wanted) {
      ChainLink previous = found.previous();
      if (previous == null) {
        return found.droppedUpTo(wanted);
      }
      found = previous;
    }
    return found;
  }

  /** All links before this were left out: what those up to a point have told. */
  private Fence droppedUpTo(long wanted) {
    Before all = before();
    boolean isLater = all.told != null && all.told.chain == chain && all.told.point > wanted;
    return new SignaledFence(all.timeMs, Optional.ofNullable(isLater ? null : all.error()));
  }

  @Override
  public String timelineName() {
    return name;
  }

  @Override
  public long point() {
    return point;
  }

  @Override
  public Optional<FenceError> error() {
    return completion.error();
  }

  @Override
  public long signalTimeMs() {
    return completion.timeMs();
  }

  @Override
  public void hintDeadline(long deadlineNs) {
    for (ChainLink link = this; link != null; link = link.previous()) {
      link.fence.hintDeadline(deadlineNs);
    }
  }

  @Override
  public boolean await(Duration timeout) {
    return completion.await(timeout);
  }

  @Override
  public boolean await(Duration timeout, IdleStrategy idle) {
    return completion.await(timeout, idle);
  }

  @Override
  public Callback onSignal(Runnable callback) {
    return completion.onSignal(callback);
  }

  @Override
  public String toString() {
    return name + ":" + point + " " + completion.describe() + ", own fence " + fence;
  }
}
