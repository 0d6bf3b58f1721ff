package io.entrepot.chaos;

/** What a run of chaos came to. */
final class Figures {
  int rounds;
  int importers;
  int early;
  int exporters;
  int idle;
  int writers;
  int inTheMidst;
  int stops;
  int fences;
  long published;
  long verified;
  long divided;
  long changes;
  long looked;
  long refused;
  private long slowestReturnMs;
  private long slowestWriterMs;
  private long slowestAccountMs;
  private long slowestToldMs;
  private long mostMappings;

  /** All that a dead importer had came back. */
  void returned(long ms) {
    slowestReturnMs = Math.max(slowestReturnMs, ms);
  }

  /** As {@link #returned}, of one that wrote in place. */
  void writerReturned(long ms) {
    slowestWriterMs = Math.max(slowestWriterMs, ms);
  }

  /** All buffers were free once everybody had let go. */
  void accounted(long ms) {
    slowestAccountMs = Math.max(slowestAccountMs, ms);
  }

  /** All readers knew of the end of their exporter, and had left it. */
  void told(long ms) {
    slowestToldMs = Math.max(slowestToldMs, ms);
  }

  void mapped(long mappings) {
    mostMappings = Math.max(mostMappings, mappings);
  }

  @Override
  public String toString() {
    return rounds
        + " rounds: killed "
        + importers
        + " importers, "
        + early
        + " of them while they joined, and "
        + exporters
        + " exporters, "
        + idle
        + " of them while all waited, and "
        + writers
        + " that wrote in place, "
        + inTheMidst
        + " of them in the midst of a frame, and stopped one "
        + stops
        + " times; "
        + fences
        + " fences pending between them; "
        + published
        + " frames published, "
        + verified
        + " verified, "
        + divided
        + " of them divided; "
        + changes
        + " changed in place and "
        + looked
        + " looks at such, "
        + refused
        + " refused as half overwritten; slowest: a dead importer's buffers back after "
        + slowestReturnMs
        + " ms, a dead writer's after "
        + slowestWriterMs
        + " ms, all accounted for after "
        + slowestAccountMs
        + " ms, told of a dead exporter after "
        + slowestToldMs
        + " ms; most mappings in a process "
        + mostMappings;
  }
}
