package io.entrepot.internal.reach;

import io.entrepot.internal.memory.Descriptor;
import java.util.List;

/**
 * What a receive brought.
 *
 * @param outcome whether it brought a message
 * @param lengthBytes length of the message; 0 without one
 * @param descriptors those that came with it; the receiver's own from now on
 */
public record Received(Outcome outcome, long lengthBytes, List<Descriptor> descriptors)
    implements AutoCloseable {
  /** Why a receive ended. */
  public enum Outcome {
    MESSAGE,
    /** The other side closed, or its process ended: nothing comes any more. */
    END_OF_STREAM,
    /** Nothing came in time. */
    TIMED_OUT
  }

  static final Received NOTHING_MORE = new Received(Outcome.END_OF_STREAM, 0, List.of());
  static final Received NOTHING_YET = new Received(Outcome.TIMED_OUT, 0, List.of());

  public Received {
    descriptors = List.copyOf(descriptors);
  }

  /** Closes the descriptors, for a receiver that refuses the message. */
  @Override
  public void close() {
    descriptors.forEach(Descriptor::close);
  }
}
