package io.entrepot.examples.aeron;

import io.aeron.ExclusivePublication;
import io.entrepot.flow.FramePort;
import io.entrepot.sharing.CpuWindow;
import io.entrepot.sharing.SharedBuffer;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Frames as raw memory, under a CPU window each: Aeron's {@code offer} copies them. As many copies,
 * but Aeron sees an address that it must not keep, and a reference, a window and a buffer are made
 * for each frame.
 */
final class OfferOutlet implements FrameOutlet {
  private final FramePort port;
  private final ExclusivePublication publication;
  private final UnsafeBuffer words =
      new UnsafeBuffer(ByteBuffer.allocateDirect(FragmentDescriptor.HEADER_BYTES));
  private final UnsafeBuffer bytes = new UnsafeBuffer(0, 0);
  private SharedBuffer frame;
  private CpuWindow window;
  private long copiedBytes;

  OfferOutlet(FramePort port, ExclusivePublication publication) {
    this.port = port;
    this.publication = publication;
  }

  @Override
  public boolean take() {
    frame = port.nextBuffer(0, TimeUnit.NANOSECONDS);
    if (frame == null) {
      return false;
    }
    window = port.port().cpuWindow(frame);
    bytes.wrap(window.segment().asByteBuffer());
    return true;
  }

  @Override
  public long send(FragmentHeader header, int length) {
    header.write(words, 0);
    int offset = (int) (header.validOffset + header.offset);
    long position =
        length == 0
            ? publication.offer(words, 0, words.capacity())
            : publication.offer(words, 0, words.capacity(), bytes, offset, length);
    if (position >= 0) {
      copiedBytes += length;
    }
    return position;
  }

  @Override
  public void letGo() {
    bytes.wrap(0, 0);
    if (window != null) {
      window.close();
      window = null;
    }
    if (frame != null) {
      frame.close();
      frame = null;
    }
  }

  @Override
  public long copiedBytes() {
    return copiedBytes;
  }
}
