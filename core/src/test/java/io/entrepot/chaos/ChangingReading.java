package io.entrepot.chaos;

import io.entrepot.flow.FeedFailedException;
import io.entrepot.flow.FeedReader;
import io.entrepot.flow.FramePort;
import io.entrepot.sharing.SharedBuffer;
import io.entrepot.sharing.View;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A thread that reads frames which are changed in place meanwhile, by others and perhaps by itself;
 * it keeps some and looks at them again and again.
 *
 * <p>What a dead process was in the midst of writing must be refused, whichever way it comes.
 */
final class ChangingReading {
  /** Frames that it has at a time, at most. */
  private static final int KEPT = 3;

  private static final long TURN_MS = 20;
  private static final long LONG_MS = TimeUnit.SECONDS.toMillis(60);
  private static final String HALF = "half overwritten";

  /** How it goes about it. */
  enum Use {
    /** Looks at each frame once. */
    LOOKS,
    /** Looks again. */
    LOOKS_AGAIN,
    /** Looks again, and changes. */
    CHANGES
  }

  /** A frame that it has, as it was seen last. */
  private static final class Kept {
    private final SharedBuffer buffer;
    private long number;

    Kept(SharedBuffer buffer, long number) {
      this.buffer = buffer;
      this.number = number;
    }
  }

  private final FeedReader reader;
  private final Use use;
  private final Changes changes;
  private final Gate gate;
  private final SplittableRandom random;
  private final AtomicLong verified;
  private final Shown shown;
  private final List<Kept> kept = new ArrayList<>();
  private FramePort port;
  private volatile boolean patient;

  ChangingReading(
      FeedReader reader,
      Use use,
      Changes changes,
      Gate gate,
      SplittableRandom random,
      AtomicLong verified,
      Shown shown) {
    this.reader = reader;
    this.use = use;
    this.changes = changes;
    this.gate = gate;
    this.random = random;
    this.verified = verified;
    this.shown = shown;
  }

  /** Waits for frames for as long as it takes. */
  void patient(boolean on) {
    patient = on;
  }

  /** Reads to the end of the feed, of the exporter, or of this process; leaves the gate then. */
  void read() throws InterruptedException {
    try (FramePort opened = reader.open()) {
      port = opened;
      try {
        readToTheEnd();
      } catch (FeedFailedException lost) {
        // Its exporter has ended: there is nothing to be seen but what it has.
      }
      letGoOfAll();
    } finally {
      gate.leave();
    }
  }

  private void readToTheEnd() throws InterruptedException {
    while (!port.isEnded()) {
      if (gate.isClosed()) {
        port.unmap();
        // What is unread is held too. What is being written now is there in this form alone.
        while (keep(port.nextBuffer(0, TimeUnit.MILLISECONDS))) {
          letGo(kept.removeLast());
        }
        letGoOfAll();
        gate.pass();
      } else if (take(patient ? LONG_MS : TURN_MS)) {
        lookAgain();
      } else {
        letGoOfAll();
      }
    }
  }

  /** Takes a frame, or goes past one that cannot be shown. */
  private boolean take(long timeoutMs) {
    if (use == Use.CHANGES && random.nextBoolean()) {
      return keep(port.nextBuffer(timeoutMs, TimeUnit.MILLISECONDS));
    }
    View view;
    try {
      view = port.next(timeoutMs, TimeUnit.MILLISECONDS);
    } catch (FeedFailedException failed) {
      // Or it is lost, which this says again. The frame is looked at by its reference later.
      return keep(port.nextBuffer(0, TimeUnit.MILLISECONDS));
    }
    if (view == null) {
      return false;
    }
    long number = look(view, Changes.first(port.sequence()));
    if (use != Use.LOOKS) {
      kept.add(new Kept(port.hold(), number));
    }
    return true;
  }

  /** Keeps a frame that was not looked at, if there is one. */
  private boolean keep(SharedBuffer buffer) {
    if (buffer == null) {
      return false;
    }
    kept.add(new Kept(buffer, Changes.first(port.sequence())));
    return true;
  }

  private long look(View view, long noOlder) {
    shown.open(Changes.sequence(noOlder));
    long number = changes.check(view, noOlder);
    verified.incrementAndGet();
    return number;
  }

  private void lookAgain() {
    for (int times = random.nextInt(2 * KEPT); times > 0 && !kept.isEmpty(); times--) {
      lookAt(kept.get(random.nextInt(kept.size())));
    }
    while (kept.size() > KEPT - 1 || (!kept.isEmpty() && random.nextInt(4) == 0)) {
      letGo(kept.removeFirst());
    }
  }

  private void lookAt(Kept one) {
    try {
      if (use == Use.CHANGES && random.nextInt(2) == 0) {
        one.number = Math.max(one.number, changes.change(port.port(), one.buffer, one.number));
        return;
      }
      try (View view = port.port().map(one.buffer)) {
        one.number = look(view, one.number);
      }
    } catch (IllegalStateException refused) {
      if (!refused.getMessage().contains(HALF)) {
        throw refused;
      }
      shown.refused(Changes.sequence(one.number));
    }
  }

  private void letGoOfAll() {
    port.unmap();
    kept.forEach(this::letGo);
    kept.clear();
  }

  private void letGo(Kept one) {
    lookAt(one);
    one.buffer.close();
  }
}
