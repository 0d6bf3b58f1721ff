package io.entrepot.schedule;

import static io.entrepot.schedule.Scenario.require;

import io.entrepot.internal.sync.DomainWords;
import io.entrepot.internal.sync.JobSet;
import io.entrepot.sync.FenceSnapshot;
import io.entrepot.sync.Timeline;
import io.entrepot.sync.Usage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * Jobs over some of three buffers, by three participants on a timeline each, who now and then sweep
 * a buffer, ask for its fences, or signal what they committed.
 *
 * <p>Of two jobs that have a buffer in common, and of which one awaits the other's usage, one
 * depends on the other; and no job depends on itself, over however many others.
 */
class JobMix implements Scenario {
  static final String LOST = "a dependency is lost";
  static final String CYCLE = "jobs depend on each other";
  static final String LEFT_BEHIND = "something is left behind";

  private static final int PARTICIPANTS = 3;
  private static final int BUFFERS = 3;
  private static final int OPERATIONS = 4;
  private static final int TRIES = 8;
  private static final Duration LONG = Duration.ofMinutes(10);
  private static final Usage[] USAGES = Usage.values();

  protected final Schedule schedule;
  protected final DomainWords domain;
  private final Random random;
  private final Timeline[] timelines = new Timeline[PARTICIPANTS];
  private final JobSet[] sets = new JobSet[PARTICIPANTS];
  private final Fences[] fences = new Fences[BUFFERS];
  private final List<Job> jobs = new ArrayList<>();

  /** A job that was committed, and up to which point it depends on each timeline. */
  private record Job(int timeline, long point, Usage[] usages, long[] dependsOn) {
    boolean conflictsWith(Job other) {
      for (int i = 0; i < BUFFERS; i++) {
        if (usages[i] != null
            && other.usages[i] != null
            && other.usages[i].compareTo(usages[i].awaited()) <= 0) {
          return true;
        }
      }
      return false;
    }

    boolean dependsOn(Job other) {
      return timeline == other.timeline
          ? point > other.point
          : dependsOn[other.timeline] >= other.point;
    }

    @Override
    public String toString() {
      return timeline + ":" + point;
    }
  }

  JobMix(Schedule schedule) {
    this.schedule = schedule;
    this.random = schedule.random();
    this.domain = DomainWords.on(schedule::words, PARTICIPANTS, BUFFERS, PARTICIPANTS);
    for (int i = 0; i < PARTICIPANTS; i++) {
      timelines[i] = domain.open("" + i);
      sets[i] = domain.set(timelines[i], i);
    }
    for (int i = 0; i < BUFFERS; i++) {
      fences[i] =
          new Fences(schedule, fence -> timelines[fence.timeline()].signaled() >= fence.point());
    }
  }

  // ---------------------------------------------------------------- what may be planted wrongly

  /** Commits a job; its point, or 0, and up to which points it depends on each timeline. */
  long commit(int own, Usage[] usages, long[] dependsOn) {
    JobSet set = sets[own];
    boolean takes = random.nextInt(3) == 0;
    long point = takes ? take(set, usages) : 0;
    if (!takes) {
      for (int i = 0; i < BUFFERS; i++) {
        if (usages[i] != null) {
          set.add(domain.reservation(i), usages[i]);
        }
      }
      point = set.awaitCommit(LONG);
    }
    note(set.dependencies(), dependsOn);
    return point;
  }

  /** As a job that takes one buffer after the other, each as it comes; 0 if aborted too often. */
  private long take(JobSet set, Usage[] usages) {
    long point = 0;
    for (int turn = 0; turn < TRIES && point == 0; turn++) {
      boolean taken = true;
      int first = random.nextInt(BUFFERS);
      for (int i = 0; i < BUFFERS && taken; i++) {
        int buffer = (first + i) % BUFFERS;
        taken =
            usages[buffer] == null
                || set.awaitTake(domain.reservation(buffer), usages[buffer], LONG);
      }
      point = taken ? set.awaitCommit(LONG) : 0;
    }
    return point;
  }

  protected final JobSet set(int own) {
    return sets[own];
  }

  protected final Timeline timeline(int own) {
    return timelines[own];
  }

