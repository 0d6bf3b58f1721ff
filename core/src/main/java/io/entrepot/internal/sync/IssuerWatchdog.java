package io.entrepot.internal.sync;

import io.entrepot.sync.FenceError;
import io.entrepot.sync.FenceWatchdog;
import io.entrepot.sync.SignalableFence;
import io.entrepot.sync.Timeline;
import java.time.Duration;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Looks after issuers. Of each it remembers the newest point that was pending when the one before
 * was signaled: that one had been issued by then, so it is never granted less than the limit.
 */
public final class IssuerWatchdog implements FenceWatchdog {
  private final long limitNs;
  private final LongSupplier clockNs;
  private final ConcurrentLinkedQueue<Watch> watches = new ConcurrentLinkedQueue<>();

  /** See {@link FenceWatchdog#create}. */
  public IssuerWatchdog(Duration limit) {
    this(limit, System::nanoTime);
  }

  /** With a clock of nanoseconds. */
  IssuerWatchdog(Duration limit, LongSupplier clockNs) {
    if (!limit.isPositive()) {
      throw new IllegalArgumentException("the limit must be more than zero: " + limit);
    }
    this.limitNs = TimeUnit.NANOSECONDS.convert(limit);
    this.clockNs = clockNs;
  }

  @Override
  public void watch(Timeline timeline) {
    watches.add(new Watch(new Line(((IssuedTimeline) timeline).state())));
  }

  @Override
  public void watch(SignalableFence fence) {
    watches.add(new Watch(new Own(((IssuedFence) fence).fence())));
  }

  @Override
  public int doWork() {
    long nowNs = clockNs.getAsLong();
    int ended = 0;
    for (Watch watch : watches) {
      if (watch.issuer.isOver()) {
        watches.remove(watch);
      } else if (watch.isLate(nowNs, limitNs)) {
        watch.issuer.end(
            new FenceError(
                FenceError.Kind.TIMED_OUT,
                watch.issuer
                    + ": point "
                    + watch.point
                    + " was not signaled within "
                    + TimeUnit.NANOSECONDS.toMillis(limitNs)
                    + " ms"));
        ended++;
      }
    }
    return ended;
  }

  @Override
  public String roleName() {
    return "fence-watchdog";
  }

  /** An issuer and the point that it is waited for, or 0. */
  private static final class Watch {
    final Issuer issuer;
    long point;
    long sinceNs;

    Watch(Issuer issuer) {
      this.issuer = issuer;
    }

    boolean isLate(long nowNs, long limitNs) {
      if (point == 0 || issuer.isSignaled(point)) {
        long newest = issuer.issued();
        point = issuer.isSignaled(newest) ? 0 : newest;
        sinceNs = nowNs;
      }
      return point != 0 && nowNs - sinceNs >= limitNs;
    }
  }

  private sealed interface Issuer {
    boolean isOver();

    boolean isSignaled(long point);

    long issued();

    void end(FenceError error);
  }

  private record Line(TimelineState state) implements Issuer {
    @Override
    public boolean isOver() {
      return state.hasEnded();
    }

    @Override
    public boolean isSignaled(long point) {
      return state.isSignaled(point);
    }

    @Override
    public long issued() {
      return state.issued();
    }

    @Override
    public void end(FenceError error) {
      state.end(error);
    }

    @Override
    public String toString() {
      return "timeline '" + state.name() + "'";
    }
  }

  private record Own(OneShotFence fence) implements Issuer {
    @Override
    public boolean isOver() {
      return fence.isSignaled();
    }

    @Override
    public boolean isSignaled(long point) {
      return fence.isSignaled();
    }

    @Override
    public long issued() {
      return 1;
    }

    @Override
    public void end(FenceError error) {
      fence.signal(error);
    }

    @Override
    public String toString() {
      return "fence '" + fence.timelineName() + "'";
    }
  }
}
