package io.entrepot.benchmarks;

import io.entrepot.flow.BufferPool;
import io.entrepot.sharing.SharedBuffer;
import io.entrepot.sync.Reservation;
import io.entrepot.sync.ReservationSet;
import io.entrepot.sync.Timeline;
import io.entrepot.sync.Usage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * One job after the other over random buffers of 256, a quarter of them to write: add its fence to
 * all, collect what it depends on, signal it. Each thread has a timeline of its own and one job
 * pending at most, so the 8 slots of a buffer are enough for the 8 threads.
 *
 * <p>Beside it what is usually done: a {@link ReentrantLock} per buffer, taken in the order of the
 * buffers, over a plain list of fences. There a thread that is stopped with locks taken stops
 * everybody else who comes by, and a set must be known before.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class ReservationSetBenchmark {
  private static final int BUFFERS = 256;
  private static final int JOBS = 256;
  private static final int ONE_WRITE_IN = 4;
  private static final Duration LIMIT = Duration.ofSeconds(10);

  /** The members of a job in the order of the buffers. */
  private record Plan(int[] buffers, Usage[] usages) {}

  private static Plan[] plans(int members, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    return Stream.generate(
            () -> {
              int[] buffers = random.ints(0, BUFFERS).distinct().limit(members).sorted().toArray();
              Usage[] usages = new Usage[members];
              Arrays.setAll(
                  usages, i -> random.nextInt(ONE_WRITE_IN) == 0 ? Usage.WRITE : Usage.READ);
              return new Plan(buffers, usages);
            })
        .limit(JOBS)
        .toArray(Plan[]::new);
  }

  /** What one thread is about to do. */
  @State(Scope.Thread)
  public static class Work {
    private static final AtomicInteger SEEDS = new AtomicInteger();

    private final int seed = SEEDS.getAndIncrement();
    private final Plan[] two = plans(2, seed);
    private final Plan[] eight = plans(8, seed);
    private final Plan[] hundred = plans(100, seed);
    private int next;

    private Plan next(Plan[] plans) {
      return plans[next++ & (JOBS - 1)];
    }
  }

  // ---------------------------------------------------------------- sets of reservations

  /** The buffers of all threads. */
  @State(Scope.Benchmark)
  public static class Shared {
    final Reservation[] reservations = new Reservation[BUFFERS];
    BufferPool pool;
    private SharedBuffer[] buffers;

    /** Acquires all buffers. */
    @Setup
    public void open() {
      pool = BufferPool.offHeap("benchmark", 64, BUFFERS);
      buffers =
          Stream.generate(() -> pool.tryAcquire(64)).limit(BUFFERS).toArray(SharedBuffer[]::new);
      for (SharedBuffer buffer : buffers) {
        reservations[buffer.index()] = buffer.reservation();
      }
    }

    /** Gives everything back. */
    @TearDown
    public void close() {
      Arrays.stream(buffers).forEach(SharedBuffer::close);
      pool.close();
    }
  }

  /** A thread's set. */
  @State(Scope.Thread)
  public static class Own {
    Reservation[] reservations;
    ReservationSet set;
    Timeline timeline;

    /** Opens a timeline. */
    @Setup
    public void open(Shared shared) {
      reservations = shared.reservations;
      timeline = shared.pool.sync().timeline("benchmark");
      set = ReservationSet.on(timeline);
    }

    /** Closes both. */
    @TearDown
    public void close() {
      set.close();
      timeline.close();
    }

    private int job(Plan plan) {
      for (int i = 0; i < plan.buffers.length; i++) {
        set.add(reservations[plan.buffers[i]], plan.usages[i]);
      }
      long point = set.awaitCommit(LIMIT);
      int dependencies = set.dependencies().size();
      timeline.signal(point);
      return dependencies;
    }

    private int takeOneByOne(Plan plan) {
      long point;
      do {
        boolean taken = true;
        for (int i = 0; taken && i < plan.buffers.length; i++) {
          // From somewhere in the middle on, as who finds the next by the one before.
          int member = (i + plan.buffers.length / 2) % plan.buffers.length;
          taken = set.awaitTake(reservations[plan.buffers[member]], plan.usages[member], LIMIT);
        }
        point = taken ? set.awaitCommit(LIMIT) : 0;
      } while (point == 0);
      int dependencies = set.dependencies().size();
      timeline.signal(point);
      return dependencies;
    }
  }

  /** How often jobs were aborted. */
  @State(Scope.Thread)
  @AuxCounters(AuxCounters.Type.EVENTS)
  public static class Events {
    private long before;

    /** Jobs that began again. */
    public long aborts;

    private int count(int result, Own own) {
      long now = own.set.aborts();
      aborts += now - before;
      before = now;
      return result;
    }
  }

  /** A job over 2 buffers. */
  @Benchmark
  public int set2(Work work, Own own, Events events) {
    return events.count(own.job(work.next(work.two)), own);
  }

  /** A job over 8 buffers. */
  @Benchmark
  public int set8(Work work, Own own, Events events) {
    return events.count(own.job(work.next(work.eight)), own);
  }

  /** A job over 100 buffers. */
  @Benchmark
  public int set100(Work work, Own own, Events events) {
    return events.count(own.job(work.next(work.hundred)), own);
  }

  /** A job over 2 buffers, taken one by one in no order. */
  @Benchmark
  public int taken2(Work work, Own own, Events events) {
    return events.count(own.takeOneByOne(work.next(work.two)), own);
  }

  /** A job over 8 buffers, taken one by one in no order. */
  @Benchmark
  public int taken8(Work work, Own own, Events events) {
    return events.count(own.takeOneByOne(work.next(work.eight)), own);
  }

  /** A job over 100 buffers, taken one by one in no order. */
  @Benchmark
  public int taken100(Work work, Own own, Events events) {
    return events.count(own.takeOneByOne(work.next(work.hundred)), own);
  }

  // ---------------------------------------------------------------- locks

  /** A fence as a plain object. */
  private static final class PlainFence {
    private volatile boolean done;
  }

  /** A fence in a list. */
  private record Entry(PlainFence fence, Usage usage) {}

  /** A buffer's lock and its fences. */
  private static final class LockedFences {
    private final ReentrantLock lock = new ReentrantLock();
    private final ArrayList<Entry> fences = new ArrayList<>();

    private void add(PlainFence fence, Usage usage, ArrayList<PlainFence> dependencies) {
      Usage awaited = usage.awaited();
      int kept = 0;
      for (int i = 0; i < fences.size(); i++) {
        Entry entry = fences.get(i);
        if (!entry.fence.done) {
          if (entry.usage.compareTo(awaited) <= 0) {
            dependencies.add(entry.fence);
          }
          fences.set(kept++, entry);
        }
      }
      while (fences.size() > kept) {
        fences.removeLast();
      }
      fences.add(new Entry(fence, usage));
    }
  }

  /** The same buffers with locks. */
  @State(Scope.Benchmark)
  public static class Locks {
    private final LockedFences[] buffers =
        Stream.generate(LockedFences::new).limit(BUFFERS).toArray(LockedFences[]::new);
  }

  /** A thread's dependencies. */
  @State(Scope.Thread)
  public static class Found {
    private final ArrayList<PlainFence> dependencies = new ArrayList<>();

    private int job(Plan plan, LockedFences[] buffers) {
      dependencies.clear();
      PlainFence fence = new PlainFence();
      for (int buffer : plan.buffers) {
        buffers[buffer].lock.lock();
      }
      try {
        for (int i = 0; i < plan.buffers.length; i++) {
          buffers[plan.buffers[i]].add(fence, plan.usages[i], dependencies);
        }
      } finally {
        for (int buffer : plan.buffers) {
          buffers[buffer].lock.unlock();
        }
      }
      fence.done = true;
      return dependencies.size();
    }
  }

  /** The locks of 2 buffers. */
  @Benchmark
  public int locks2(Work work, Found found, Locks locks) {
    return found.job(work.next(work.two), locks.buffers);
  }

  /** The locks of 8 buffers. */
  @Benchmark
  public int locks8(Work work, Found found, Locks locks) {
    return found.job(work.next(work.eight), locks.buffers);
  }

  /** The locks of 100 buffers. */
  @Benchmark
  public int locks100(Work work, Found found, Locks locks) {
    return found.job(work.next(work.hundred), locks.buffers);
  }
}
