package io.entrepot.benchmarks;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.infra.IterationParams;
import org.openjdk.jmh.runner.IterationType;

/**
 * Two ping-pongs in turns between the same two threads, or processes: a slice of the first, two of
 * the other, one of the first again, each of so many round trips. Where the machine has put the two
 * sides, and what else it does for longer than a turn, it does to both ping-pongs. What drifts
 * evenly within a turn, too. The clock is read between slices alone.
 *
 * @param <A> what the other side needs to answer
 */
@State(Scope.Thread)
public abstract class PairedPingPong<A> {
  /** Round trips of a slice where something is measured: a millisecond at most. */
  static final int ROUND_TRIPS = 1_000;

  /** Ways that each of the two goes in a turn: two slices, there and back. */
  static final int WAYS = ways(ROUND_TRIPS);

  /** Round trips of a slice. */
  @Param("" + ROUND_TRIPS)
  public int roundTrips;

  /** Bytes of a frame. */
  @Param({"64", "4096", "65536", "1048576", "12582912"})
  public long frameBytes;

  private final List<List<Turn>> iterations = new ArrayList<>();
  private List<Turn> turns;
  private Pairable<A> first;
  private Pairable<A> other;
  private OtherSide answering;

  /** What frames are measured beside. */
  abstract Pairable<A> first();

  /** Frames of so many bytes. */
  abstract Pairable<A> other(long bytes);

  /** Starts what {@linkplain Answering#inTurns answers both in turns}. */
  abstract OtherSide start(A first, A other, int roundTrips)
      throws IOException, InterruptedException;

  /** Starts the other side. */
  @Setup
  public void open() throws IOException, InterruptedException {
    first = first();
    other = other(frameBytes);
    answering = start(first.offer(), other.offer(), roundTrips);
    first.connect(answering);
    other.connect(answering);
  }

  /** Leaves out what is warm-up. */
  @Setup(Level.Iteration)
  public void begin(IterationParams iteration) {
    turns = new ArrayList<>();
    if (iteration.getType() == IterationType.MEASUREMENT) {
      iterations.add(turns);
    }
  }

  private static int ways(int roundTrips) {
    return 2 * 2 * roundTrips;
  }

  /** A turn of both. */
  final void play() throws IOException {
    long beganNs = System.nanoTime();
    play(first, roundTrips);
    long otherBeganNs = System.nanoTime();
    play(other, 2 * roundTrips);
    long otherEndedNs = System.nanoTime();
    play(first, roundTrips);
    long endedNs = System.nanoTime();
    long otherNs = otherEndedNs - otherBeganNs;
    double ways = ways(roundTrips);
    turns.add(new Turn((endedNs - beganNs - otherNs) / ways, otherNs / ways));
  }

  private static void play(PingPong one, int roundTrips) throws IOException {
    for (int i = 0; i < roundTrips; i++) {
      one.goAndComeBack();
    }
  }

  /** Ends the other side, and tells what was measured. */
  @TearDown
  public void close() throws IOException, InterruptedException {
    first.leave();
    other.leave();
    answering.end();
    first.release();
    other.release();
    TurnsFile.ofThisTrial().write(new Turns(iterations));
  }
}
