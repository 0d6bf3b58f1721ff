package io.entrepot.examples.video;

import io.entrepot.flow.BufferPool;
import java.nio.file.Path;
import java.util.List;

/** Where the importers of a run work, and memory that they can reach from there. */
interface Workplace extends AutoCloseable {

  /** Makes the workplace of one run. */
  @FunctionalInterface
  interface Opening {
    /**
     * Opens it.
     *
     * @param transcoded the file that the transcoder writes
     * @param log what the importers do
     * @param failure what fails the run
     */
    Workplace open(VideoOptions options, Path transcoded, RunLog log, RunFailure failure);
  }

  /** Makes a pool for the decoder; its threads call one at a time. */
  BufferPool pool(String name, long slotBytes, int slots);

  /** Starts the importers. */
  List<? extends FeedFollower> start(StreamTiming timing);

  /** The processes beside this one, and how they have ended; none where threads do the work. */
  List<RunReport.Process> processes();

  /** Ends what still goes on; importers that have nothing left to do have been waited for. */
  @Override
  void close();
}
