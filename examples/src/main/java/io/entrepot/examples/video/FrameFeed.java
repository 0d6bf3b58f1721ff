package io.entrepot.examples.video;

import io.entrepot.flow.Broadcast;
import io.entrepot.flow.Division;
import io.entrepot.flow.FeedReader;
import io.entrepot.flow.FeedWriter;
import io.entrepot.flow.Overflow;
import io.entrepot.sharing.FrameLayout;
import io.entrepot.sharing.SharedBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.bytedeco.ffmpeg.avutil.AVFrame;

/** A run of frames of one geometry on its way from the decoder to every reader. */
final class FrameFeed implements AutoCloseable {
  private final SlotGeneration generation;
  private final Broadcast broadcast;
  private final List<FeedReader> readers = new ArrayList<>();
  private final FeedWriter writer;

  FrameFeed(
      SlotGeneration generation, int number, List<? extends FrameImporter> importers, int depth) {
    this.generation = generation;
    this.broadcast = generation.pool().broadcast("frames " + number);
    for (FrameImporter importer : importers) {
      readers.add(broadcast.join(importer.importer(), Overflow.BLOCK, depth, Division.EACH));
    }
    this.writer = broadcast.writer(generation.decoder());
  }

  SlotGeneration generation() {
    return generation;
  }

  FeedReader reader(int index) {
    return readers.get(index);
  }

  /** Publishes a frame, which lies in a slot, waiting while a reader has no room for it. */
  void publish(
      AVFrame frame, DecoderSlot slot, FrameLayout layout, long timestamp, Duration patience) {
    SharedBuffer reference = slot.shareWith(readers.size(), frame.buf(0));
    if (!writer.publish(reference, layout, timestamp, patience.toNanos(), TimeUnit.NANOSECONDS)) {
      reference.close();
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
