package io.entrepot.examples.aeron;

import static io.aeron.logbuffer.ControlledFragmentHandler.Action.ABORT;
import static io.aeron.logbuffer.ControlledFragmentHandler.Action.CONTINUE;

import io.aeron.logbuffer.ControlledFragmentHandler.Action;
import io.entrepot.flow.FeedWriter;
import io.entrepot.sharing.WritableView;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.agrona.DirectBuffer;

/**
 * Makes frames of fragments, in buffers of a pool, and publishes those that are whole.
 *
 * <pre>
 *              fragment at 0               all bytes
 *    no frame ---------------&gt; open frame -----------&gt; published
 *       ^                       |     ^ |
 *       |   one is missing      |     +-+ the fragment that follows
 *       +-----------------------+
 * </pre>
 *
 * <p>One frame is open at a time: while it is, and when it was somebody else's turn, the fragments
 * of other sources are put off, which holds them up and loses nothing.
 *
 * <p>A frame that breaks off leaves its buffer to the next one; it is not published.
 *
 * <p><b>Trust.</b> None: whatever the bytes say, nothing is written outside the open frame's
 * buffer, and a fragment that makes no sense is refused, counted and complained about.
 *
 * <p><b>Threads.</b> Of the writer's thread.
 */
final class FrameAssembler {
  /**
   * What was received.
   *
   * @param frames published
   * @param bytes of those
   * @param fragments that made sense
   * @param copiedBytes copied out of the network's terms
   * @param missing frames of which nothing came, between others of the same sender
   * @param brokenOff frames of which a fragment is missing, given up
   * @param withoutBuffer frames dropped here because no buffer was free in time
   * @param heldUp times that a fragment was put off because no buffer was free
   * @param refused fragments that made no sense
   * @param ends senders that have ended
   */
  record Received(
      long frames,
      long bytes,
      long fragments,
      long copiedBytes,
      long missing,
      long brokenOff,
      long withoutBuffer,
      long heldUp,
      long refused,
      long ends) {}

  private final FeedWriter writer;
  private final long holdUpNs;
  private final Complaints refusals;
  private final Complaints breaks;
  private final Complaints drops;
  private final TermCopy copy = new TermCopy();

  /** Of the fragment at hand, and of the open frame's first. */
  private final FragmentHeader header = new FragmentHeader();

  private final FragmentHeader first = new FragmentHeader();

  /** Acquired and not published: the open frame's, or the next one's. */
  private WritableView slot;

  /** Whose frame is open, and how many of its bytes are there; {@code null} for nobody's. */
  private FrameSource open;

  private long received;

  /** Whose turn it is when no frame is open; {@code null} for anybody's. */
  private FrameSource waiting;

  private boolean isHoldingUp;
  private long heldUpSinceNs;
  private long frames;
  private long bytes;
  private long fragments;
  private long missing;
  private long heldUp;
  private long ends;

  /**
   * An assembler that publishes to a feed.
   *
   * @param writer of that feed
   * @param holdUp longest time to hold up a sender while no buffer is free, before its frame is
   *     dropped; 0 to drop at once
   * @param log gets a line for what is wrong
   */
  FrameAssembler(FeedWriter writer, Duration holdUp, Consumer<String> log) {
    this.writer = writer;
    this.holdUpNs = holdUp.toNanos();
    this.refusals = new Complaints(log);
    this.breaks = new Complaints(log);
    this.drops = new Complaints(log);
  }

  long frames() {
    return frames;
  }

  long ends() {
    return ends;
  }

  Received received() {
    return new Received(
        frames,
        bytes,
        fragments,
        copy.bytes(),
        missing,
        breaks.count(),
        drops.count(),
        heldUp,
        refusals.count(),
        ends);
  }

  /** Whether there is a frame of which more is to come. */
  boolean isOpen() {
    return open != null;
  }

  /**
   * Takes a message.
   *
   * @param source who sends it
   * @param from a buffer over a byte buffer, as Aeron's terms are
   * @param index of its first byte
   * @param length in bytes
   * @return ABORT to get it again later, otherwise CONTINUE
   */
  Action onFragment(FrameSource source, DirectBuffer from, int index, int length) {
    if (open != null && open != source) {
      waiting = waiting == null ? source : waiting;
      return ABORT;
    }
    if (waiting == source) {
      waiting = null;
    }
    String wrong = header.read(from, index, length);
    if (wrong == null && source.isEnded()) {
      wrong = "it comes after the end";
    }
    if (wrong != null) {
      return refuse(source, wrong);
    }
    if (header.isEnd) {
      return end(source);
    }
    return header.offset == 0 ? begin(source, from, index) : goOn(source, from, index);
  }

