package io.entrepot.examples.video;

import static org.bytedeco.ffmpeg.global.avutil.AV_LOG_QUIET;
import static org.bytedeco.ffmpeg.global.avutil.av_log_set_level;

import io.entrepot.sharing.OutOfBudgetException;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * Decodes a video into a pool, where an analyser and a transcoder work on every frame without a
 * copy, and reports what happened.
 */
public final class VideoPipeline {
  private static final String CLIP = "clip.mp4";

  /** Directory of the results, unless the user says another. */
  static final String OUTPUT = "video";

  private static final int FAILED = 1;

  private VideoPipeline() {}

  /** Runs the pipeline with what the system properties say; see {@code VideoOptions}. */
  public static void main(String[] args) {
    System.exit(run(OUTPUT, InThreads.with(List.of())));
  }

  /**
   * Runs the pipeline with what the system properties say.
   *
   * @param directory name of the default one for the results
   * @param workplace of the importers
   * @return the exit code
   */
  static int run(String directory, Workplace.Opening workplace) {
    System.setProperty("java.awt.headless", "true");
    try {
      VideoOptions options = VideoOptions.of(System.getProperties(), directory);
      return run(options, workplace, System.out, System.err);
    } catch (VideoException e) {
      System.err.println("video: " + e.getMessage());
      return FAILED;
    }
  }

  /**
   * Runs the pipeline.
   *
   * @param workplace of the importers
   * @return the exit code: 0 when what was not killed has done its work
   */
  static int run(
      VideoOptions options, Workplace.Opening workplace, PrintStream out, PrintStream err) {
    // What goes wrong is said once, by us; FFmpeg would say it for every packet.
    av_log_set_level(AV_LOG_QUIET);
    try (OutputDirectory output = new OutputDirectory(options.output())) {
      Path clip = output.work().resolve(CLIP);
      Path video = options.video().isPresent() ? options.video().get() : unpackClip(clip);
      PipelineRun run = new PipelineRun(options, video, output.work(), workplace);
      RunReport report = run.run();
      Files.deleteIfExists(clip);
      Path sheet = output.work().resolve("contact-sheet.png");
      ContactSheet.write(run.log().cuts(), sheet);
      JsonReport.write(report, output.work().resolve("report.json"));
      HtmlReport.write(report, run, sheet, output.work().resolve("report.html"));
      output.publish();
      report.lost().forEach(lost -> err.println("video: " + lost.loss()));
      out.println(summary(report, options.output()));
      return report.lost().stream().anyMatch(lost -> lost.end() == RunReport.End.FAILED)
          ? FAILED
          : 0;
    } catch (VideoException | OutOfBudgetException e) {
      err.println("video: " + e.getMessage());
    } catch (IOException e) {
      err.println("video: cannot write to '" + options.output() + "': " + e);
    }
    return FAILED;
  }

  private static Path unpackClip(Path clip) throws IOException {
    try (InputStream packed = VideoPipeline.class.getResourceAsStream(CLIP)) {
      Files.copy(packed, clip);
    }
    return clip;
  }

  private static String summary(RunReport report, Path output) {
    return String.format(
        Locale.ROOT,
        "%d frames of %s in %.1f s (%.0f fps): %d decoded into the pool, %d bytes copied, %d of %d"
            + " slots used at most, %d scene cuts; see %s",
        report.frames(),
        report.codec(),
        report.seconds(),
        report.fps(),
        report.framesInPool(),
        report.bytesCopied(),
        report.maxSlotsInUse(),
        report.slots(),
        report.sceneCuts(),
        output.resolve("report.html"));
  }
}
