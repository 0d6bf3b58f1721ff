package io.entrepot.examples.video;

import io.entrepot.flow.BufferPool;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The importers as threads of this process, over memory that is this process's alone. */
final class InThreads implements Workplace {
  private final VideoOptions options;
  private final Path transcoded;
  private final RunLog log;
  private final RunFailure failure;
  private final List<FrameImporter> guests;

  private InThreads(
      VideoOptions options,
      Path transcoded,
      RunLog log,
      RunFailure failure,
      List<FrameImporter> guests) {
    this.options = options;
    this.transcoded = transcoded;
    this.log = log;
    this.failure = failure;
    this.guests = guests;
  }

  /**
   * The analyser, the transcoder, and more.
   *
   * @param guests importers that see every frame too
   */
  static Opening with(List<? extends FrameImporter> guests) {
    return (options, transcoded, log, failure) ->
        new InThreads(options, transcoded, log, failure, List.copyOf(guests));
  }

  @Override
  public BufferPool pool(String name, long slotBytes, int slots) {
    return BufferPool.offHeap(name, slotBytes, slots);
  }

  @Override
  public List<ImporterThread> start(StreamTiming timing) {
    List<FrameImporter> importers = new ArrayList<>();
    importers.add(new Analyser(timing, log));
    importers.add(new Transcoder(timing, options.threads(), transcoded, log));
    importers.addAll(guests);
    return importers.stream().map(importer -> new ImporterThread(importer, failure)).toList();
  }

  @Override
  public List<RunReport.Process> processes() {
    return List.of();
  }

  @Override
  public void close() {
    // The threads have ended, or the program does not end.
  }
}
