package io.entrepot.examples.video;

import static org.bytedeco.ffmpeg.global.avutil.av_frame_alloc;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_copy_props;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_free;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_get_buffer;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_unref;
import static org.bytedeco.ffmpeg.global.swscale.SWS_BICUBIC;
import static org.bytedeco.ffmpeg.global.swscale.sws_alloc_context;
import static org.bytedeco.ffmpeg.global.swscale.sws_freeContext;
import static org.bytedeco.ffmpeg.global.swscale.sws_scale_frame;

import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.swscale.SwsContext;

/** Makes frames of one geometry from frames of any other, for an encoder that takes only one. */
final class PixelConverter implements AutoCloseable {
  private final FrameGeometry target;
  private final SwsContext scaler = NativeCalls.checkAllocated(sws_alloc_context(), "a scaler");
  private final AVFrame converted = NativeCalls.checkAllocated(av_frame_alloc(), "a frame");

  PixelConverter(FrameGeometry target) {
    this.target = target;
    scaler.flags(SWS_BICUBIC);
  }

  /** The frame in the target geometry, good until the next call. */
  AVFrame convert(AVFrame source) {
    av_frame_unref(converted);
    converted.format(target.pixelFormat());
    converted.width(target.width());
    converted.height(target.height());
    NativeCalls.check(av_frame_get_buffer(converted, 0), "allocate a frame of " + target);
    NativeCalls.check(av_frame_copy_props(converted, source), "copy the properties of a frame");
    NativeCalls.check(
        sws_scale_frame(scaler, converted, source),
        "convert " + FrameLayouts.geometry(source) + " to " + target);
    return converted;
  }

  @Override
  public void close() {
    av_frame_free(converted);
    sws_freeContext(scaler);
  }
}
