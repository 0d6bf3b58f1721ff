package io.entrepot.examples.video;

import static org.bytedeco.ffmpeg.global.avcodec.av_packet_alloc;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_free;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_unref;

import io.entrepot.flow.PoolStatistics;
import java.nio.file.Path;
import java.util.ArrayList;
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
  private final List<FrameImporter> guests;
  private final StageLatencies latencies = new StageLatencies();
  private final SlotLedger ledger = new SlotLedger(latencies);
  private final RunFailure failure = new RunFailure();
  private Analyser analyser;
  private RunReport report;

  /**
   * Prepares a run.
   *
   * @param video the file to read
   * @param directory where the transcoded file goes
   * @param guests more importers, beside the analyser and the transcoder
   */
  PipelineRun(
      VideoOptions options, Path video, Path directory, List<? extends FrameImporter> guests) {
    this.options = options;
    this.video = video;
    this.directory = directory;
    this.guests = List.copyOf(guests);
  }

  RunReport run() {
    long startNs = System.nanoTime();
    try (Demuxer input = new Demuxer(video);
        PoolFrameAllocator allocator = new PoolFrameAllocator(options, ledger, failure)) {
      StreamTiming timing = StreamTiming.of(input);
      analyser = new Analyser(timing, latencies);
      Transcoder transcoder =
          new Transcoder(timing, options.threads(), directory.resolve(TRANSCODED), latencies);
      List<FrameImporter> importers = new ArrayList<>(List.of(analyser, transcoder));
      importers.addAll(guests);
      FramePublisher published;
      String codec;
      try (Decoder decoder = new Decoder(input, allocator, options.threads(), failure);
          FramePublisher publisher =
              new FramePublisher(decoder, allocator, timing, options, failure, importers);
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
      report = report(codec, published, transcoder, allocator.generations(), seconds);
    }
    return report;
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

  private RunReport report(
      String codec,
      FramePublisher published,
      Transcoder transcoder,
      List<SlotGeneration> generations,
      double seconds) {
    long copied = published.copies().values().stream().mapToLong(Long::longValue).sum();
    // Asking for holders makes free what nobody holds, which is otherwise done when needed.
    int held = generations.stream().mapToInt(each -> each.pool().holders().size()).sum();
    int slots = (int) sum(generations, PoolStatistics::buffers);
    return new RunReport(
        options.video().isEmpty() ? "the clip of this example" : video.toString(),
        codec,
        transcoder.encoderName(),
        options.threads(),
        published.frames(),
        published.frames() - copied,
        published.copies(),
        published.bytesCopied() + sum(generations, PoolStatistics::bouncedBytes),
        transcoder.conversions(),
        transcoder.encodedFrames(),
        seconds,
        published.frames() / seconds,
        slots,
        slots - held,
        ledger.maxInUse(),
        sum(generations, PoolStatistics::leases),
        sum(generations, PoolStatistics::leasesReturned),
        sum(generations, PoolStatistics::waits),
        generations.stream()
            .map(each ->
                new RunReport.Pool(
                    each.geometry().toString(),
                    each.shape().byteSize(),
                    each.pool().statistics().buffers(),
                    each.budget()))
            .toList(),
        analyser.cutCount(),
        analyser.cuts().stream()
            .map(cut -> new RunReport.Cut(cut.frame(), cut.seconds(), cut.distance()))
            .toList(),
        latencies.percentilesUs());
  }

  private static long sum(List<SlotGeneration> generations, ToLongFunction<PoolStatistics> word) {
    return generations.stream().mapToLong(each -> word.applyAsLong(each.pool().statistics())).sum();
  }

  /** Who held which slot when. */
  SlotLedger ledger() {
    return ledger;
  }

  /** What the analyser saw. */
  Analyser analyser() {
    return analyser;
  }
}
