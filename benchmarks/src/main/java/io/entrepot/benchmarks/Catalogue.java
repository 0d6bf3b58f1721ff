package io.entrepot.benchmarks;

import io.entrepot.benchmarks.Comparison.Goal;
import io.entrepot.benchmarks.Table.Contender;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Everything that is measured, and the targets of the design. */
final class Catalogue {
  private static final List<Integer> ONE_AND_TWO = List.of(1, 2);

  private static final List<Integer> ONE_TWO_AND_EIGHT = List.of(1, 2, 8);

  /** Its threads come in pairs: with two pairs they would wait for the machine, not each other. */
  static final List<Integer> ONE_PAIR = List.of(1);

  private static final double LOOP_AT_MOST = 1 / 0.95;
  private static final double SINGLE_AT_MOST = 1.15;

  private Catalogue() {}

  /** All tables: in the order of the design's rows, then what is shown in another way. */
  static List<Table> tables() {
    List<Table> all = new ArrayList<>();
    all.add(poolRoundTrip());
    all.add(mapping());
    all.add(viewAccess("sumInts", "Int sum", "Loop: sum of 4096 ints", LOOP_AT_MOST));
    all.add(viewAccess("sumLongs", "Long sum", "Loop: sum of 1024 longs", LOOP_AT_MOST));
    all.add(viewAccess("putInts", "Int puts", "Loop: put of 4096 ints", LOOP_AT_MOST));
    all.add(viewAccess("get", "Get", "Single get of a long", SINGLE_AT_MOST));
    all.add(viewAccess("put", "Put", "Single put of a long", SINGLE_AT_MOST));
    all.add(fenceSignal());
    all.add(fenceTest());
    all.add(wakeUp());
    all.addAll(HandOvers.tables());
    all.add(sets(2));
    all.add(sets(8));
    all.add(sets(100));
    all.add(chains());
    all.add(wakeUpLatencies());
    all.addAll(HandOvers.latencies());
    return List.copyOf(all);
  }

  /** The comparisons among them. */
  static List<Comparison> comparisons() {
    return tables().stream()
        .filter(Comparison.class::isInstance)
        .map(Comparison.class::cast)
        .toList();
  }

  private static Comparison poolRoundTrip() {
    return new Comparison(
        1,
        "Round trip",
        "Acquire, map, put, get, unmap, release: 256 buffers of 64 KiB",
        PoolRoundTripBenchmark.class,
        ONE_AND_TWO,
        "jctoolsQueue",
        List.of(
            new Contender("entrepotPort", "Entrepot port"),
            new Contender("entrepotPortWithoutMagazine", "Entrepot port, no magazine"),
            new Contender("entrepotReference", "Entrepot reference"),
            new Contender("jctoolsQueue", "JCTools queue of segments"),
            new Contender("agronaQueue", "Agrona queue of UnsafeBuffers"),
            new Contender("nettyPooled", "Netty pooled"),
            new Contender("nettyAdaptive", "Netty adaptive"),
            new Contender("stormpot", "Stormpot"),
            new Contender("confinedArena", "Arena.ofConfined().allocate")),
        List.of(
            new Goal("entrepotPort", "jctoolsQueue", 1, 1.0, true),
            new Goal("entrepotPort", "jctoolsQueue", 2, 1.0, true),
            new Goal("entrepotPortWithoutMagazine", "jctoolsQueue", 1, 1.7, true),
            new Goal("entrepotPort", "nettyAdaptive", 1, 1 / 3.0, true),
            new Goal("entrepotPort", "nettyAdaptive", 2, 1 / 3.0, true)));
  }

  private static Comparison mapping() {
    return new Comparison(
        2,
        "Map",
        "Map, get a long, unmap",
        MappingBenchmark.class,
        ONE_AND_TWO,
        "confinedArenaEscaping",
        List.of(
            new Contender("entrepotProtected", "Entrepot, protected"),
            new Contender("entrepotFenced", "Entrepot, full fence"),
            new Contender("entrepotNewView", "Entrepot Port.map, new view"),
            new Contender("confinedArenaEscaping", "Confined arena, escaping"),
            new Contender("confinedArenaScalarReplaced", "Confined arena, scalar-replaced"),
            new Contender("sharedArena", "Shared arena")),
        Stream.of(
                goals("entrepotProtected", "confinedArenaEscaping", 0.5, true),
                goals("entrepotFenced", "confinedArenaEscaping", 1.0, true))
            .flatMap(List::stream)
            .toList());
  }

  private static Comparison viewAccess(
      String what, String shortTitle, String title, double ratioAtMost) {
    return new Comparison(
        3,
        shortTitle,
        title,
        ViewAccessBenchmark.class,
        ONE_AND_TWO,
        what + "Segment",
        List.of(
            new Contender(what + "View", "Entrepot view"),
            new Contender(what + "Segment", "MemorySegment"),
            new Contender(what + "Agrona", "Agrona UnsafeBuffer"),
            new Contender(what + "ByteBuffer", "Direct ByteBuffer")),
        goals(what + "View", what + "Segment", ratioAtMost, true));
  }

