package io.entrepot.examples.video;

import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_CAP_DR1;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_default_get_buffer2;
import static org.bytedeco.ffmpeg.global.avutil.AVERROR_EXTERNAL;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_FLAG_HWACCEL;
import static org.bytedeco.ffmpeg.global.avutil.av_pix_fmt_desc_get;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avutil.AVBufferRef;
import org.bytedeco.ffmpeg.avutil.AVFrame;

/**
 * FFmpeg's {@code get_buffer2} over pools: whenever the decoder needs memory for a frame it gets a
 * slot, and waits for one when all are in use. Failing instead would lose frames, and with a lost
 * reference all those after it.
 *
 * <p>FFmpeg calls from its worker threads, several at a time.
 */
final class PoolFrameAllocator extends AVCodecContext.Get_buffer2_AVCodecContext_AVFrame_int {
  private final VideoOptions options;
  private final Workplace workplace;
  private final SlotLedger ledger;
  private final RunFailure failure;
  private final List<SlotGeneration> generations = new ArrayList<>();
  private final Map<Long, DecoderSlot> held = new ConcurrentHashMap<>();

  PoolFrameAllocator(
      VideoOptions options, Workplace workplace, SlotLedger ledger, RunFailure failure) {
    this.options = options;
    this.workplace = workplace;
    this.ledger = ledger;
    this.failure = failure;
    if (isNull()) {
      throw new IllegalStateException("JavaCPP has no native stub left for get_buffer2");
    }
  }

  @Override
  public int call(AVCodecContext codec, AVFrame frame, int flags) {
    try {
      if (failure.isSet()) {
        return AVERROR_EXTERNAL();
      }
      if (!rendersDirectly(codec, frame.format())) {
        return avcodec_default_get_buffer2(codec, frame, flags);
      }
      provide(codec, frame);
      return 0;
    } catch (RuntimeException | Error e) {
      // An exception must not unwind through C: the decoding thread throws it.
      failure.set(e);
      return AVERROR_EXTERNAL();
    }
  }

  private static boolean rendersDirectly(AVCodecContext codec, int pixelFormat) {
    var format = av_pix_fmt_desc_get(pixelFormat);
    return (codec.codec().capabilities() & AV_CODEC_CAP_DR1) != 0
        && format != null
        && (format.flags() & AV_PIX_FMT_FLAG_HWACCEL) == 0;
  }

  /** Gives a frame, whose geometry is set, the memory of a slot. */
  DecoderSlot provide(AVCodecContext codec, AVFrame frame) {
    SlotGeneration generation = generation(codec, FrameLayouts.geometry(frame));
    DecoderSlot slot = generation.acquire(options.patience(), failure);
    long address = slot.lease().address();
    held.put(address, slot);
    AVBufferRef buffer = ReleaseCallbacks.wrap(slot.lease(), 0, () -> release(address));
    if (buffer == null) {
      release(address);
      throw new VideoException("FFmpeg has no memory for a buffer");
    }
    SlotShape shape = generation.shape();
    for (int i = 0; i < shape.planes(); i++) {
      frame.data(i, new NativeAddress(address + shape.offsets()[i]));
      frame.linesize(i, shape.strides()[i]);
    }
    frame.extended_data(frame.data());
    frame.buf(0, buffer);
    return slot;
  }

  private void release(long address) {
    // Out of the map first: the slot may be handed out again as soon as it is released.
    held.remove(address).release();
  }

  private synchronized SlotGeneration generation(AVCodecContext codec, FrameGeometry geometry) {
    for (SlotGeneration generation : generations) {
      if (generation.geometry().equals(geometry)) {
        return generation;
      }
    }
    SlotBudget budget =
        SlotBudget.of(
            codec,
            EncoderChoice.forFormat(geometry.pixelFormat()),
            options.threads(),
            options.queueDepth());
    SlotGeneration made =
        new SlotGeneration(
            geometry,
            SlotShape.of(codec, geometry),
            budget,
            options.slots().orElse(budget.slots()),
            workplace,
            ledger);
    generations.add(made);
    return made;
  }

  /**
   * The slot that a decoded frame is in, or {@code null} when the decoder used memory of its own.
   */
  DecoderSlot slotOf(AVFrame frame) {
    AVBufferRef buffer = frame.buf(0);
    return buffer == null ? null : held.get(buffer.data().address());
  }

  /** All pools so far, in the order in which they were needed. */
  synchronized List<SlotGeneration> generations() {
    return List.copyOf(generations);
  }

  /** Frees all pools, which nobody may use any more, then the native stub. */
  @Override
  public void close() {
    generations().forEach(SlotGeneration::close);
    super.close();
  }
}