  // ---------------------------------------------------------------- fragments that make sense

  private Action begin(FrameSource source, DirectBuffer from, int index) {
    if (source.isSettled(header.sequence)) {
      return refuse(source, "frame " + header.sequence + " was there before");
    }
    if (open == null && waiting != null) {
      return ABORT;
    }
    if (open != null) {
      breakOff("frame " + header.sequence + " begins");
    }
    if (slot == null) {
      slot = writer.acquire(0, TimeUnit.NANOSECONDS);
      if (slot == null) {
        return withoutBuffer(source);
      }
    }
    isHoldingUp = false;
    missing += source.meet(header.sequence);
    if (header.validLength > slot.byteSize() - header.validOffset) {
      source.settle(header.sequence);
      return refuse(
          source,
          "frame "
              + header.sequence
              + " has "
              + header.validLength
              + " bytes from "
              + header.validOffset
              + " on, a buffer here has "
              + slot.byteSize());
    }
    open = source;
    received = 0;
    first.set(header);
    return append(from, index);
  }

  private Action goOn(FrameSource source, DirectBuffer from, int index) {
    if (open != null && header.follows(first, received)) {
      return append(from, index);
    }
    if (source.isSettled(header.sequence)) {
      return CONTINUE; // the rest of a frame that was dropped
    }
    if (open != null) {
      breakOff("what follows is byte " + header.offset + " of frame " + header.sequence);
    }
    if (!source.isLastMet(header.sequence)) {
      missing += source.meet(header.sequence);
      breaks.add(
          "frame %d of %s begins with byte %d: given up"
              .formatted(header.sequence, source.name(), header.offset));
    }
    return CONTINUE;
  }

  private Action append(DirectBuffer from, int index) {
    fragments++;
    if (header.byteSize > 0) {
      copy.fromTerm(
          from,
          index + FragmentDescriptor.HEADER_BYTES,
          header.byteSize,
          slot,
          header.validOffset + header.offset);
      received += header.byteSize;
    }
    if (received == first.validLength) {
      publish();
    }
    return CONTINUE;
  }

  private void publish() {
    writer.valid(first.validOffset, first.validLength);
    writer.publish(first.timestamp);
    frames++;
    bytes += first.validLength;
    open.settle(first.sequence);
    open = null;
    slot = null;
  }

  private Action end(FrameSource source) {
    if (open != null) {
      breakOff("the sender ends");
    }
    source.end();
    ends++;
    return CONTINUE;
  }

  // ---------------------------------------------------------------- what goes wrong

  /** No buffer is free: holds the sender up, or drops the frame when that has taken too long. */
  private Action withoutBuffer(FrameSource source) {
    long nowNs = System.nanoTime();
    if (!isHoldingUp) {
      isHoldingUp = true;
      heldUpSinceNs = nowNs;
    }
    if (nowNs - heldUpSinceNs < holdUpNs) {
      heldUp++;
      return ABORT;
    }
    isHoldingUp = false;
    missing += source.meet(header.sequence);
    source.settle(header.sequence);
    drops.add(
        "frame %d of %s is dropped: no buffer was free within %d ms"
            .formatted(header.sequence, source.name(), TimeUnit.NANOSECONDS.toMillis(holdUpNs)));
    return CONTINUE;
  }

  private Action refuse(FrameSource source, String wrong) {
    refusals.add("a message of " + source.name() + " is refused: " + wrong);
    return CONTINUE;
  }

  /** Gives up the open frame. Its buffer is the next one's. */
  void breakOff(String because) {
    breaks.add(
        "frame %d of %s breaks off after %d of %d bytes: %s"
            .formatted(first.sequence, open.name(), received, first.validLength, because));
    open = null;
  }

  /** A source is gone: nothing more of it will come. */
  void gone(FrameSource source) {
    if (open == source) {
      breakOff("the sender is gone");
    }
    if (waiting == source) {
      waiting = null;
    }
    isHoldingUp = false;
    copy.forget();
  }
}
