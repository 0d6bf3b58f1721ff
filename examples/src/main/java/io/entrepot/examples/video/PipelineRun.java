package io.entrepot.examples.video;

import static org.bytedeco.ffmpeg.global.avcodec.av_packet_alloc;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_free;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_unref;

import io.entrepot.flow.PoolStatistics;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.function.ToLongFunction;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avutil.AVFrame;

/**
 * One video through the pipeline.
 *
 * <pre>
 *   file -> decoder --get_buffer2--> slot --publish--> feed --view---> analyser
 *              ^                       |                 +---lease--> transcoder -> file
 *              +-- waits when empty <--+-- comes back when decoder and readers have let go
 * </pre>
 *
 * <p>The readers are threads of this process or processes of their own: a {@code Workplace} knows.
 *
 * <p>Things are closed from right to left: readers first, since the encoder's release callbacks
 * give slots back, then the decoder, whose callbacks do, and then the pools, which refuse if
 * anything is missing.
 */
final class PipelineRun {
  /** Name of the transcoded file. */
  static final String TRANSCODED = "transcoded.mkv";

  private final VideoOptions options;
  private final Path video;
  private final Path directory;
  private final Workplace.Opening opening;
  private final RunLog log = new RunLog();
  private final SlotLedger ledger = new SlotLedger(log.latencies());
  private final RunFailure failure = new RunFailure();

  /**
   * Prepares a run.
   *
   * @param video the file to read
   * @param directory where the transcoded file goes
   * @param opening where the importers work
   */
  PipelineRun(VideoOptions options, Path video, Path directory, Workplace.Opening opening) {
    this.options = options;
    this.video = video;
    this.directory = directory;
    this.opening = opening;
  }

  RunReport run() {
    long startNs = System.nanoTime();
    try (Demuxer input = new Demuxer(video);
        Workplace workplace = opening.open(options, directory.resolve(TRANSCODED), log, failure);
        PoolFrameAllocator allocator =
            new PoolFrameAllocator(options, workplace, ledger, failure)) {
      StreamTiming timing = StreamTiming.of(input);
      FramePublisher published;
      String codec;
      // The workplace ends before it is counted what came back, and twice is harmless.
      try (workplace;
          Decoder decoder = new Decoder(input, allocator, options.threads(), failure);
          FramePublisher publisher =
              new FramePublisher(decoder, allocator, timing, options, failure, workplace);
          Progress progress = new Progress(input.expectedFrames())) {
        decodeAll(input, decoder, publisher, progress);
        published = publisher;
        codec = decoder.name();
      } catch (RuntimeException | Error e) {
        failure.set(e);
        throw e;
      }
      failure.check();
      double seconds = (System.nanoTime() - startNs) / 1e9;
      List<RunReport.Process> processes = workplace.processes();
      checkAnyFinished(processes);
      return report(codec, published, processes, allocator.generations(), seconds);
    }
  }

  private void decodeAll(
      Demuxer input, Decoder decoder, FramePublisher publisher, Progress progress) {
    AVPacket packet = NativeCalls.checkAllocated(av_packet_alloc(), "a packet");
    try {
      while (input.read(packet)) {
        decoder.decode(packet, frame -> publish(frame, publisher, progress));
        av_packet_unref(packet);
      }
      decoder.decode(null, frame -> publish(frame, publisher, progress));
    } catch (RuntimeException | Error e) {
      // Readers stop at once instead of reading what is left, before the publisher waits for them.
      failure.set(e);
      throw e;
    } finally {
      av_packet_free(packet);
    }
    if (publisher.frames() == 0) {
      throw new VideoException("'" + video + "' has no frame that can be decoded");
    }
  }

  private static void publish(AVFrame frame, FramePublisher publisher, Progress progress) {
    publisher.publish(frame);
    progress.step();
  }

  private static void checkAnyFinished(List<RunReport.Process> processes) {
    List<String> losses =
        processes.stream()
            .filter(process -> process.end() != RunReport.End.FINISHED)
            .map(RunReport.Process::loss)
            .toList();
    if (!losses.isEmpty() && losses.size() == processes.size()) {
      throw new VideoException("nobody was left in the end: " + String.join("; ", losses));
    }
  }

  private RunReport report(
      String codec,
      FramePublisher published,
      List<RunReport.Process> processes,
      List<SlotGeneration> generations,
      double seconds) {
    long copied = published.copies().values().stream().mapToLong(Long::longValue).sum();
    // Asking for holders makes free what nobody holds, which is otherwise done when needed.
    int held = generations.stream().mapToInt(each -> each.pool().holders().size()).sum();
    int slots = (int) counted(generations, PoolStatistics::buffers);
    return new RunReport(
        options.video().isEmpty() ? "the clip of this example" : video.toString(),
        codec,
        log.encoder(),
        options.threads(),
        published.frames(),
        published.frames() - copied,
        published.copies(),
        published.bytesCopied() + counted(generations, PoolStatistics::bouncedBytes),
        log.conversions(),
        log.encoded(),
        seconds,
        published.frames() / seconds,
        slots,
        slots - held,
        ledger.maxInUse(),
        counted(generations, PoolStatistics::leases) + sum(processes, RunReport.Process::leases),
        counted(generations, PoolStatistics::leasesReturned)
            + sum(processes, RunReport.Process::leasesReturned),
        counted(generations, PoolStatistics::waits),
        generations.stream()
            .map(each ->
                new RunReport.Pool(
                    each.geometry().toString(),
                    each.shape().byteSize(),
                    each.pool().statistics().buffers(),
                    each.budget()))
            .toList(),
        log.cutCount(),
        log.cuts().stream()
            .map(cut -> new RunReport.Cut(cut.frame(), cut.seconds(), cut.distance()))
            .toList(),
        log.latencies().percentilesUs(),
        processes);
  }

  private static long counted(
      List<SlotGeneration> generations, ToLongFunction<PoolStatistics> word) {
    return sum(generations.stream().map(each -> each.pool().statistics()).toList(), word);
  }

  private static <T> long sum(Collection<T> all, ToLongFunction<T> number) {
    return all.stream().mapToLong(number).sum();
  }

  /** Who held which slot when. */
  SlotLedger ledger() {
    return ledger;
  }

  /** What the importers did. */
  RunLog log() {
    return log;
  }
}
