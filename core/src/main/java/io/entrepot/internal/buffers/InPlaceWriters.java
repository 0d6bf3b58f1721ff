package io.entrepot.internal.buffers;

import io.entrepot.internal.memory.WaitList;
import io.entrepot.internal.memory.Words;
import io.entrepot.internal.sync.FarSignals;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.IntPredicate;

/**
 * Who writes in place to published buffers: one at a time to each, when nobody else uses it.
 *
 * <p>A writer takes the buffer's writer word by CAS, raises the attention word of every lane, runs
 * the heavy barrier, and then waits for the uses that are there. Readers defer: who maps stores its
 * slot, then looks at its attention word, and takes the slot back where a writer is at work.
 * Readers in other processes look at the writer word itself, behind their hold ({@link
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
 *
 * <p><b>A writer elsewhere.</b> An importer in another process that was granted writing has a hold
 * and then does the same in words of its own. It looks at the exporter's by {@link ExporterWords}.
 *
 * <pre>
 *   writer elsewhere                           reader here, mapping or listed use
 *   hold + 1                    (CAS)          slot, or USES + 1       (full fence)
 *   own writer word             (CAS, barrier) writer word there? take it back, wait, again
 *   writer word here? own = 0, give up         fences there
 *   wait until no slot, no USES here           use
 *   fences here, write
 * </pre>
 *
 * <p>No barrier of its reaches the threads here, so attention stays raised for as long as it may
 * write: each map has a full fence between its slot and the look at that process's word, and one of
 * the two sees the other. Of a writer here and one there, the one there has its hold before its
 * word: either the one here sees the hold, and goes back as for a reader, or its word is seen
 * there. The one there never waits for a writer while its own word is up, but for one that is about
 * to go back: so a reader or writer here that waits for it waits for a use that ends, or is given
 * up.
 *
 * <p><b>Waking.</b> A waiter here sleeps in {@link WaitList}, by the bells of other processes: the
 * writer there rings when its word is 0, or its hold is dropped, or its fence signaled. It sleeps
 * as well, by the exporter's bell, which rings for whatever is let go of here while the one process
 * that may write has a thread that listens. Who maps there and waits for a writer here hears {@link
 * FarSignals}.
 */
public final class InPlaceWriters {
  private static final long FIRST_PAUSE_NS = TimeUnit.MICROSECONDS.toNanos(50);
  private static final long MOST_PAUSE_NS = TimeUnit.MILLISECONDS.toNanos(1);

  private final Words words;
  private final PoolDescriptor layout;
  private final Lanes lanes;
  private final Peers peers;
  private final IntPredicate isUsedUnmapped;
  private final WaitList freed;
  private final FarSignals signals;
  private final Runnable barrier;

  /** Whether attention stays raised for what a writer has left; under our lock. */
  private boolean isRaisedForLost;

  /**
   * Of one pool.
   *
   * @param isUsedUnmapped whether native code, a window or a channel of this process uses a buffer
   * @param barrier {@link io.entrepot.internal.memory.Barrier#heavy}
   */
  InPlaceWriters(
      Words words,
      PoolDescriptor layout,
      Lanes lanes,
      Peers peers,
      IntPredicate isUsedUnmapped,
      WaitList freed,
      FarSignals signals,
      Runnable barrier) {
    this.words = words;
    this.layout = layout;
    this.lanes = lanes;
    this.peers = peers;
    this.isUsedUnmapped = isUsedUnmapped;
    this.freed = freed;
    this.signals = signals;
    this.barrier = barrier;
  }

  /**
   * Keeps new readers of a buffer out when nobody else uses it any more.
   *
   * @param isEnded whether the importer has lost its access meanwhile
   * @return false when another writer is at work on it, the time was over, the thread interrupted,
   *     or the access ended
   */
  public boolean begin(int buffer, int lane, long timeoutNs, BooleanSupplier isEnded) {
    return new Turn(buffer, lane, isEnded).await(timeoutNs);
  }

  /** A writer that waits for its turn. */
  private final class Turn {
    private final int buffer;
    private final int lane;
    private final BooleanSupplier isEnded;
    private boolean isAlone;

    Turn(int buffer, int lane, BooleanSupplier isEnded) {
      this.buffer = buffer;
      this.lane = lane;
      this.isEnded = isEnded;
    }

