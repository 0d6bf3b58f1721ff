package io.entrepot.examples.video;

import io.entrepot.flow.Broadcast;
import io.entrepot.flow.Division;
import io.entrepot.flow.FeedReader;
import io.entrepot.flow.FeedWriter;
import io.entrepot.flow.Overflow;
import io.entrepot.sharing.FrameLayout;
import io.entrepot.sharing.Importer;
import io.entrepot.sharing.SharedBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.bytedeco.ffmpeg.avutil.AVBufferRef;
import org.bytedeco.ffmpeg.avutil.AVFrame;

/** A run of frames of one geometry on its way from the decoder to every reader. */
final class FrameFeed implements FrameSource, AutoCloseable {
  private final SlotGeneration generation;
  private final int depth;
  private final List<? extends FeedFollower> followers;
  private final Broadcast broadcast;
  private final FeedWriter writer;

  FrameFeed(
      SlotGeneration generation, int number, List<? extends FeedFollower> followers, int depth) {
    this.generation = generation;
    this.depth = depth;
    this.followers = followers;
    this.broadcast = generation.pool().broadcast("frames " + number);
    this.writer = broadcast.writer(generation.decoder());
  }

  /** Its name, which is one of its own within its pool. */
  String name() {
    return broadcast.name();
  }

  /** Frames that may wait for a reader. */
  int depth() {
    return depth;
  }

  /** Has all followers join. */
  void begin() {
    followers.forEach(follower -> follower.follow(this));
  }

  /** Adds a reader of this process. */
  FeedReader join(Importer importer) {
    return broadcast.join(importer, Overflow.BLOCK, depth, Division.EACH);
  }

  SlotGeneration generation() {
    return generation;
  }

  @Override
  public FrameGeometry geometry() {
    return generation.geometry();
  }

  @Override
  public FrameHold taken(int buffer, String reader) {
    return generation.taken(buffer, reader);
  }

  /** Publishes a frame, which lies in a slot, waiting while a reader has no room for it. */
  void publish(
      AVFrame frame, DecoderSlot slot, FrameLayout layout, long timestamp, Duration patience) {
    SharedBuffer reference = slot.publishing();
    boolean isPublished = false;
    try {
      expect(slot, frame.buf(0));
      while (!writer.publish(
          reference, layout, timestamp, patience.toNanos(), TimeUnit.NANOSECONDS)) {
        abandonStalled(patience);
      }
      isPublished = true;
    } finally {
      if (!isPublished) {
        reference.close();
      }
    }
  }

  private void expect(DecoderSlot slot, AVBufferRef buffer) {
    int readers = 0;
    for (FeedFollower follower : followers) {
      readers += follower.expect(slot, buffer) ? 1 : 0;
    }
    if (readers == 0) {
      throw new VideoException(
          "nobody is left to work on the frames: "
              + followers.stream().map(Object::toString).collect(Collectors.joining("; ")));
    }
  }

  /** The others go on without those that stand still, where these can be ended. */
  private void abandonStalled(Duration patience) {
    int abandoned = 0;
    for (FeedFollower follower : followers) {
      abandoned += follower.abandonIfStalled() ? 1 : 0;
    }
    if (abandoned == 0) {
      throw new VideoException(
          "no reader took a frame for "
              + SlotGeneration.seconds(patience)
              + " s; slots are held by: "
              + generation.holders());
    }
  }

  /** No more frames: readers see the end after those published so far. */
  void end() {
    writer.close();
  }

  @Override
  public void close() {
    writer.close();
    broadcast.close();
  }
}
