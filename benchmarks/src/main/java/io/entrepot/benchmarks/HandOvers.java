package io.entrepot.benchmarks;

import io.entrepot.benchmarks.Comparison.Goal;
import io.entrepot.benchmarks.Table.Contender;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Row 5 of the design: frames from one thread, or process, to another. */
final class HandOvers {
  private static final int ROW = 5;
  private static final double OF_BARE_AT_MOST = 1.3;

  /** The time of the largest frames as a part of the smallest's, for them to count as equal. */
  private static final double FLAT_AT_MOST = 1.1;

  private static final String AERON = "Aeron IPC, 64 B, its driver sleeping beside it";

  /** JMH sees the benchmark's process alone; {@link SteadyAllocation} the other one. */
  private static final String FAR_SIDE = "; garbage of Entrepot's far side fails the run";

  private static final List<Contender> SIZES =
      List.of(
          new Contender("feed64B", "Entrepot feeds, 64 B"),
          new Contender("feed4KiB", "Entrepot feeds, 4 KiB"),
          new Contender("feed64KiB", "Entrepot feeds, 64 KiB"),
          new Contender("feed1MiB", "Entrepot feeds, 1 MiB"),
          new Contender("feed12MiB", "Entrepot feeds, 12 MiB"));

  private HandOvers() {}

  static List<Comparison> comparisons() {
    return List.of(pingPong(), processPingPong(), stream(), processStream());
  }

  static List<Latencies> latencies() {
    return List.of(awake(), asleep());
  }

  private static Comparison pingPong() {
    return new Comparison(
        ROW,
        "Ping-pong",
        "Hand-over of a frame: publication to sight of the handle, one way of a ping-pong"
            + " between threads"
            + poolsText(),
        PingPongBenchmark.class,
        Catalogue.ONE_PAIR,
        "spin",
        with(
            new Contender("feedWithoutStrategy", "Entrepot feeds, 64 B, spin 20 µs, then park"),
            new Contender("spin", "A volatile word each way"),
            new Contender("park", "A word each way, both park at once"),
            new Contender("disruptor", "Disruptor, a ring each way"),
            new Contender("aeron", AERON)),
        goals());
  }

  private static Comparison processPingPong() {
    return new Comparison(
        ROW,
        "Processes",
        "Hand-over of a frame between processes: one way of a ping-pong" + poolsText() + FAR_SIDE,
        ProcessPingPongBenchmark.class,
        Catalogue.ONE_PAIR,
        "spin",
        with(
            new Contender("feedWithoutStrategy", "Entrepot feeds, 64 B, spin 20 µs, then sleep"),
            new Contender("spin", "A volatile word each way"),
            new Contender("futex", "A word and a futex each way, both sleep at once"),
            new Contender("aeron", AERON),
            new Contender("socket", "Unix domain socket, 64 B"),
            new Contender("pipe", "Pipe, 64 B")),
        goals());
  }

  private static String poolsText() {
    return Numbers.format(
        "; pools of %d buffers (%d of 12 MiB), depth %d",
        FramePools.BUFFERS, FramePools.buffers(FramePools.LARGEST_FRAME_BYTES), FramePools.DEPTH);
  }

  private static List<Contender> with(Contender... peers) {
    List<Contender> all = new ArrayList<>(SIZES);
    all.addAll(List.of(peers));
    return List.copyOf(all);
  }

  /** All sizes beside the bare ping-pong, and the largest beside the smallest. */
  private static List<Goal> goals() {
    List<Goal> all = new ArrayList<>();
    for (Contender size : SIZES) {
      all.add(new Goal(size.method(), "spin", 1, OF_BARE_AT_MOST, true));
    }
    all.add(new Goal(SIZES.getLast().method(), SIZES.getFirst().method(), 1, FLAT_AT_MOST, true));
    return List.copyOf(all);
  }

  private static Comparison stream() {
    return new Comparison(
        ROW,
        "Hand-over",
        "Stream of frames, one writer to one reader",
        HandOverBenchmark.class,
        Catalogue.ONE_PAIR,
        "disruptor",
        List.of(
            new Contender("feed", "Entrepot feed, both spin"),
            new Contender("feedWriterParks", "Entrepot feed, writer parks"),
            new Contender("feedBothPark", "Entrepot feed, both park"),
            new Contender("disruptor", "Disruptor, both spin"),
            new Contender("disruptorWriterParks", "Disruptor, writer parks")),
        List.of());
  }

  private static Comparison processStream() {
    return new Comparison(
        ROW,
        "Process stream",
        "Stream of frames, one writer to one reader in another process; both spin" + FAR_SIDE,
        ProcessHandOverBenchmark.class,
        Catalogue.ONE_PAIR,
        "aeron",
        List.of(
            new Contender("feed", "Entrepot feed, depth " + ProcessStream.DEPTH),
            new Contender("aeron", "Aeron IPC, 64 B, a window of 8 MiB")),
        List.of());
  }

  private static Latencies awake() {
    return new Latencies(
        ROW,
        "Hand-over of a frame of 64 B and its answer, both sides spinning",
        schedule(HandOverLatencyBenchmark.LEAST_NS, HandOverLatencyBenchmark.MOST_NS),
        LatencyChart.HAND_OVER,
        HandOverLatencyBenchmark.class,
        List.of(
            new Contender("spin", "Threads: a volatile word"),
            new Contender("feed", "Threads: Entrepot feeds"),
            new Contender("disruptor", "Threads: Disruptor"),
            new Contender("processSpin", "Processes: a volatile word"),
            new Contender("processFeed", "Processes: Entrepot feeds"),
            new Contender("processAeron", "Processes: Aeron IPC")));
  }

  private static Latencies asleep() {
    return new Latencies(
        ROW,
        "Hand-over of a frame of 64 B and its answer, both sides asleep before",
        schedule(HandOverLatencyBenchmark.LEAST_ASLEEP_NS, HandOverLatencyBenchmark.MOST_ASLEEP_NS)
            + " Entrepot's sides have no idle strategy: they have slept since 20 µs after the last"
            + " frame; the others sleep at once.",
        LatencyChart.HAND_OVER,
        HandOverLatencyBenchmark.class,
        List.of(
            new Contender("park", "Threads, asleep: a word, park and unpark"),
            new Contender("feedAsleep", "Threads, asleep: Entrepot feeds"),
            new Contender("processFutex", "Processes, asleep: a word and a futex"),
            new Contender("processFeedAsleep", "Processes, asleep: Entrepot feeds")));
  }

  private static String schedule(int leastNs, int mostNs) {
    return """
    There and back: two hand-overs. Rounds begin every %d to %d µs, drawn; one that is due \
    while the one before is under way counts from when it was due, so that a stop counts for \
    all that it holds up. One or two readings of the clock are in each value.\
    """
        .formatted(TimeUnit.NANOSECONDS.toMicros(leastNs), TimeUnit.NANOSECONDS.toMicros(mostNs));
  }
}
