package io.entrepot.examples.aeron;

import io.entrepot.sharing.View;
import io.entrepot.sharing.WritableView;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import org.agrona.DirectBuffer;

/**
 * Copies between views and Aeron's term buffers, each byte once: the view's own bulk copy goes
 * straight to and from the {@link ByteBuffer} in which a term lies. (Buffers of Agrona over a view
 * go through a small array, for they know no address: two copies.)
 *
 * <p>Position and limit of Aeron's byte buffers are Aeron's, so this moves those of a second one
 * for the same bytes, which it makes once for each term and keeps. That one knows nothing of the
 * mapped file, so it keeps no term mapped, and is used only for a term that Aeron has just shown.
 *
 * <p><b>Garbage.</b> The view looks at the byte buffer through a segment, an object of 40 bytes
 * (and others for a buffer that knows of a mapped file), which the compiler does away with where it
 * inlines the whole copy. That takes some thousand frames, and is not certain: the report shows it.
 *
 * <p>Of the thread that uses it.
 */
final class TermCopy {
  /** A log has three terms; a few logs alternate before one is duplicated again. */
  private static final int KEPT = 12;

  private final ByteBuffer[] terms = new ByteBuffer[KEPT];
  private final ByteBuffer[] duplicates = new ByteBuffer[KEPT];
  private int oldest;
  private long bytes;

  /** Bytes that were copied. */
  long bytes() {
    return bytes;
  }

  /** Copies bytes of a view into a term. */
  void toTerm(View from, long offset, DirectBuffer term, int index, int length) {
    from.copyTo(offset, range(term, index, length));
    bytes += length;
  }

  /** Copies bytes of a term into a view. */
  void fromTerm(DirectBuffer term, int index, int length, WritableView to, long offset) {
    to.copyFrom(offset, range(term, index, length));
    bytes += length;
  }

  private ByteBuffer range(DirectBuffer term, int index, int length) {
    term.boundsCheck(index, length);
    int start = term.wrapAdjustment() + index;
    return duplicate(term.byteBuffer()).limit(start + length).position(start);
  }

  @SuppressWarnings("restricted") // the example runs with native access, as all of them do
  private ByteBuffer duplicate(ByteBuffer term) {
    for (int i = 0; i < KEPT; i++) {
      if (terms[i] == term) {
        return duplicates[i].clear();
      }
    }
    MemorySegment bytes = MemorySegment.ofBuffer(term.duplicate().clear());
    ByteBuffer made =
        MemorySegment.ofAddress(bytes.address()).reinterpret(bytes.byteSize()).asByteBuffer();
    terms[oldest] = term;
    duplicates[oldest] = made;
    oldest = (oldest + 1) % KEPT;
    return made.clear();
  }

  /** Forgets all terms, so that those of logs which are gone are not kept from collection. */
  void forget() {
    for (int i = 0; i < KEPT; i++) {
      terms[i] = null;
      duplicates[i] = null;
    }
  }
}
