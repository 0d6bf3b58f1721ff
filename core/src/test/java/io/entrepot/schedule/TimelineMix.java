package io.entrepot.schedule;

import static io.entrepot.schedule.Scenario.require;

import io.entrepot.internal.sync.DomainWords;
import io.entrepot.sync.Fence;
import io.entrepot.sync.Reservation;
import io.entrepot.sync.Timeline;
import io.entrepot.sync.Usage;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Three participants issue, signal and end timelines, and open the next ones on the same two
 * records; they add fences to a reservation, sweep it, and wait by callbacks.
 *
 * <p>A point is signaled when a signal of it or of a later one, or the end, has returned, and not
 * before one has begun; it never is pending again. It keeps its buffer until its issuer has told
 * that its work is over. A callback runs once, or was refused.
 */
class TimelineMix implements Scenario {
  static final String TOO_EARLY = "signaled by nobody";
  static final String FORGOTTEN = "a signal is forgotten";
  static final String ISSUED_TWICE = "a point is issued twice";
  static final String ISSUED_BEHIND_THE_END = "issued behind the end";
  static final String SETTLED_BY_NOBODY = "settled by nobody";
  static final String CALLBACK = "a callback is lost, or runs twice or too early";
  static final String LEFT_BEHIND = "a record or fence is left behind";

  private static final int PARTICIPANTS = 3;
  private static final int RECORDS = 2;
  private static final int OPERATIONS = 8;
  private static final int BUFFER = 0;

  private final Schedule schedule;
  protected final DomainWords domain;
  private final Random random;
  private final Reservation reservation;
  private final Fences fences;
  private final List<Tenant> tenants = new ArrayList<>();
  private final List<Point> points = new ArrayList<>();
  private final List<Waiter> waiters = new ArrayList<>();
  private final long[] lastIssued = new long[RECORDS];

  /** Names, for settling is by name: two that are opened at a time have different ones. */
  private int opened;

  /** A timeline, and what was done to it. */
  private static final class Tenant {
    private final Timeline timeline;
    private final int record;
    private long signalBegan;
    private long signaled;
    private boolean endBegan;
    private boolean ended;
    private boolean settleBegan;

    Tenant(Timeline timeline) {
      this.timeline = timeline;
      this.record = DomainWords.record(timeline);
    }

    @Override
    public String toString() {
      return timeline.name() + " of " + record;
    }
  }

  /** A point that was issued, and whether it was seen signaled. */
  private static final class Point {
    private final Tenant tenant;
    private final long number;
    private final Fence fence;
    private boolean seen;

    Point(Tenant tenant, long number) {
      this.tenant = tenant;
      this.number = number;
      this.fence = tenant.timeline.fence(number);
    }

    boolean mustBeSignaled() {
      return seen || tenant.ended || tenant.signaled >= number;
    }

    boolean mayBeSignaled() {
      return tenant.endBegan || tenant.signalBegan >= number;
    }

    boolean mayBeSettled() {
      return tenant.settleBegan || tenant.signalBegan >= number;
    }

    @Override
    public String toString() {
      return tenant + ":" + number;
    }
  }

  /** A callback. */
  private static final class Waiter {
    private int runs;
    private boolean isAdded;
  }

  TimelineMix(Schedule schedule) {
    this.schedule = schedule;
    this.random = schedule.random();
    this.domain = DomainWords.on(schedule::words, RECORDS, 1, 1);
    this.reservation = domain.reservation(BUFFER);
    this.fences =
        new Fences(
            schedule,
            fence ->
                points.stream()
                    .anyMatch(point ->
                        point.tenant.record == fence.timeline()
                            && point.number == fence.point()
                            && point.mayBeSettled()));
    open();
  }

  // ---------------------------------------------------------------- what may be planted wrongly

  long issue(Timeline timeline) {
    return timeline.issue();
  }

  void signal(Timeline timeline, long point) {
    timeline.signal(point);
  }

  boolean sweep() {
    return domain.sweep(BUFFER);
  }

  // ---------------------------------------------------------------- operations

  @Override
  public Runnable[] participants() {
    Runnable[] all = new Runnable[PARTICIPANTS];
    for (int i = 0; i < PARTICIPANTS; i++) {
      all[i] =
          () -> {
            for (int turn = 0; turn < OPERATIONS; turn++) {
              operate();
            }
          };
    }
    return all;
  }

  private void operate() {
    Tenant tenant = tenants.get(tenants.size() - 1 - random.nextInt(Math.min(2, tenants.size())));
    Point point = points.isEmpty() ? null : points.get(random.nextInt(points.size()));
    int choice = random.nextInt(14);
    if (choice < 3 || point == null) {
      issue(tenant);
      return;
    }
    switch (choice) {
      case 3, 4 -> signal(point);
      case 5 -> end(tenant);
      case 6 -> open();
      case 7 -> add(point);
      case 8, 9 -> sweepAndCheck();
      case 10 -> onSignal(point);
      case 11 -> settle(tenant);
      default -> look(point);
    }
  }

