package io.entrepot.internal.sharing;

import io.entrepot.internal.memory.Barrier;
import io.entrepot.internal.memory.WaitList;
import io.entrepot.internal.memory.Words;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * Who writes in place to published buffers: one at a time to each, when nobody else uses it.
 *
 * <p>A writer takes the buffer's writer word by CAS, raises the attention word of every lane, runs
 * the heavy barrier, and then waits for the uses that are there. Readers defer: who maps stores its
 * slot, then looks at its attention word, and takes the slot back where a writer is at work ({@link
 * Admission}). Readers in other processes look at the writer word itself, behind their hold ({@link
 * ExporterWords}).
 *
 * <p><b>Holds elsewhere.</b> A reader in another process cannot take back its hold, which may be a
 * reference that its user has: under it, it waits for the writer. So the writer defers to holds. It
 * waits for them <em>before</em> it takes the writer word, and when it finds one behind that, it
 * gives the word back and begins again.
 *
 * <pre>
 *   writer                                     reader elsewhere
 *   wait until nobody holds                    hold + 1                (CAS)
 *   writer word = lane + 1      (CAS, barrier) wait until the writer word is 0
 *   holds? writer word = 0, again              use
 *   wait until nobody uses it, nor holds       hold - 1
 * </pre>
 *
 * <p>If both are at it one of them sees the other, by the fences of the two CASes. If the reader is
 * seen the writer goes back, so the reader does not wait for a writer that waits. If it is not, the
 * writer has the buffer, or waits for mappings alone, which wait for nobody; and the next look
 * shows the hold. A writer that is kept off by one hold after the other gives up when its time is
 * over.
 */
final class InPlaceWriters {
  private static final long FIRST_PAUSE_NS = TimeUnit.MICROSECONDS.toNanos(50);
  private static final long MOST_PAUSE_NS = TimeUnit.MILLISECONDS.toNanos(1);

  private final Words words;
  private final PoolDescriptor layout;
  private final Lanes lanes;
  private final Peers peers;
  private final List<PoolAttachment> attachments;
  private final WaitList freed;

  /** Writers that wait. */
  private final AtomicInteger waiting = new AtomicInteger();

  InPlaceWriters(
      Words words,
      PoolDescriptor layout,
      Lanes lanes,
      Peers peers,
      List<PoolAttachment> attachments,
      WaitList freed) {
    this.words = words;
    this.layout = layout;
    this.lanes = lanes;
    this.peers = peers;
    this.attachments = attachments;
    this.freed = freed;
  }

  /**
   * Keeps new readers of a buffer out when nobody else uses it any more.
   *
   * @return false when another writer is at work on it, the time was over or the thread interrupted
   */
  boolean begin(int buffer, int lane, long timeoutNs) {
    waiting.getAndIncrement();
    try {
      return new Turn(buffer, lane).await(timeoutNs);
    } finally {
      waiting.getAndDecrement();
    }
  }

  /** Whether somebody waits here: perhaps for fences of other processes, of which no bell tells. */
  boolean isAnyWaiting() {
    return waiting.get() != 0;
  }

  /** A writer that waits for its turn. */
  private final class Turn {
    private final int buffer;
    private final int lane;
    private boolean isAlone;

    Turn(int buffer, int lane) {
      this.buffer = buffer;
      this.lane = lane;
    }

    boolean await(long timeoutNs) {
      long startNs = System.nanoTime();
      long leftNs = timeoutNs;
      long pauseNs = FIRST_PAUSE_NS;
      while (freed.await(() -> !peers.isHolding(buffer), leftNs) && take()) {
        boolean isOver = true;
        try {
          isOver = !freed.await(this::isAloneOrHeld, Patience.left(startNs, timeoutNs));
        } finally {
          if (!isAlone) {
            end(buffer);
          }
        }
        if (isAlone) {
          return true;
        }
        leftNs = Patience.left(startNs, timeoutNs);
        if (isOver || leftNs == 0 || Thread.currentThread().isInterrupted()) {
          return false;
        }
        // Who comes and goes all the time, if only to harm, shall not have us run barriers for it.
        LockSupport.parkNanos(this, Math.min(pauseNs, leftNs));
        pauseNs = Math.min(2 * pauseNs, MOST_PAUSE_NS);
        leftNs = Patience.left(startNs, timeoutNs);
      }
      return false;
    }

    private boolean take() {
      if (!words.compareAndSet(place(buffer), 0, lane + 1L)) {
        return false;
      }
      lanes.writersInPlace(1);
      Barrier.heavy();
      return true;
    }

    private boolean isAloneOrHeld() {
      // As it is found once: who comes later and finds the writer may be seen for a moment, too.
      isAlone = !isUsedByOthers(buffer, lane);
      return isAlone || peers.isHolding(buffer);
    }
  }

  /** Lets readers in again. */
  void end(int buffer) {
    words.setRelease(place(buffer), 0);
    lanes.writersInPlace(-1);
    freed.signal();
  }

  /** Whether another lane or process, native code, a window or a channel is using a buffer. */
  private boolean isUsedByOthers(int buffer, int lane) {
    if (lanes.isMapped(buffer, lane) || peers.isUsing(buffer)) {
      return true;
    }
    for (PoolAttachment attachment : attachments) {
      if (attachment.uses().isUsing(buffer)) {
        return true;
      }
    }
    return false;
  }

  /** Whether somebody else than a lane writes in place to a buffer. */
  boolean hasOther(int buffer, int lane) {
    long writer = words.getVolatile(place(buffer));
    return writer != 0 && writer != lane + 1L;
  }

  private long place(int buffer) {
    return layout.buffer(buffer) + PoolDescriptor.WRITER;
  }
}
