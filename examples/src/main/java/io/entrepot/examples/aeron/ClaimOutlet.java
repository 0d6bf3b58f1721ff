package io.entrepot.examples.aeron;

import io.aeron.ExclusivePublication;
import io.aeron.logbuffer.BufferClaim;
import io.entrepot.flow.FramePort;
import io.entrepot.sharing.View;
import java.util.concurrent.TimeUnit;

/** Frames as views: the view's own copy goes straight into the claimed part of a term. */
final class ClaimOutlet implements FrameOutlet {
  private final FramePort port;
  private final ExclusivePublication publication;
  private final BufferClaim claim = new BufferClaim();
  private final TermCopy copy = new TermCopy();
  private View frame;

  ClaimOutlet(FramePort port, ExclusivePublication publication) {
    this.port = port;
    this.publication = publication;
  }

  @Override
  public boolean take() {
    frame = port.next(0, TimeUnit.NANOSECONDS);
    return frame != null;
  }

  @Override
  public long send(FragmentHeader header, int length) {
    long position = publication.tryClaim(FragmentDescriptor.HEADER_BYTES + length, claim);
    if (position < 0) {
      return position;
    }
    boolean isWhole = false;
    try {
      header.write(claim.buffer(), claim.offset());
      if (length > 0) {
        copy.toTerm(
            frame,
            header.validOffset + header.offset,
            claim.buffer(),
            claim.offset() + FragmentDescriptor.HEADER_BYTES,
            length);
      }
      isWhole = true;
    } finally {
      // A claim that is left open would hold up the stream until the driver notices.
      if (isWhole) {
        claim.commit();
      } else {
        claim.abort();
      }
    }
    return position;
  }

  @Override
  public void letGo() {
    frame = null;
    port.unmap();
  }

  @Override
  public long copiedBytes() {
    return copy.bytes();
  }
}
