package io.entrepot.examples.video;

import static org.bytedeco.ffmpeg.global.avutil.AVCOL_RANGE_JPEG;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_RANGE_MPEG;
import static org.bytedeco.ffmpeg.global.avutil.AV_BUFFER_FLAG_READONLY;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_alloc;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_free;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_unref;

import io.entrepot.flow.FramePort;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.ColorDescription;
import io.entrepot.sharing.FrameLayout;
import io.entrepot.sharing.Importer;
import io.entrepot.sharing.NativeLease;
import io.entrepot.sharing.Plane;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.bytedeco.ffmpeg.avutil.AVBufferRef;
import org.bytedeco.ffmpeg.avutil.AVFrame;

/**
 * Encodes each frame from the slot in which it was decoded: the encoder gets the slot's address by
 * a lease, keeps it for as long as it likes, and its release callback ends the lease.
 */
final class Transcoder implements FrameImporter {
  static final String NAME = "transcoder";
  private static final long POLL_MS = 100;

  private final Importer importer = Importer.leasing(NAME, Access.READ);
  private final StreamTiming timing;
  private final int threads;
  private final Path file;
  private final WorkLog log;
  private final AVFrame frame = NativeCalls.checkAllocated(av_frame_alloc(), "a frame");
  private FrameGeometry encoded;
  private Encoder encoder;
  private PixelConverter converter;

  Transcoder(StreamTiming timing, int threads, Path file, WorkLog log) {
    this.timing = timing;
    this.threads = threads;
    this.file = file;
    this.log = log;
  }

  @Override
  public Importer importer() {
    return importer;
  }

  @Override
  public boolean next(FramePort port, FrameSource from) {
    NativeLease lease = port.nextLease(POLL_MS, TimeUnit.MILLISECONDS);
    if (lease == null) {
      return false;
    }
    long startNs = System.nanoTime();
    FrameHold hold = from.taken(lease.bufferIndex(), NAME);
    Runnable released =
        () -> {
          lease.close();
          hold.close();
        };
    AVBufferRef buffer = ReleaseCallbacks.wrap(lease, AV_BUFFER_FLAG_READONLY, released);
    if (buffer == null) {
      released.run();
      throw new VideoException("FFmpeg has no memory for a buffer");
    }
    frame.buf(0, buffer);
    try {
      FrameLayout layout = port.layout();
      describe(lease.address(), layout, from.geometry().pixelFormat());
      encode(layout.color(), port.timestamp());
    } finally {
      av_frame_unref(frame);
    }
    log.encoded(encoder.packets());
    log.stage("encode", System.nanoTime() - startNs);
    return true;
  }

  private void describe(long address, FrameLayout layout, int pixelFormat) {
    frame.format(pixelFormat);
    frame.width(layout.width());
    frame.height(layout.height());
    for (int i = 0; i < layout.planes().size(); i++) {
      Plane plane = layout.planes().get(i);
      frame.data(i, new NativeAddress(address + plane.offsetBytes()));
      frame.linesize(i, Math.toIntExact(plane.strideBytes()));
    }
    frame.extended_data(frame.data());
    frame.sample_aspect_ratio(timing.sampleAspectRatio());
    ColorDescription color = layout.color();
    frame.color_primaries(color.primaries());
    frame.color_trc(color.transfer());
    frame.colorspace(color.matrix());
    frame.color_range(color.fullRange() ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG);
  }

  private void encode(ColorDescription color, long timestamp) {
    FrameGeometry geometry = FrameLayouts.geometry(frame);
    if (encoder == null) {
      EncoderChoice choice = EncoderChoice.forFormat(geometry.pixelFormat());
      encoded = new FrameGeometry(choice.pixelFormat(), geometry.width(), geometry.height());
      encoder = new Encoder(choice, encoded, color, timing, threads, file);
      log.encoder(choice.name());
    }
    if (geometry.equals(encoded)) {
      encoder.encode(frame, timestamp);
      return;
    }
    if (converter == null) {
      converter = new PixelConverter(encoded);
    }
    log.converted(geometry + " to " + encoded);
    encoder.encode(converter.convert(frame), timestamp);
  }

  @Override
  public void finish() {
    if (encoder != null) {
      encoder.finish();
      log.encoded(encoder.packets());
    }
  }

  /** Frees the encoder, which gives back the slots that it still has. */
  @Override
  public void close() {
    if (encoder != null) {
      encoder.close();
    }
    if (converter != null) {
      converter.close();
    }
    av_frame_free(frame);
  }
}