  private static Comparison fenceSignal() {
    return new Comparison(
        4,
        "Signal",
        "Fence: add and signal",
        FenceBenchmark.class,
        ONE_AND_TWO,
        "signalFuture",
        List.of(
            new Contender("signalPoint", "Entrepot point in a reservation"),
            new Contender("signalPointAlone", "Entrepot point alone"),
            new Contender("signalFence", "Entrepot fence with callback"),
            new Contender("signalFuture", "CompletableFuture"),
            new Contender("signalLatch", "CountDownLatch")),
        Stream.of(
                goals("signalPoint", "signalFuture", 1.0, true),
                goals("signalPoint", "signalLatch", 1.0, true),
                goals("signalPointAlone", "signalFuture", 1.0, true),
                goals("signalPointAlone", "signalLatch", 1.0, true),
                goals("signalFence", "signalFuture", 1.0, false))
            .flatMap(List::stream)
            .toList());
  }

  private static Comparison fenceTest() {
    return new Comparison(
        4,
        "16 fences",
        "Fence: are 16 done?",
        FenceBenchmark.class,
        ONE_AND_TWO,
        "testFuturesComposed",
        List.of(
            new Contender("testFences", "Entrepot reservations, all pending"),
            new Contender("testFencesLastPending", "Entrepot reservations, last pending"),
            new Contender("testArrayComposed", "FenceArray.of(16).isSignaled(), all pending"),
            new Contender("testArrayComposedBefore", "isSignaled() of a FenceArray made before"),
            new Contender("testFuturesComposed", "allOf(16).isDone(), all pending"),
            new Contender("testFutureComposedBefore", "isDone() of an allOf(16) made before"),
            new Contender("testFuturesLoopLastPending", "16 x isDone(), last pending")),
        Stream.of(
                goals("testFences", "testFuturesComposed", 0.5, true),
                goals("testFencesLastPending", "testFuturesComposed", 0.5, true),
                goals("testArrayComposed", "testFuturesComposed", 0.5, false))
            .flatMap(List::stream)
            .toList());
  }

  private static Comparison wakeUp() {
    return new Comparison(
        4,
        "Wake-up",
        "Fence: wake-up of a parked thread",
        WakeUpBenchmark.class,
        ONE_PAIR,
        "unpark",
        List.of(
            new Contender("fence", "Entrepot Fence.await"),
            new Contender("latch", "CountDownLatch.await"),
            new Contender("unpark", "LockSupport.park and unpark")),
        List.of(
            new Goal("fence", "latch", 1, 1.1, false), new Goal("fence", "unpark", 1, 1.1, false)));
  }

  private static Comparison sets(int buffers) {
    return new Comparison(
        0,
        "Sets of " + buffers,
        "One job over " + buffers + " of 256 buffers: take part, collect dependencies, signal",
        ReservationSetBenchmark.class,
        ONE_TWO_AND_EIGHT,
        "locks" + buffers,
        List.of(
            new Contender("set" + buffers, "Entrepot set, known before"),
            new Contender("taken" + buffers, "Entrepot set, taken one by one"),
            new Contender("locks" + buffers, "A ReentrantLock and a list each, in index order")),
        List.of());
  }

  private static Growth chains() {
    return new Growth(
        4,
        "Chain of fences: nanoseconds for each link, until the callbacks of all n have run",
        ChainBenchmark.class,
        "links",
        List.of(1_000, 4_096, 16_384, 100_000),
        List.of(
            new Contender("forward", "Entrepot chain, forward"),
            new Contender("reverse", "Entrepot chain, reverse"),
            new Contender("random", "Entrepot chain, random"),
            new Contender("unchained", "Entrepot fences without a chain, random"),
            new Contender("futuresForward", "CompletableFuture.thenCombine, forward"),
            new Contender("futuresReverse", "CompletableFuture.thenCombine, reverse"),
            new Contender("futuresRandom", "CompletableFuture.thenCombine, random")));
  }

  private static Latencies wakeUpLatencies() {
    return new Latencies(
        4,
        "Fence: wake-up, from just before the signal until the waiter has returned",
        """
        One waiter; signals come every %d to %d µs, drawn, and never wait for it: a signal that \
        comes while the waiter is late counts with all the time until it is got. About one reading \
        of the clock is in each value.\
        """
            .formatted(WakeUpLatencyBenchmark.LEAST_US, WakeUpLatencyBenchmark.MOST_US),
        LatencyChart.WAKE_UP,
        WakeUpLatencyBenchmark.class,
        List.of(
            new Contender("spinning", "Volatile field, spinning"),
            new Contender("fenceSpinning", "Entrepot Fence.await, BusySpinIdleStrategy"),
            new Contender("fenceBackingOff", "Entrepot Fence.await, BackoffIdleStrategy"),
            new Contender("fence", "Entrepot Fence.await"),
            new Contender("latch", "CountDownLatch.await"),
            new Contender("unpark", "LockSupport.park and unpark")));
  }

  /** The same target for every number of threads. */
  private static List<Goal> goals(
      String method, String peer, double ratioAtMost, boolean withoutGarbage) {
    return ONE_AND_TWO.stream()
        .map(threads -> new Goal(method, peer, threads, ratioAtMost, withoutGarbage))
        .toList();
  }
}
