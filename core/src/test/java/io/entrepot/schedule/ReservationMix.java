package io.entrepot.schedule;

import static io.entrepot.schedule.Scenario.require;

import io.entrepot.internal.sync.DomainWords;
import io.entrepot.sync.FenceSnapshot;
import io.entrepot.sync.Reservation;
import io.entrepot.sync.Timeline;
import io.entrepot.sync.Usage;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * All that can be done with the reservation of one buffer, at random, by three who issue on a
 * timeline each. In some runs few slots are left, so that fences have to make room for each other.
 */
class ReservationMix implements Scenario {
  static final String ONE_SLOT_FOR_TWO = "one slot for two";
  static final String CLAIM_LOST = "a claim is lost";
  static final String LEFT_BEHIND = "something is left behind";
  static final String PROMOTION_REFUSED = "a pending fence is not promoted";

  private static final int PARTICIPANTS = 3;
  private static final int OPERATIONS = 6;
  private static final int BUFFER = 0;
  private static final Usage[] USAGES = Usage.values();

  protected final Schedule schedule;
  protected final DomainWords domain;
  private final Random random;
  private final Reservation reservation;
  private final Timeline[] timelines = new Timeline[PARTICIPANTS];
  private final Fences fences;
  private final Set<Integer> claims = new HashSet<>();

  ReservationMix(Schedule schedule) {
    this.schedule = schedule;
    this.random = schedule.random();
    this.domain = DomainWords.on(schedule::words, PARTICIPANTS, 1, 1);
    this.reservation = domain.reservation(BUFFER);
    this.fences =
        new Fences(schedule, fence -> timelines[fence.timeline()].signaled() >= fence.point());
    for (int i = 0; i < PARTICIPANTS; i++) {
      timelines[i] = domain.open("" + i);
      timelines[i].issue();
    }
    for (int i = random.nextInt(Reservation.CAPACITY); i > 0; i--) {
      claims.add(reservation.reserve());
    }
  }

  // ---------------------------------------------------------------- what may be planted wrongly

  void add(Timeline timeline, long point, Usage usage) {
    reservation.add(timeline, point, usage);
  }

  boolean promote(Timeline timeline, long point, Usage usage) {
    return reservation.promote(timeline.fence(point), usage);
  }

  boolean sweep() {
    return domain.sweep(BUFFER);
  }

  // ---------------------------------------------------------------- operations

  @Override
  public Runnable[] participants() {
    Runnable[] all = new Runnable[PARTICIPANTS];
    for (int i = 0; i < PARTICIPANTS; i++) {
      int own = i;
      all[i] =
          () -> {
            for (int turn = 0; turn < OPERATIONS; turn++) {
              operate(own);
            }
          };
    }
    return all;
  }

  private void operate(int own) {
    switch (random.nextInt(14)) {
      case 0, 1, 2 -> add(own);
      case 3, 4, 5 -> claim(own);
      case 6, 7 -> signal(own);
      case 8 -> replace(own);
      case 9 -> promote();
      case 10 -> snapshot();
      case 11 -> ask();
      default -> sweepAndCheck();
    }
  }

  private Usage usage() {
    return USAGES[random.nextInt(USAGES.length)];
  }

  private void add(int own) {
    long point = timelines[own].issue();
    Usage usage = usage();
    schedule.note("add " + usage + " " + own + ":" + point);
    int from = schedule.now();
    try {
      add(timelines[own], point, usage);
    } catch (IllegalStateException full) {
      requireFull(full);
      return;
    }
    fences.added(new Fences.Fence(own, point, usage), from);
  }

  private static void requireFull(IllegalStateException thrown) {
    if (!thrown.getMessage().contains("fence slots of the buffer are in use")) {
      throw thrown;
    }
  }

  private void claim(int own) {
    schedule.note("reserve");
    int slot;
    try {
      slot = reservation.reserve();
    } catch (IllegalStateException full) {
      requireFull(full);
      return;
    }
    require(claims.add(slot), ONE_SLOT_FOR_TWO);
    // From here on the slot may be another's.
    claims.remove(slot);
    int from = schedule.now();
    if (random.nextInt(3) == 0) {
      schedule.note("cancel " + slot);
      reservation.cancel(slot);
      return;
    }
    long point = timelines[own].issue();
    Usage usage = usage();
    schedule.note("add to " + slot + " " + usage + " " + own + ":" + point);
    claims.add(slot);
    try {
      reservation.add(slot, timelines[own], point, usage);
    } catch (IllegalStateException unclaimed) {
      throw new AssertionError(CLAIM_LOST, unclaimed);
    }
    claims.remove(slot);
    fences.added(new Fences.Fence(own, point, usage), from);
  }

  private void signal(int own) {
    Timeline timeline = timelines[own];
    long pending = timeline.issued() - timeline.signaled();
    if (pending > 0) {
      long point = timeline.signaled() + 1 + random.nextInt((int) pending);
      schedule.note("signal " + own + ":" + point);
      timeline.signal(point);
    }
  }

  private void replace(int own) {
    int of = random.nextInt(PARTICIPANTS);
    long point = timelines[own].issue();
    Usage usage = usage();
    schedule.note("replace " + of + " by " + usage + " " + own + ":" + point);
    Fences.Replacement replacement = fences.replacing(of, new Fences.Fence(own, point, usage));
    int count = reservation.replace(timelines[of], timelines[own].fence(point), usage);
    schedule.note("replaced " + count);
    fences.replaced(replacement, count);
  }

  private void promote() {
    Fences.Fence fence = fences.any();
    if (fence == null) {
      return;
    }
    Usage usage = usage();
    schedule.note("promote " + fence + " to " + usage);
    int from = schedule.now();
    if (promote(timelines[fence.timeline()], fence.point(), usage)) {
      fences.added(new Fences.Fence(fence.timeline(), fence.point(), usage), from);
    } else {
      require(!fences.isCertain(fence, from), PROMOTION_REFUSED + ": " + fence);
    }
  }

  private void snapshot() {
    Usage usage = usage();
    int from = schedule.now();
    FenceSnapshot found = reservation.snapshot(usage);
    schedule.note("snapshot of " + usage + " from " + from + ": " + found);
    fences.check(found, usage, from);
  }

  private void ask() {
    Usage usage = usage();
    int from = schedule.now();
    if (reservation.isSignaled(usage)) {
      schedule.note("is signaled " + usage + " from " + from);
      fences.checkNone(usage, from);
    }
  }

  private void sweepAndCheck() {
    int from = schedule.now();
    List<Integer> before = new ArrayList<>(claims);
    boolean idle = sweep();
    schedule.note("sweep from " + from + ": " + idle);
    if (idle) {
      fences.checkNone(Usage.BOOKKEEP, from);
      before.retainAll(claims);
      require(before.isEmpty(), CLAIM_LOST);
    }
  }

  // ---------------------------------------------------------------- the end

  @Override
  public void check() {
    schedule.note("the end: " + domain.describe(BUFFER));
    fences.check(reservation.snapshot(Usage.BOOKKEEP), Usage.BOOKKEEP, schedule.now());
    if (schedule.anyStopped()) {
      return;
    }
    for (Timeline timeline : timelines) {
      timeline.signal(timeline.issued());
    }
    for (int slot : claims) {
      reservation.cancel(slot);
    }
    require(domain.sweep(BUFFER) && domain.isUnused(BUFFER), LEFT_BEHIND);
    require(domain.describe(BUFFER).isEmpty(), LEFT_BEHIND);
  }
}
