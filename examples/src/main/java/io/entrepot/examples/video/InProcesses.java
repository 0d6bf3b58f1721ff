package io.entrepot.examples.video;

import io.entrepot.flow.BufferPool;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The importers as processes of their own, over shared memory that they have mapped read-only.
 *
 * <p>One that is killed takes nothing with it: the frames that it had come back, and the others go
 * on.
 */
final class InProcesses implements Workplace {
  private final VideoOptions options;
  private final Path transcoded;
  private final RunLog log;
  private final RunFailure failure;
  private final PrintStream out;
  private final ServedPools pools = new ServedPools();
  private final List<ImporterProcess> processes = new ArrayList<>();

  private InProcesses(
      VideoOptions options, Path transcoded, RunLog log, RunFailure failure, PrintStream out) {
    this.options = options;
    this.transcoded = transcoded;
    this.log = log;
    this.failure = failure;
    this.out = out;
  }

  /**
   * An analyser and a transcoder.
   *
   * @param out where the numbers of the processes are said
   */
  static Opening saying(PrintStream out) {
    return (options, transcoded, log, failure) ->
        new InProcesses(options, transcoded, log, failure, out);
  }

  @Override
  public BufferPool pool(String name, long slotBytes, int slots) {
    return pools.pool(name, slotBytes, slots);
  }

  @Override
  public List<ImporterProcess> start(StreamTiming timing) {
    Order.Begin begin =
        Order.Begin.of(timing, options.threads(), transcoded.toAbsolutePath().toString());
    StringBuilder numbers = new StringBuilder("decoder ").append(ProcessHandle.current().pid());
    for (Role role : Role.values()) {
      ImporterProcess process =
          new ImporterProcess(role, begin, pools, log, failure, options.patience());
      processes.add(process);
      numbers.append(", ").append(role.importerName()).append(' ').append(process.process().pid());
    }
    out.println("processes: " + numbers);
    return List.copyOf(processes);
  }

  @Override
  public List<RunReport.Process> processes() {
    return processes.stream().map(ImporterProcess::ended).toList();
  }

  @Override
  public void close() {
    processes.forEach(ImporterProcess::close);
    pools.close();
  }
}
