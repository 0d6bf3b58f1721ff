package io.entrepot.examples.video;

import io.entrepot.flow.FeedReader;
import io.entrepot.flow.FramePort;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/** Leads one importer through the feeds of a run, one after the other. */
final class ImporterThread implements Runnable {
  private final FrameImporter importer;
  private final int index;
  private final RunFailure failure;
  private final BlockingQueue<Optional<FrameFeed>> feeds = new LinkedBlockingQueue<>();
  private final Thread thread;

  ImporterThread(FrameImporter importer, int index, RunFailure failure) {
    this.importer = importer;
    this.index = index;
    this.failure = failure;
    this.thread = Thread.ofPlatform().name(importer.importer().name()).start(this);
  }

  /** Has the importer read this feed too. */
  void follow(FrameFeed feed) {
    feeds.add(Optional.of(feed));
  }

  /** Waits until all is read. */
  void join() {
    feeds.add(Optional.empty());
    boolean interrupted = false;
    while (true) {
      try {
        thread.join();
        break;
      } catch (InterruptedException e) {
        // The importer must be gone before the memory is: fail the run, which ends it, and wait on.
        failure.set(new VideoException("the run was interrupted", e));
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void run() {
    try (importer) {
      Optional<FrameFeed> feed = feeds.take();
      while (feed.isPresent()) {
        read(feed.get());
        feed = feeds.take();
      }
      if (!failure.isSet()) {
        importer.finish();
      }
    } catch (RuntimeException | Error | InterruptedException e) {
      failure.set(e);
    }
  }

  /**
   * The reader leaves the feed in any case, so that the decoder does not wait for a dead thread.
   */
  private void read(FrameFeed feed) {
    try (FeedReader reader = feed.reader(index);
        FramePort port = reader.open()) {
      boolean more = true;
      while (more && !failure.isSet()) {
        more = importer.next(port, feed) || !port.isEnded();
      }
    }
  }
}