  private void open() {
    Timeline timeline;
    try {
      timeline = domain.open("" + opened++);
    } catch (IllegalStateException all) {
      if (!all.getMessage().contains("are in use")) {
        throw all;
      }
      return;
    }
    Tenant tenant = new Tenant(timeline);
    schedule.note("opened " + tenant);
    tenants.add(tenant);
  }

  private void issue(Tenant tenant) {
    boolean ended = tenant.ended;
    long before = lastIssued[tenant.record];
    long number;
    try {
      number = issue(tenant.timeline);
    } catch (IllegalStateException closed) {
      require(tenant.endBegan, "" + closed);
      schedule.note("issued in vain of " + tenant);
      return;
    }
    schedule.note("issued " + number + " of " + tenant);
    require(!ended, ISSUED_BEHIND_THE_END);
    require(number > before, ISSUED_TWICE);
    for (Point other : points) {
      require(other.tenant.record != tenant.record || other.number != number, ISSUED_TWICE);
    }
    lastIssued[tenant.record] = Math.max(lastIssued[tenant.record], number);
    Point point = schedule.peek(() -> new Point(tenant, number));
    points.add(point);
    look(point);
  }

  private void signal(Point point) {
    Tenant tenant = point.tenant;
    schedule.note("signal " + point);
    tenant.signalBegan = Math.max(tenant.signalBegan, point.number);
    signal(tenant.timeline, point.number);
    tenant.signaled = Math.max(tenant.signaled, point.number);
    schedule.note("signaled " + point);
  }

  private void end(Tenant tenant) {
    schedule.note("end of " + tenant);
    boolean first = !tenant.endBegan;
    tenant.endBegan = true;
    tenant.timeline.close();
    // Who closes it a second time may come back before the first does.
    tenant.ended |= first;
    schedule.note("ended " + tenant);
  }

  private void settle(Tenant tenant) {
    if (tenant.ended) {
      schedule.note("settle " + tenant);
      tenant.settleBegan = true;
      domain.settle(tenant.timeline.name());
    }
  }

  private void add(Point point) {
    schedule.note("add " + point);
    int from = schedule.now();
    try {
      reservation.add(point.tenant.timeline, point.number, Usage.READ);
    } catch (IllegalStateException full) {
      if (!full.getMessage().contains("fence slots of the buffer are in use")) {
        throw full;
      }
      return;
    }
    fences.added(new Fences.Fence(point.tenant.record, point.number, Usage.READ), from);
  }

  private void sweepAndCheck() {
    int from = schedule.now();
    boolean idle = sweep();
    schedule.note("sweep from " + from + ": " + idle);
    if (idle) {
      fences.checkNone(Usage.BOOKKEEP, from);
    }
  }

  private void onSignal(Point point) {
    Waiter waiter = new Waiter();
    boolean must = point.mustBeSignaled();
    Fence.Callback added =
        point.fence.onSignal(() -> {
          waiter.runs++;
          require(point.mayBeSignaled() && waiter.runs == 1, CALLBACK);
        });
    schedule.note("on signal of " + point + ": " + (added == null ? "refused" : "added"));
    require(added != null ? !must : point.mayBeSignaled() && waiter.runs == 0, CALLBACK);
    waiter.isAdded = added != null;
    waiters.add(waiter);
  }

  private void look(Point point) {
    boolean must = point.mustBeSignaled();
    boolean isSignaled = point.fence.isSignaled();
    require(isSignaled || !must, FORGOTTEN + ": " + point);
    require(!isSignaled || point.mayBeSignaled(), TOO_EARLY + ": " + point);
    point.seen |= isSignaled;
    boolean isSettled = domain.isSettled(point.tenant.record, point.number);
    require(!isSettled || point.mayBeSettled(), SETTLED_BY_NOBODY + ": " + point);
  }

  // ---------------------------------------------------------------- the end

  @Override
  public void check() {
    points.forEach(this::look);
    if (schedule.anyStopped()) {
      return;
    }
    for (Tenant tenant : tenants) {
      if (!tenant.endBegan) {
        end(tenant);
      }
    }
    points.forEach(this::look);
    for (Waiter waiter : waiters) {
      require(waiter.runs == (waiter.isAdded ? 1 : 0), CALLBACK);
    }
    points.forEach(this::signal);
    for (Tenant tenant : tenants) {
      require(!domain.isTenant(tenant.timeline), LEFT_BEHIND + ": " + tenant);
    }
    require(domain.sweep(BUFFER), LEFT_BEHIND);
  }
}
