package io.entrepot.internal.sharing;

import io.entrepot.internal.buffers.PoolDescriptor;
import io.entrepot.internal.memory.Words;
import io.entrepot.sharing.FrameLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * What the frame in each buffer says of itself beside its bytes. Put by the buffer's owner before
 * it publishes, and read by whoever has it mapped.
 */
public final class FrameRecords {
  /** Different layouts that get numbers: the highest number that there is. */
  public static final int MOST_NUMBERED = 1024;

  private final Words words;
  private final PoolDescriptor layout;
  private final FrameLayout[] layouts;
  private final List<FrameLayout> numbered = new ArrayList<>();

  FrameRecords(Words words, PoolDescriptor layout) {
    this.words = words;
    this.layout = layout;
    this.layouts = new FrameLayout[layout.buffers()];
  }

  /** Puts the first valid byte and the number of them. */
  public void validRange(int buffer, long offset, long length) {
    words.setPlain(layout.buffer(buffer) + PoolDescriptor.VALID_OFFSET, offset);
    words.setPlain(layout.buffer(buffer) + PoolDescriptor.VALID_LENGTH, length);
  }

  /** First valid byte. */
  public long validOffset(int buffer) {
    return words.getPlain(layout.buffer(buffer) + PoolDescriptor.VALID_OFFSET);
  }

  /** Number of valid bytes. */
  public long validLength(int buffer) {
    return words.getPlain(layout.buffer(buffer) + PoolDescriptor.VALID_LENGTH);
  }

  /** Puts the layout. */
  public void layout(int buffer, FrameLayout frame) {
    // Most frames of a feed have one layout: readers keep its line in their caches then.
    if (layouts[buffer] != frame) {
      layouts[buffer] = frame;
    }
  }

  /** The layout, or {@code null}. */
  public FrameLayout layout(int buffer) {
    return layouts[buffer];
  }

  // ---------------------------------------------------------------- for other processes

  /**
   * A number by which other processes can ask for a layout; 0 for none, and for one more than
   * {@value #MOST_NUMBERED} different ones. To be asked when the layout changes, not for each
   * frame.
   */
  public synchronized int number(FrameLayout frame) {
    if (frame == null) {
      return 0;
    }
    int known = numbered.indexOf(frame) + 1;
    if (known > 0 || numbered.size() == MOST_NUMBERED) {
      return known;
    }
    numbered.add(frame);
    return numbered.size();
  }

  /** The layout of a number that was given to it; {@code null} where none was. */
  public synchronized FrameLayout numbered(int number) {
    return number < 1 || number > numbered.size() ? null : numbered.get(number - 1);
  }
}
