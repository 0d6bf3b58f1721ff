package io.entrepot.examples.video;

import io.entrepot.sharing.FrameLayout;
import io.entrepot.sharing.Plane;
import io.entrepot.sharing.View;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.bytedeco.ffmpeg.avutil.AVFrame;

/** One number for the visible bytes of a frame, whatever its strides. */
final class FrameChecksum {
  private FrameChecksum() {}

  /** Of a frame in a slot. */
  static long of(View view, FrameLayout layout) {
    long sum = layout.width() * 31L + layout.height();
    for (Plane plane : layout.planes()) {
      for (int row = 0; row < plane.rows(); row++) {
        sum = sum * 31 + (view.crc32c(plane.rowOffset(row), plane.rowBytes()) & 0xFFFFFFFFL);
      }
    }
    return sum;
  }

  /** Of a frame in FFmpeg's own memory. */
  static long of(AVFrame frame) {
    FrameLayout layout = FrameLayouts.of(frame, 0);
    long sum = layout.width() * 31L + layout.height();
    for (Plane plane : layout.planes()) {
      for (int row = 0; row < plane.rows(); row++) {
        sum = sum * 31 + crc32c(plane.rowOffset(row), plane.rowBytes());
      }
    }
    return sum;
  }

  private static long crc32c(long address, long length) {
    CRC32C crc = new CRC32C();
    NativeAddress bytes = new NativeAddress(address);
    bytes.capacity(length);
    ByteBuffer buffer = bytes.asByteBuffer();
    crc.update(buffer);
    return crc.getValue();
  }
}
