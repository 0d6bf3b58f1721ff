package io.entrepot.examples.video;

/**
 * The video pipeline split over three processes: this one decodes, and starts one that analyses and
 * one that transcodes. They read the frames where the decoder has written them.
 *
 * <p>Kill either of them: the others go on to the end, and the report tells of it. The exit code is
 * 0 then. It is 1, and there is no report, when the decoder fails or nobody is left to work on the
 * frames; it is 1 as well when an importer has failed by itself, crashed or stood still, and then
 * there is the report of what the other one did.
 */
public final class VideoProcesses {
  private static final String OUTPUT = "video-processes";

  private VideoProcesses() {}

  /** Runs the pipeline with what the system properties say; see {@code VideoOptions}. */
  public static void main(String[] args) {
    System.exit(VideoPipeline.run(OUTPUT, InProcesses.saying(System.out)));
  }
}
