package io.entrepot.benchmarks;

import io.entrepot.benchmarks.Table.Contender;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;

/**
 * Where the host has put the two cores, told by what the peer of a {@link PairedComparison} takes.
 * It stays for seconds as a rule, so that an iteration has one.
 *
 * @param fastestNs one way of the peer in the fastest iteration of the table
 * @param slowestNs the same in the slowest
 */
record Placement(double fastestNs, double slowestNs) {
  /** Iterations that differ by less, as a part, come of cores that stayed where they were. */
  private static final double MOVED_FROM = 1.5;

  /** Which turns. */
  enum Cores {
    /** All of them. */
    ANY("all"),

    /** Those where the peer was quick. */
    NEAR("near"),

    /** Those where it was not. */
    FAR("far");

    private final String text;

    Cores(String text) {
      this.text = text;
    }

    @Override
    public String toString() {
      return text;
    }
  }

  /**
   * What was measured where.
   *
   * @param label of the contender and its size
   * @param cores which turns
   * @param turns these
   * @param share of all turns of the trial
   * @param own what JMH tells of the trial, for each way
   */
  record Line(String label, Cores cores, Turns turns, double share, Measurement own) {
    private Line part(Cores which, Turns part) {
      return new Line(label, which, part, (double) part.number() / turns.number(), own);
    }
  }

  /** By all that was measured for a table. */
  static Placement of(Collection<Turns> all) {
    double[] peerNs =
        all.stream().flatMapToDouble(turns -> Arrays.stream(turns.eachPeerNs())).toArray();
    return new Placement(
        Arrays.stream(peerNs).min().orElseThrow(), Arrays.stream(peerNs).max().orElseThrow());
  }

  /** By all that was measured for a table. */
  static Placement of(PairedComparison table, Measurements measurements) {
    return of(table.trials().stream().map(measurements::turns).toList());
  }

  /** Whether the host has moved the cores at all. */
  boolean hasChanged() {
    return slowestNs >= MOVED_FROM * fastestNs;
  }

  /** Where the peer takes less one way, the cores are near: halfway between the two. */
  double nearBelowNs() {
    return (fastestNs + slowestNs) / 2;
  }

  /** Those of turns where the cores were near. */
  Turns near(Turns turns) {
    return turns.where(this::isNear);
  }

  /** Those of turns where the cores were far. */
  Turns far(Turns turns) {
    return turns.where(turn -> !isNear(turn));
  }

  private boolean isNear(Turn turn) {
    return turn.peerNs() < nearBelowNs();
  }

  /** What was measured for a table: all turns, then near and far ones if there are both. */
  List<Line> lines(PairedComparison table, Measurements measurements) {
    List<Line> all = new ArrayList<>();
    for (Contender contender : table.contenders()) {
      for (long bytes : table.frameBytes()) {
        Trial trial = table.trial(contender.method(), bytes);
        Turns turns = measurements.turns(trial);
        Measurement own = measurements.get(trial).each(PairedPingPong.WAYS);
        String label = PairedComparison.label(contender, bytes);
        Line whole = new Line(label, Cores.ANY, turns, 1, own);
        all.add(whole);
        if (hasChanged()) {
          all.add(whole.part(Cores.NEAR, near(turns)));
          all.add(whole.part(Cores.FAR, far(turns)));
        }
      }
    }
    return all.stream().filter(line -> line.share > 0).toList();
  }
}
