package io.entrepot.examples.video;

import io.entrepot.flow.FeedReader;
import io.entrepot.flow.FramePort;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.bytedeco.ffmpeg.avutil.AVBufferRef;

/** Leads one importer through the feeds of a run, one after the other. */
final class ImporterThread implements FeedFollower, Runnable {
  private final FrameImporter importer;
  private final RunFailure failure;
  private final BlockingQueue<Optional<Joined>> feeds = new LinkedBlockingQueue<>();
  private final Thread thread;

  /** A feed of which the importer is a reader. */
  private record Joined(FeedReader reader, FrameSource source) {}

  ImporterThread(FrameImporter importer, RunFailure failure) {
    this.importer = importer;
    this.failure = failure;
    this.thread = Thread.ofPlatform().name(importer.importer().name()).start(this);
  }

  @Override
  public void follow(FrameFeed feed) {
    follow(feed.join(importer.importer()), feed);
  }

  /** Has the importer read this feed too, of which it is a reader now. */
  void follow(FeedReader reader, FrameSource source) {
    feeds.add(Optional.of(new Joined(reader, source)));
  }

  @Override
  public boolean expect(DecoderSlot slot, AVBufferRef buffer) {
    slot.addReader(buffer);
    return true;
  }

  /** Threads cannot be ended. */
  @Override
  public boolean abandonIfStalled() {
    return false;
  }

  @Override
  public void join() {
    end();
    awaitEnd();
  }

  /** There will be no more feeds to follow. */
  void end() {
    feeds.add(Optional.empty());
  }

  /** Waits until all is read, or the importer has failed. */
  void awaitEnd() {
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
      Optional<Joined> feed = feeds.take();
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
  private void read(Joined feed) {
    try (FeedReader reader = feed.reader();
        FramePort port = reader.open()) {
      boolean more = true;
      while (more && !failure.isSet()) {
        more = importer.next(port, feed.source()) || !port.isEnded();
      }
    }
  }
}
