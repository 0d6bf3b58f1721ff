package io.entrepot.examples.aeron;

import io.aeron.Image;
import io.aeron.Subscription;
import io.aeron.logbuffer.ControlledFragmentHandler;
import io.aeron.logbuffer.ControlledFragmentHandler.Action;
import io.aeron.logbuffer.Header;
import io.entrepot.flow.Broadcast;
import io.entrepot.flow.FeedWriter;
import java.time.Duration;
import java.util.Iterator;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.agrona.DirectBuffer;
import org.agrona.collections.Long2ObjectHashMap;
import org.agrona.concurrent.Agent;

/**
 * Receives what {@link FrameSender}s send, into buffers of the pool on this side, and publishes the
 * frames to a feed of it, with their time stamps and valid ranges.
 *
 * <p><b>Copies.</b> One: from the term that the media driver has received into, to the buffer.
 *
 * <p><b>Back-pressure.</b> While no buffer is free, because this side's readers hold them all or a
 * BLOCK reader has no room, fragments stay where they are: the sender's window fills up, and its
 * own feed's policy decides. After a time that is given the frame is dropped here instead.
 *
 * <p><b>Failure.</b> What goes wrong with the pool or the feed comes out of {@link #doWork()}, and
 * not into Aeron's error handler.
 *
 * <p><b>Threads.</b> {@link #onStart()} and all after it is one thread's.
 */
final class FrameReceiver implements Agent {
  private static final int FRAGMENTS_AT_ONCE = 32;

  private final Subscription subscription;
  private final Broadcast feed;
  private final Duration holdUp;
  private final long patienceNs;
  private final Consumer<String> log;
  private final ControlledFragmentHandler handler = this::onFragment;

  /** By the number that the client gives each image. */
  private final Long2ObjectHashMap<FrameSource> sources = new Long2ObjectHashMap<>();

  private final Long2ObjectHashMap<Image> images = new Long2ObjectHashMap<>();
  private FeedWriter writer;
  private FrameAssembler assembler;
  private RuntimeException failure;
  private boolean isIdle;
  private long idleSinceNs;

  /**
   * A receiver for one subscription and one feed.
   *
   * @param subscription polled by this receiver alone; closed by the caller
   * @param feed that has no writer
   * @param holdUp longest time to hold up the sender while no buffer is free; 0 to drop its frame
   *     at once
   * @param patience longest time to wait for the next fragment of a frame
   * @param log gets a line for what is wrong
   */
  FrameReceiver(
      Subscription subscription,
      Broadcast feed,
      Duration holdUp,
      Duration patience,
      Consumer<String> log) {
    this.subscription = subscription;
    this.feed = feed;
    this.holdUp = holdUp;
    this.patienceNs = patience.toNanos();
    this.log = log;
  }

  @Override
  public String roleName() {
    return "receiver";
  }

  /** Frames received so far. */
  long frames() {
    return assembler.frames();
  }

  /** Senders that have ended so far. */
  long ends() {
    return assembler.ends();
  }

  FrameAssembler.Received received() {
    return assembler.received();
  }

  @Override
  public void onStart() {
    writer = feed.writer();
    assembler = new FrameAssembler(writer, holdUp, log);
  }

  /**
   * Receives what there is and has room.
   *
   * @return number of messages taken; 0 is the time to idle
   */
  @Override
  public int doWork() {
    int messages = subscription.controlledPoll(handler, FRAGMENTS_AT_ONCE);
    if (failure != null) {
      throw failure;
    }
    if (messages > 0) {
      isIdle = false;
    } else {
      idle();
    }
    return messages;
  }

  private Action onFragment(DirectBuffer buffer, int offset, int length, Header header) {
    if (failure != null) {
      return Action.ABORT;
    }
    try {
      return assembler.onFragment(source((Image) header.context()), buffer, offset, length);
    } catch (RuntimeException e) {
      failure = e;
      return Action.ABORT;
    }
  }

  private FrameSource source(Image image) {
    long id = image.correlationId();
    FrameSource source = sources.get(id);
    if (source == null) {
      source = new FrameSource("session " + image.sessionId() + " from " + image.sourceIdentity());
      sources.put(id, source);
      images.put(id, image);
    }
    return source;
  }

  // ---------------------------------------------------------------- when nothing comes

  private void idle() {
    for (Iterator<Image> each = images.values().iterator(); each.hasNext(); ) {
      Image image = each.next();
      if (image.isClosed()) {
        each.remove();
        assembler.gone(sources.remove(image.correlationId()));
      }
    }
    long nowNs = System.nanoTime();
    if (!isIdle) {
      isIdle = true;
      idleSinceNs = nowNs;
    } else if (nowNs - idleSinceNs > patienceNs && assembler.isOpen()) {
      assembler.breakOff("nothing came for " + TimeUnit.NANOSECONDS.toMillis(patienceNs) + " ms");
    }
  }

  /** Ends the feed: its readers see the end after the frames that are whole. */
  @Override
  public void onClose() {
    if (writer != null) {
      writer.close();
    }
  }
}
