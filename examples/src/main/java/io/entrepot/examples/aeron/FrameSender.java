package io.entrepot.examples.aeron;

import io.aeron.ExclusivePublication;
import io.aeron.Publication;
import io.entrepot.flow.FeedReader;
import io.entrepot.flow.FramePort;
import io.entrepot.sharing.MappingType;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.Agent;

/**
 * Reads frames of a feed and sends them over a publication, in fragments of as many bytes as one
 * claim takes.
 *
 * <p><b>Copies.</b> One: from the buffer of the pool, where the frame stays mapped meanwhile, into
 * the term that the media driver sends from. A reader that has negotiated views copies by {@link
 * ClaimOutlet}, one that has negotiated CPU windows by {@link OfferOutlet}.
 *
 * <p><b>Back-pressure.</b> Where the publication has no room, {@link #doWork()} answers 0, and
 * whoever runs this agent idles. The frame at hand stays mapped, those behind it wait in the feed,
 * and the reader's {@link io.entrepot.flow.Overflow} decides what that means: with BLOCK the writer
 * gets no buffer, otherwise frames are dropped here, at the source, before they cost the network
 * anything, and {@link FeedReader#dropped()} counts them.
 *
 * <p><b>Loss of the connection.</b> A frame during which nobody was connected is sent again from
 * its beginning, for who comes then has not seen that.
 *
 * <p><b>Failure.</b> {@link NetworkException} when nothing could be sent for the time of patience
 * while there was something, or the publication is closed or at its last position.
 *
 * <p><b>Threads.</b> {@link #onStart()} and all after it is one thread's.
 */
final class FrameSender implements Agent {
  /** Fragments that are sent before the agent's thread may do something else. */
  private static final int FRAGMENTS_AT_ONCE = 32;

  /**
   * What was sent.
   *
   * @param frames sent to their last fragment
   * @param bytes of those, their headers not counted
   * @param fragments of frames, repeated ones too
   * @param copiedBytes copied into the publication's terms
   * @param backPressured times that the receivers' windows had no room
   * @param adminActions times that a term was just being changed
   * @param notConnected times that there was no receiver
   * @param repeated frames that were begun again
   */
  record Sent(
      long frames,
      long bytes,
      long fragments,
      long copiedBytes,
      long backPressured,
      long adminActions,
      long notConnected,
      long repeated) {}

  private final FeedReader reader;
  private final ExclusivePublication publication;
  private final long patienceNs;
  private final int maxFragmentBytes;

  /** Of the frame at hand, with the offset of the fragment that is next; or of the end. */
  private final FragmentHeader header = new FragmentHeader();

  private FramePort port;
  private FrameOutlet outlet;
  private boolean isFrameAtHand;

  private boolean isDone;
  private boolean isStalled;
  private long stalledSinceNs;
  private long frames;
  private long bytes;
  private long fragments;
  private long backPressured;
  private long adminActions;
  private long notConnected;
  private long repeated;

  /**
   * A sender for one feed and one publication.
   *
   * @param reader of the feed, with a policy for what happens when the network is slower; closed by
   *     {@link #onClose()}, for a sender that is gone must not block the writer
   * @param publication of this sender alone; closed by the caller
   * @param patience longest time without room for one fragment
   */
  FrameSender(FeedReader reader, ExclusivePublication publication, Duration patience) {
    this.reader = reader;
    this.publication = publication;
    this.patienceNs = patience.toNanos();
    this.maxFragmentBytes = publication.maxPayloadLength() - FragmentDescriptor.HEADER_BYTES;
    if (maxFragmentBytes < 1) {
      throw new NetworkException(
          "a message of %s has %d bytes, the header of a fragment alone %d: give it a greater mtu"
              .formatted(
                  publication.channel(),
                  publication.maxPayloadLength(),
                  FragmentDescriptor.HEADER_BYTES));
    }
  }

  @Override
  public String roleName() {
    return "sender";
  }

