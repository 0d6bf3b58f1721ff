package io.entrepot.internal.buffers;

import java.util.function.LongSupplier;

/**
 * Buffers that one thread has found unused by small passes of its own, and takes one by one: they
 * are candidates of the last of them, marked and {@linkplain Reclaimer#look looked at}, so one CAS
 * takes each. That is a step less than by way of FREE, and the work of a pass is divided into
 * pieces that end before the answer to a frame can come.
 *
 * <p>They are nobody's own: a pass over all buffers, by a thread that finds none free, takes them
 * over, and the CAS here fails then. All but what others do to the states belongs to the thread.
 *
 * <p>What a pass has dropped may be mapped still. It can be taken from the end of the look on,
 * which says how many there are: a pass that fails before, whatever for, leaves none.
 */
public final class ReadyBuffers implements FreeBuffers.Pass {
  /** Buffers of a pass, about. */
  static final int ENOUGH = 16;

  private static final int NONE = -1;

  final long[] mapped;
  final int[] buffers = new int[2 * ENOUGH];
  final long[] candidates = new long[2 * ENOUGH];

  /** Looked at, to be taken. */
  public int count;

  /** Dropped by a pass that has yet to look at them. */
  int dropped;

  /** Whether the last pass has found a buffer that nobody uses, but on which work goes on. */
  boolean keptByFences;

  private final BufferStates states;
  private final LongSupplier newPass;
  private final long[] room = new long[ENOUGH];

  /** Number of the last pass. */
  long pass;

  /** Taken, and not counted yet. */
  private int taken;

  ReadyBuffers(BufferStates states, int buffers, LongSupplier newPass) {
    this.states = states;
    this.newPass = newPass;
    this.mapped = new long[(buffers + 63) >>> 6];
  }

  /** Takes the one that was dropped last; its index, or -1 when there is none. */
  public int take(BufferTaking take) {
    while (count > 0) {
      count--;
      if (take.take(buffers[count], candidates[count])) {
        taken++;
        return buffers[count];
      }
    }
    return NONE;
  }

  /** Makes all of them free for anybody. */
  void letGo() {
    while (count > 0) {
      count--;
      taken += states.candidate2free(buffers[count], candidates[count]) ? 1 : 0;
    }
  }

  /**
   * How many had been made free by this when they were taken, or let go of, since the last call.
   */
  int takenSince() {
    int since = taken;
    taken = 0;
    return since;
  }

  // ---------------------------------------------------------------- a pass, when there is none

  @Override
  public long[] room() {
    return room;
  }

  @Override
  public boolean isFull() {
    return dropped >= ENOUGH;
  }

  @Override
  public void drop(int buffer, long generation) {
    if (dropped == 0) {
      pass = newPass.getAsLong();
    }
    if (states.unhold2candidate(buffer, generation, pass)) {
      buffers[dropped] = buffer;
      candidates[dropped++] = BufferStates.candidate(pass, generation);
    }
  }
}
