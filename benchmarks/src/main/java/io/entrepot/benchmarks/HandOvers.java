package io.entrepot.benchmarks;

import io.entrepot.benchmarks.Table.Contender;
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

  private static final String BARE_WORD = "a volatile word";

  /**
   * What the peers of frames are told with: where the host puts the cores, each meets for itself.
   */
  private static final String EACH_ALONE = "; each in a JVM of its own";

  private static final Contender FRAME = new Contender("feed64B", "Entrepot feeds, 64 B");

  private HandOvers() {}

  /**
   * Beside bare words and in size, where each side of a ratio is played in turns with the other.
   */
  static List<Table> tables() {
    return List.of(
        paired(
            "Threads",
            "Hand-over of a frame between threads, in turns with " + BARE_WORD,
            new Contender("threads", "Entrepot feeds")),
        paired(
            "Processes",
            "Hand-over of a frame between processes, in turns with " + BARE_WORD + FAR_SIDE,
            new Contender("processes", "Entrepot feeds")),
        sizes(),
        pingPong(),
        processPingPong(),
        stream(),
        processStream());
  }

  static List<Latencies> latencies() {
    return List.of(awake(), asleep());
  }

  private static PairedComparison paired(String shortTitle, String title, Contender contender) {
    return new PairedComparison(
        ROW,
        shortTitle,
        title + poolsText(),
        PairedPingPongBenchmark.class,
        BARE_WORD,
        OF_BARE_AT_MOST,
        List.of(64L, 4L << 10, 64L << 10, 1L << 20, FramePools.LARGEST_FRAME_BYTES),
        List.of(contender));
  }

  private static PairedComparison sizes() {
    return new PairedComparison(
        ROW,
        "Size",
        "Hand-over of the largest frame, in turns with one of 64 B" + poolsText() + FAR_SIDE,
        PairedPingPongBenchmark.class,
        "a frame of 64 B",
        FLAT_AT_MOST,
        List.of(FramePools.LARGEST_FRAME_BYTES),
        List.of(
            new Contender("threadSizes", "Entrepot feeds between threads"),
            new Contender("processSizes", "Entrepot feeds between processes")));
  }

  private static Comparison pingPong() {
    return new Comparison(
        ROW,
        "Ping-pong",
        "Hand-over of a frame: publication to sight of the handle, one way of a ping-pong"
            + " between threads"
            + EACH_ALONE
            + poolsText(),
        PingPongBenchmark.class,
        Catalogue.ONE_PAIR,
        "spin",
        List.of(
            FRAME,
            new Contender("feedWithoutStrategy", "Entrepot feeds, 64 B, spin 20 µs, then park"),
            new Contender("spin", "A volatile word each way"),
            new Contender("park", "A word each way, both park at once"),
            new Contender("disruptor", "Disruptor, a ring each way"),
            new Contender("aeron", AERON)),
        List.of());
  }

  private static Comparison processPingPong() {
    return new Comparison(
        ROW,
        "Processes",
        "Hand-over of a frame between processes: one way of a ping-pong"
            + EACH_ALONE
            + poolsText()
            + FAR_SIDE,
        ProcessPingPongBenchmark.class,
        Catalogue.ONE_PAIR,
        "spin",
        List.of(
            FRAME,
            new Contender("feedWithoutStrategy", "Entrepot feeds, 64 B, spin 20 µs, then sleep"),
            new Contender("spin", "A volatile word each way"),
            new Contender("futex", "A word and a futex each way, both sleep at once"),
            new Contender("aeron", AERON),
            new Contender("socket", "Unix domain socket, 64 B"),
            new Contender("pipe", "Pipe, 64 B")),
        List.of());
  }

  private static String poolsText() {
    return Numbers.format(
        "; pools of %d buffers (%d of 12 MiB), depth %d",
        FramePools.BUFFERS, FramePools.buffers(FramePools.LARGEST_FRAME_BYTES), FramePools.DEPTH);
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
