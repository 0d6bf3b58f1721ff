package io.entrepot.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The way of turns from the JVM of a benchmark to the suite: one file for each trial. An iteration
 * is a line of {@code peerNs/ns}, one after the other.
 */
record TurnsFile(Path path) {
  /** Names the file to the benchmark's JVM; what is measured there is dropped without it. */
  private static final String PROPERTY = "io.entrepot.benchmarks.turns";

  private static final String BETWEEN_TURNS = " ";
  private static final String BETWEEN_TIMES = "/";

  /** The file that this JVM was given, or one of no path. */
  static TurnsFile ofThisTrial() {
    String name = System.getProperty(PROPERTY);
    return new TurnsFile(name == null ? null : Path.of(name));
  }

  /** What makes this the {@linkplain #ofThisTrial() file of a trial} in a new JVM. */
  String jvmArgument() {
    return "-D" + PROPERTY + "=" + path.toAbsolutePath();
  }

  /** Writes turns, if there is a path to write to. */
  void write(Turns turns) throws IOException {
    if (path == null) {
      return;
    }
    Files.write(
        path,
        turns.iterations().stream()
            .map(iteration ->
                iteration.stream()
                    .map(turn -> turn.peerNs() + BETWEEN_TIMES + turn.ns())
                    .collect(Collectors.joining(BETWEEN_TURNS)))
            .toList());
  }

  /** Reads the turns that a trial wrote. */
  Turns read() throws IOException {
    List<List<Turn>> iterations = new ArrayList<>();
    for (String line : Files.readAllLines(path)) {
      List<Turn> turns = new ArrayList<>();
      for (String turn : line.split(BETWEEN_TURNS)) {
        turns.add(parse(turn));
      }
      iterations.add(turns);
    }
    if (iterations.isEmpty()) {
      throw new IOException(path + " has no turns: the trial did not end well");
    }
    return new Turns(iterations);
  }

  private Turn parse(String turn) throws IOException {
    String[] times = turn.split(BETWEEN_TIMES, -1);
    try {
      if (times.length == 2) {
        return new Turn(Double.parseDouble(times[0]), Double.parseDouble(times[1]));
      }
    } catch (NumberFormatException e) {
      throw new IOException(path + ": '" + turn + "' is no turn", e);
    }
    throw new IOException(path + ": '" + turn + "' is no turn");
  }
}