    boolean await(long timeoutNs) {
      long startNs = System.nanoTime();
      long leftNs = timeoutNs;
      long pauseNs = FIRST_PAUSE_NS;
      while (freed.await(this::isHeldHereOrEnded, leftNs) && !isEnded.getAsBoolean() && take()) {
        boolean isOver = true;
        try {
          isOver = !freed.await(this::isAloneOrHeldOrEnded, WaitList.left(startNs, timeoutNs));
        } finally {
          if (!isAlone) {
            end(buffer);
          }
        }
        if (isAlone) {
          return true;
        }
        leftNs = WaitList.left(startNs, timeoutNs);
        if (isOver || leftNs == 0 || Thread.currentThread().isInterrupted()) {
          return false;
        }
        // Who comes and goes all the time, if only to harm, shall not have us run barriers for it.
        LockSupport.parkNanos(this, Math.min(pauseNs, leftNs));
        pauseNs = Math.min(2 * pauseNs, MOST_PAUSE_NS);
        leftNs = WaitList.left(startNs, timeoutNs);
      }
      return false;
    }

    private boolean take() {
      if (!words.compareAndSet(place(buffer), 0, lane + 1L)) {
        return false;
      }
      // The barrier may need memory that there is not.
      boolean isSeen = false;
      try {
        raise();
        isSeen = true;
      } finally {
        if (!isSeen) {
          end(buffer);
        }
      }
      return true;
    }

    private boolean isHeldHereOrEnded() {
      return !isHeldElsewhere(buffer) || isEnded.getAsBoolean();
    }

    private boolean isAloneOrHeldOrEnded() {
      // As it is found once: who comes later and finds the writer may be seen for a moment, too.
      isAlone = !isUsedByOthers(buffer, lane);
      return isAlone || isHeldElsewhere(buffer) || isEnded.getAsBoolean();
    }
  }

  private void raise() {
    lanes.writersInPlace(1);
    barrier.run();
  }

  /** Has every map look for a writer in another process from now on. */
  public void beginElsewhere(PeerWords writer) {
    peers.writer(writer);
    raise();
  }

  /**
   * Ends {@link #beginElsewhere}.
   *
   * @param isAnyLost whether it has left frames half overwritten, which are marked by now. Then
   *     each map looks for the mark from now on, at the price of a full fence
   */
  public void endElsewhere(boolean isAnyLost) {
    peers.writer(null);
    lower(isAnyLost);
    freed.signal();
  }

  private void lower(boolean isAnyLost) {
    if (!isAnyLost || !staysRaised()) {
      lanes.writersInPlace(-1);
    }
  }

  /** Once. */
  private synchronized boolean staysRaised() {
    boolean isFirst = !isRaisedForLost;
    isRaisedForLost = true;
    return isFirst;
  }

  /** Counts a use that has no mapping slot, for a writer in another process to see. */
  public void countUse(int buffer, int more) {
    words.getAndAdd(layout.buffer(buffer) + PoolDescriptor.USES, more);
  }

  /** Lets readers in again. */
  public void end(int buffer) {
    endLost(buffer, false);
  }

  /**
   * As {@link #end}, for a writer that is lost.
   *
   * @param isAnyLost see {@link #endElsewhere}
   */
  public void endLost(int buffer, boolean isAnyLost) {
    words.setRelease(place(buffer), 0);
    lower(isAnyLost);
    freed.signal();
    signals.tell();
  }

  /** A writer elsewhere has a hold; one that may write and says it does without is believed. */
  private boolean isHeldElsewhere(int buffer) {
    return peers.isHolding(buffer) || peers.isWriting(buffer);
  }

  /** Whether another lane or process, native code, a window or a channel is using a buffer. */
  private boolean isUsedByOthers(int buffer, int lane) {
    return lanes.isMapped(buffer, lane)
        || peers.isUsing(buffer)
        || peers.isWriting(buffer)
        || isUsedUnmapped.test(buffer);
  }

  /** Whether somebody else than a lane writes in place to a buffer, here or elsewhere. */
  public boolean hasOther(int buffer, int lane) {
    long writer = words.getVolatile(place(buffer));
    return (writer != 0 && writer != lane + 1L) || peers.isWriting(buffer);
  }

  private long place(int buffer) {
    return layout.buffer(buffer) + PoolDescriptor.WRITER;
  }
}
