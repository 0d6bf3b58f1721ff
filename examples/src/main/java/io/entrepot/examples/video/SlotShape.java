package io.entrepot.examples.video;

import static org.bytedeco.ffmpeg.avutil.AVFrame.AV_NUM_DATA_POINTERS;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_align_dimensions2;
import static org.bytedeco.ffmpeg.global.avutil.av_image_fill_linesizes;
import static org.bytedeco.ffmpeg.global.avutil.av_image_fill_plane_sizes;

import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.javacpp.SizeTPointer;

/**
 * Where in a slot a decoder finds the planes of a frame: strides and offsets, padded as FFmpeg's
 * own allocator pads them.
 */
record SlotShape(int[] strides, long[] offsets, long byteSize) {
  private static final int PLANES = 4;

  /** Alignment of each plane: the widest vector registers there are. */
  private static final long PLANE_ALIGNMENT = 64;

  /** Bytes behind each plane that fast code may read, and some codecs write. */
  private static final long OVERRUN_BYTES = 64 + 16;

  /** The shape that a decoder asks for. */
  static SlotShape of(AVCodecContext codec, FrameGeometry geometry) {
    int[] width = {geometry.width()};
    int[] height = {geometry.height()};
    int[] strideAlignment = new int[AV_NUM_DATA_POINTERS];
    avcodec_align_dimensions2(codec, width, height, strideAlignment);
    int[] strides = new int[PLANES];
    int aligned = width[0];
    do {
      NativeCalls.check(
          av_image_fill_linesizes(strides, geometry.pixelFormat(), aligned),
          "lay out frames of " + geometry);
      // Widening by the lowest set bit is how FFmpeg keeps chroma strides in step with luma.
      aligned += aligned & -aligned;
    } while (!areAligned(strides, strideAlignment));
    return packed(geometry, strides, height[0]);
  }

  private static boolean areAligned(int[] strides, int[] alignment) {
    for (int i = 0; i < strides.length; i++) {
      if (strides[i] % alignment[i] != 0) {
        return false;
      }
    }
    return true;
  }

  private static SlotShape packed(FrameGeometry geometry, int[] strides, int height) {
    long[] offsets = new long[PLANES];
    long end = 0;
    try (SizeTPointer sizes = new SizeTPointer(PLANES);
        SizeTPointer lines = new SizeTPointer(PLANES)) {
      for (int i = 0; i < PLANES; i++) {
        lines.put(i, strides[i]);
      }
      NativeCalls.check(
          av_image_fill_plane_sizes(sizes, geometry.pixelFormat(), height, lines),
          "lay out frames of " + geometry);
      for (int i = 0; i < PLANES; i++) {
        if (sizes.get(i) == 0) {
          offsets[i] = -1;
          continue;
        }
        offsets[i] = end;
        end += sizes.get(i) + OVERRUN_BYTES;
        end = (end + PLANE_ALIGNMENT - 1) & -PLANE_ALIGNMENT;
      }
    }
    return new SlotShape(strides, offsets, end);
  }

  /** Number of planes, a palette included. */
  int planes() {
    int planes = 0;
    while (planes < PLANES && offsets[planes] >= 0) {
      planes++;
    }
    return planes;
  }
}
