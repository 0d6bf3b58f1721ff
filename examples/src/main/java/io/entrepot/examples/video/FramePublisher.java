package io.entrepot.examples.video;

import static org.bytedeco.ffmpeg.global.avutil.AV_NOPTS_VALUE;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_alloc;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_copy;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_copy_props;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_free;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_unref;
import static org.bytedeco.ffmpeg.global.avutil.av_image_get_buffer_size;
import static org.bytedeco.ffmpeg.global.avutil.av_inv_q;
import static org.bytedeco.ffmpeg.global.avutil.av_pix_fmt_count_planes;
import static org.bytedeco.ffmpeg.global.avutil.av_rescale_q;

import io.entrepot.sharing.FrameLayout;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.bytedeco.ffmpeg.avutil.AVFrame;

/**
 * Takes each frame from the decoder to the readers: without touching it when it is in a slot, by a
 * counted copy when it is not. All on the decoding thread.
 */
final class FramePublisher implements AutoCloseable {
  private final Decoder decoder;
  private final PoolFrameAllocator allocator;
  private final StreamTiming timing;
  private final VideoOptions options;
  private final RunFailure failure;
  private final List<? extends FeedFollower> followers;
  private final Map<String, Long> copies = new TreeMap<>();
  private final AVFrame copy = NativeCalls.checkAllocated(av_frame_alloc(), "a frame");
  private FrameFeed feed;
  private long frames;
  private long bytesCopied;

  FramePublisher(
      Decoder decoder,
      PoolFrameAllocator allocator,
      StreamTiming timing,
      VideoOptions options,
      RunFailure failure,
      Workplace workplace) {
    this.decoder = decoder;
    this.allocator = allocator;
    this.timing = timing;
    this.options = options;
    this.failure = failure;
    this.followers = workplace.start(timing);
  }

  void publish(AVFrame frame) {
    failure.check();
    DecoderSlot slot = allocator.slotOf(frame);
    String misfit = slot == null ? foreignMemory() : misfit(frame, slot);
    if (misfit == null) {
      send(frame, slot);
    } else {
      publishCopy(frame, misfit);
    }
    frames++;
  }

  private String foreignMemory() {
    return decoder.rendersDirectly()
        ? "decoder " + decoder.name() + " used memory of its own"
        : "decoder " + decoder.name() + " has no direct rendering";
  }

  /** Why a frame that came in a slot cannot be described as one; {@code null} when it can. */
  private static String misfit(AVFrame frame, DecoderSlot slot) {
    long base = slot.lease().address();
    int planes = av_pix_fmt_count_planes(frame.format());
    for (int i = 0; i < planes; i++) {
      if (frame.linesize(i) <= 0) {
        return "rows from the bottom up";
      }
      if (frame.data(i).address() < base) {
        return "a plane outside of its slot";
      }
    }
    boolean fits = FrameLayouts.of(frame, base).byteSize() <= slot.lease().byteSize();
    return fits ? null : "a plane outside of its slot";
  }

  private void publishCopy(AVFrame frame, String why) {
    copy.format(frame.format());
    copy.width(frame.width());
    copy.height(frame.height());
    DecoderSlot slot = allocator.provide(decoder.context(), copy);
    try {
      NativeCalls.check(av_frame_copy(copy, frame), "copy a frame");
      NativeCalls.check(av_frame_copy_props(copy, frame), "copy the properties of a frame");
      copies.merge(why, 1L, Long::sum);
      bytesCopied += av_image_get_buffer_size(frame.format(), frame.width(), frame.height(), 1);
      send(copy, slot);
    } finally {
      av_frame_unref(copy);
    }
  }

  private void send(AVFrame frame, DecoderSlot slot) {
    if (feed == null || feed.generation() != slot.generation()) {
      open(slot.generation());
    }
    FrameLayout layout = FrameLayouts.of(frame, slot.lease().address());
    feed.publish(frame, slot, layout, timestamp(frame), options.patience());
  }

  /** Readers join before the first frame is published, so they see all. */
  private void open(SlotGeneration generation) {
    if (feed != null) {
      feed.end();
    }
    feed = generation.openFeed(followers, options.queueDepth());
    feed.begin();
  }

  private long timestamp(AVFrame frame) {
    long given = frame.best_effort_timestamp();
    return given != AV_NOPTS_VALUE
        ? given
        : av_rescale_q(frames, av_inv_q(timing.frameRate()), timing.timeBase());
  }

  /** Frames published. */
  long frames() {
    return frames;
  }

  /** Bytes of frames that were copied into their slots. */
  long bytesCopied() {
    return bytesCopied;
  }

  /** Frames that were copied into their slots, by the reason. */
  Map<String, Long> copies() {
    return copies;
  }

  /** Ends the feed and waits until the readers are through with it. */
  @Override
  public void close() {
    try {
      if (feed != null) {
        feed.end();
      }
    } finally {
      followers.forEach(FeedFollower::join);
      // After a failure there are frames that a reader did not get to.
      allocator.generations().forEach(SlotGeneration::dropUnread);
      av_frame_free(copy);
    }
  }
}
