package io.entrepot.benchmarks;

import java.util.List;
import java.util.Map;

/**
 * What frames of several sizes take, each in turns with a peer in one JVM, and what they may take;
 * see {@link PairedPingPong}.
 *
 * @param row of the design's table; 0 for what has no row
 * @param shortTitle what is done, in a word or two
 * @param title what is done
 * @param type the class whose methods the benchmarks are
 * @param peer what the frames are measured beside, for people
 * @param ratioAtMost the most time that they may take, as a part of the peer's
 * @param frameBytes the sizes, growing
 * @param contenders between whom, in the order of the table
 */
record PairedComparison(
    int row,
    String shortTitle,
    String title,
    Class<?> type,
    String peer,
    double ratioAtMost,
    List<Long> frameBytes,
    List<Contender> contenders)
    implements Table {
  private static final String PARAMETER = "frameBytes";
  private static final int BITS_OF_UNIT = 10;

  /** The run of a method with frames of a size. */
  Trial trial(String method, long bytes) {
    return new Trial(type, method, 1, Map.of(PARAMETER, Long.toString(bytes)));
  }

  @Override
  public List<Trial> trials() {
    return contenders.stream()
        .flatMap(contender -> frameBytes.stream().map(bytes -> trial(contender.method(), bytes)))
        .toList();
  }

  /** What a contender is called in tables with frames of a size. */
  static String label(Contender contender, long bytes) {
    return contender.label() + ", " + text(bytes);
  }

  /** A number of bytes as it is written: 64 B, 12 MiB. */
  private static String text(long bytes) {
    long mebibytes = bytes >> 2 * BITS_OF_UNIT;
    long kibibytes = bytes >> BITS_OF_UNIT;
    return mebibytes > 0 ? mebibytes + " MiB" : kibibytes > 0 ? kibibytes + " KiB" : bytes + " B";
  }
}
