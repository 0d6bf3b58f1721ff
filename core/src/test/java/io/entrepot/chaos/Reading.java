package io.entrepot.chaos;

import io.entrepot.flow.FeedFailedException;
import io.entrepot.flow.FeedReader;
import io.entrepot.flow.FramePort;
import io.entrepot.flow.Overflow;
import io.entrepot.sharing.NativeLease;
import io.entrepot.sharing.SharedBuffer;
import io.entrepot.sharing.View;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One reading thread, which looks at every byte of a frame when it gets it and again before it lets
 * go, however long that is after.
 */
final class Reading {
  /** Frames that it has at a time, at most. */
  private static final int KEPT = 3;

  private static final int SPINS = 200;
  private static final long TURN_MS = 20;

  /** A wait that nothing but the end of the exporter ends. */
  private static final long LONG_MS = TimeUnit.SECONDS.toMillis(60);

  private final FeedReader reader;
  private final Overflow overflow;
  private final Use use;
  private final Stamp stamp;
  private final Gate gate;
  private final SplittableRandom random;
  private final AtomicLong verified;

  /** What it divides with other threads; {@code null} if it has all frames. */
  private final Divided divided;

  private final Deque<Kept> kept = new ArrayDeque<>();
  private FramePort port;
  private long last = -1;

  /** In which form it takes frames. */
  enum Use {
    /** One view at a time. */
    VIEWS,
    /** Several views. */
    KEEPS,
    /** References, mapped anew when they are let go. */
    HOLDS,
    /** Addresses. */
    LEASES
  }

  /** Something that it has, with the number of its frame. */
  private record Kept(AutoCloseable what, long sequence) {}

  Reading(
      FeedReader reader,
      Overflow overflow,
      Use use,
      Stamp stamp,
      Gate gate,
      SplittableRandom random,
      AtomicLong verified,
      Divided divided) {
    this.reader = reader;
    this.overflow = overflow;
    this.use = use;
    this.stamp = stamp;
    this.gate = gate;
    this.random = random;
    this.verified = verified;
    this.divided = divided;
  }

  /** Whether every reading thread of a process waits for as long as it takes. */
  private static volatile boolean patient;

  static void patient(boolean on) {
    patient = on;
  }

  /** Reads to the end of the feed, of the exporter, or of this process; leaves the gate then. */
  void read() throws Exception {
    try (FramePort opened = reader.open()) {
      port = opened;
      try {
        readToTheEnd();
      } catch (FeedFailedException lost) {
        // What it has stays readable, whoever died.
      }
      letGoOfAll();
    } finally {
      gate.leave();
    }
  }

  private void readToTheEnd() throws Exception {
    while (!port.isEnded()) {
      if (gate.isClosed()) {
        while (take(0)) {
          // What is unread is held too.
        }
        letGoOfAll();
        gate.pass();
      } else if (!take(patient ? LONG_MS : TURN_MS)) {
        // A pool whose buffers all lie here goes on.
        letGoOfAll();
      }
    }
  }

  private boolean take(long timeoutMs) throws Exception {
    if (use == Use.LEASES) {
      NativeLease lease = port.nextLease(timeoutMs, TimeUnit.MILLISECONDS);
      if (lease != null) {
        stamp.check(lease, sequence());
        kept.add(new Kept(lease, last));
      }
      return lease != null && look();
    }
    View view = port.next(timeoutMs, TimeUnit.MILLISECONDS);
    if (view == null) {
      return false;
    }
    long sequence = sequence();
    stamp.check(view, sequence);
    switch (use) {
      case KEEPS -> kept.add(new Kept(port.keep(), sequence));
      case HOLDS -> kept.add(new Kept(port.hold(), sequence));
      default -> {
        for (int i = random.nextInt(SPINS); i > 0; i--) {
          Thread.onSpinWait();
        }
        stamp.check(view, sequence);
      }
    }
    return look();
  }

  /** The frame's number, with what is known of it. */
  private long sequence() {
    long sequence = port.sequence();
    boolean isNext = overflow == Overflow.BLOCK && last >= 0 && divided == null;
    boolean inOrder = isNext ? sequence == last + 1 : sequence > last;
    if (!inOrder) {
      throw new AssertionError(overflow + ": frame " + sequence + " came after " + last);
    }
    boolean laidOut = port.layout() != null;
    if (port.timestamp() != -sequence || (laidOut && sequence % 64 != 0)) {
      throw new AssertionError("frame " + sequence + " says of itself " + port.frame());
    }
    last = sequence;
    if (divided != null) {
      divided.saw(sequence);
    }
    return sequence;
  }

  private boolean look() throws Exception {
    verified.incrementAndGet();
    while (kept.size() > KEPT - 1 || (!kept.isEmpty() && random.nextInt(4) == 0)) {
      letGo(kept.remove());
    }
    return true;
  }

  private void letGoOfAll() throws Exception {
    port.unmap();
    while (!kept.isEmpty()) {
      letGo(kept.remove());
    }
  }

  private void letGo(Kept one) throws Exception {
    switch (one.what) {
      case View view -> stamp.check(view, one.sequence);
      case NativeLease lease -> stamp.check(lease, one.sequence);
      case SharedBuffer buffer -> {
        try (View again = port.port().map(buffer)) {
          stamp.check(again, one.sequence);
        }
      }
      default -> throw new AssertionError(one);
    }
    one.what.close();
  }
}
