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
  private static final int FAILED = 1;

  private VideoPipeline() {}

  /** Runs the pipeline with what the system properties say; see {@code VideoOptions}. */
  public static void main(String[] args) {
    System.setProperty("java.awt.headless", "true");
    int exitCode;
    try {
      exitCode = run(VideoOptions.of(System.getProperties()), List.of(), System.out, System.err);
    } catch (VideoException e) {
      System.err.println("video: " + e.getMessage());
      exitCode = FAILED;
    }
    System.exit(exitCode);
  }

  /**
   * Runs the pipeline.
   *
   * @param guests importers that see every frame too
   * @return the exit code
   */
  static int run(
      VideoOptions options,
      List<? extends FrameImporter> guests,
      PrintStream out,
      PrintStream err) {
    // What goes wrong is said once, by us; FFmpeg would say it for every packet.
    av_log_set_level(AV_LOG_QUIET);
    try (OutputDirectory output = new OutputDirectory(options.output())) {
      Path clip = output.work().resolve(CLIP);
      Path video = options.video().isPresent() ? options.video().get() : unpackClip(clip);
      PipelineRun run = new PipelineRun(options, video, output.work(), guests);
      RunReport report = run.run();
      Files.deleteIfExists(clip);
      Path sheet = output.work().resolve("contact-sheet.png");
      ContactSheet.write(run.analyser().cuts(), sheet);
      JsonReport.write(report, output.work().resolve("report.json"));
      HtmlReport.write(report, run, sheet, output.work().resolve("report.html"));
      output.publish();
      out.println(summary(report, options.output()));
      return 0;
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