  /** Whether the feed has ended, and all of it was sent. */
  boolean isDone() {
    return isDone;
  }

  /** Largest number of a frame's bytes in one message. */
  int maxFragmentBytes() {
    return maxFragmentBytes;
  }

  /** Frames sent so far. */
  long frames() {
    return frames;
  }

  Sent sent() {
    return new Sent(
        frames,
        bytes,
        fragments,
        outlet.copiedBytes(),
        backPressured,
        adminActions,
        notConnected,
        repeated);
  }

  @Override
  public void onStart() {
    port = reader.open();
    outlet =
        reader.attachment().granted().type() == MappingType.CPU_WINDOW
            ? new OfferOutlet(port, publication)
            : new ClaimOutlet(port, publication);
  }

  /**
   * Sends what there is and has room.
   *
   * @return number of messages sent; 0 is the time to idle
   */
  @Override
  public int doWork() {
    int messages = 0;
    while (messages < FRAGMENTS_AT_ONCE && hasMessage() && send()) {
      messages++;
    }
    return messages;
  }

  /** Sees to it that there is something to send: the frame at hand, the next one, or the end. */
  private boolean hasMessage() {
    if (isFrameAtHand) {
      return true;
    }
    if (isDone) {
      return false;
    }
    isFrameAtHand = outlet.take();
    if (isFrameAtHand) {
      header.sequence = port.sequence();
      header.timestamp = port.timestamp();
      header.validOffset = port.validOffset();
      header.validLength = port.validLength();
      header.offset = 0;
      return true;
    }
    if (port.isEnded()) {
      header.setEnd(frames);
      return true;
    }
    return false;
  }

  /** Sends one message; false when there is no room for it. */
  private boolean send() {
    int length = (int) Math.min(maxFragmentBytes, header.validLength - header.offset);
    long position = outlet.send(header, length);
    if (position < 0) {
      stalled(position);
      return false;
    }
    isStalled = false;
    sentOne(length);
    return true;
  }

  private void sentOne(int length) {
    if (header.isEnd) {
      isDone = true;
      return;
    }
    fragments++;
    header.offset += length;
    if (header.offset == header.validLength) {
      frames++;
      bytes += header.validLength;
      isFrameAtHand = false;
      outlet.letGo();
    }
  }

  // ---------------------------------------------------------------- no room

  private void stalled(long result) {
    if (result == Publication.CLOSED) {
      throw new NetworkException(
          "the publication %s is closed; %d frames were sent"
              .formatted(publication.channel(), frames));
    }
    if (result == Publication.MAX_POSITION_EXCEEDED) {
      throw new NetworkException(
          "the publication %s is at %d of at most %d bytes: open a new one, or give it a greater"
                  .formatted(
                      publication.channel(),
                      publication.position(),
                      publication.maxPossiblePosition())
              + " term-length");
    }
    count(result);
    long nowNs = System.nanoTime();
    if (!isStalled) {
      isStalled = true;
      stalledSinceNs = nowNs;
    } else if (nowNs - stalledSinceNs > patienceNs) {
      throw new NetworkException(
          "%s on %s, stream %d, for more than %d ms; %d frames were sent"
              .formatted(
                  publication.isConnected() ? "receivers made no room" : "there is no receiver",
                  publication.channel(),
                  publication.streamId(),
                  TimeUnit.NANOSECONDS.toMillis(patienceNs),
                  frames));
    }
  }

  private void count(long result) {
    if (result == Publication.BACK_PRESSURED) {
      backPressured++;
    } else if (result == Publication.ADMIN_ACTION) {
      adminActions++;
    } else {
      notConnected++;
      if (header.offset > 0) {
        header.offset = 0;
        repeated++;
      }
    }
  }

  /** Leaves the feed. */
  @Override
  public void onClose() {
    try (reader) {
      if (port != null) {
        outlet.letGo();
        port.close();
      }
    }
  }
}