  protected static void note(FenceSnapshot found, long[] dependsOn) {
    for (int i = 0; i < found.size(); i++) {
      int timeline = Integer.parseInt(found.timelineName(i));
      dependsOn[timeline] = Math.max(dependsOn[timeline], found.point(i));
    }
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
    switch (random.nextInt(10)) {
      case 0 -> signal(own);
      case 1 -> sweep(random.nextInt(BUFFERS));
      case 2, 3 -> snapshot(random.nextInt(BUFFERS));
      case 4 -> add(own, random.nextInt(BUFFERS));
      default -> job(own);
    }
  }

  private void job(int own) {
    Usage[] usages = new Usage[BUFFERS];
    int members = 1 + random.nextInt(BUFFERS);
    for (int i = 0; i < members; i++) {
      usages[random.nextInt(BUFFERS)] =
          random.nextInt(3) == 0 ? USAGES[random.nextInt(USAGES.length)] : Usage.WRITE;
    }
    schedule.note("job over " + Arrays.toString(usages));
    int from = schedule.now();
    long[] dependsOn = new long[PARTICIPANTS];
    long point = commit(own, usages, dependsOn);
    if (point == 0) {
      return;
    }
    Job job = new Job(own, point, usages, dependsOn);
    schedule.note("committed " + job + " on " + Arrays.toString(dependsOn));
    jobs.add(job);
    for (int i = 0; i < BUFFERS; i++) {
      if (usages[i] != null) {
        fences[i].added(new Fences.Fence(own, point, usages[i]), from);
      }
    }
  }

  private void add(int own, int buffer) {
    long point = timelines[own].issue();
    Usage usage = USAGES[random.nextInt(USAGES.length)];
    schedule.note("add " + usage + " " + own + ":" + point + " to " + buffer);
    int from = schedule.now();
    domain.reservation(buffer).add(timelines[own], point, usage);
    fences[buffer].added(new Fences.Fence(own, point, usage), from);
  }

  private void signal(int own) {
    long point = timelines[own].issued();
    if (point > 0) {
      schedule.note("signal " + own + ":" + point);
      timelines[own].signal(point);
    }
  }

  private void sweep(int buffer) {
    int from = schedule.now();
    boolean idle = domain.sweep(buffer);
    schedule.note("sweep of " + buffer + " from " + from + ": " + idle);
    if (idle) {
      fences[buffer].checkNone(Usage.BOOKKEEP, from);
    }
  }

  private void snapshot(int buffer) {
    Usage usage = USAGES[random.nextInt(USAGES.length)];
    int from = schedule.now();
    FenceSnapshot found = domain.reservation(buffer).snapshot(usage);
    schedule.note("snapshot of " + buffer + " for " + usage + " from " + from + ": " + found);
    fences[buffer].check(found, usage, from);
  }

  // ---------------------------------------------------------------- the end

  @Override
  public void check() {
    for (int i = 0; i < BUFFERS; i++) {
      FenceSnapshot found = domain.reservation(i).snapshot(Usage.BOOKKEEP);
      fences[i].check(found, Usage.BOOKKEEP, schedule.now());
    }
    for (Job one : jobs) {
      for (Job other : jobs) {
        if (one != other && one.conflictsWith(other) && isPending(one) && isPending(other)) {
          require(
              one.dependsOn(other) || other.dependsOn(one), LOST + ": " + one + " and " + other);
        }
        require(
            one == other || !one.dependsOn(other) || !other.dependsOn(one),
            CYCLE + ": " + one + " and " + other);
      }
      requireNoWayBack(one, one, new ArrayList<>());
    }
    if (!schedule.anyStopped()) {
      for (Timeline timeline : timelines) {
        if (timeline.issued() > 0) {
          timeline.signal(timeline.issued());
        }
      }
      for (int i = 0; i < BUFFERS; i++) {
        require(domain.sweep(i) && domain.isUnused(i) && domain.describe(i).isEmpty(), LEFT_BEHIND);
      }
    }
  }

  private boolean isPending(Job job) {
    return timelines[job.timeline].signaled() < job.point;
  }

  private void requireNoWayBack(Job to, Job from, List<Job> seen) {
    for (Job next : jobs) {
      if (next != from && from.dependsOn(next)) {
        require(next != to, CYCLE + ": " + to + " over " + seen);
        if (!seen.contains(next)) {
          seen.add(next);
          requireNoWayBack(to, next, seen);
        }
      }
    }
  }
}
