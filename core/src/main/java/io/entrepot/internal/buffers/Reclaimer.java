package io.entrepot.internal.buffers;

import io.entrepot.internal.memory.Words;
import io.entrepot.internal.sync.ReservationSlots;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

/**
 * Makes retired buffers free once nobody uses them: no mapping slot names them and no fence of any
 * usage is pending.
 *
 * <p>One pass marks the retired buffers with its number (those whose last hold it drops itself are
 * marked by that), then collects what the slots of all lanes name, then frees the rest, or takes
 * one of them: lanes x slots for a whole batch, as with hazard pointers. Any number of threads may
 * run a pass at once; the CAS from the candidate's word decides which of them has a buffer, and is
 * the linearization point. The order <em>state, then slots, then fences</em> is what {@link Lanes}
 * relies on: who adds a fence through a mapping does so before it clears its slot.
 *
 * <p><b>Numbers of passes come round</b> while a thread is stopped for long, and then the mark may
 * be another's. Only who has the buffer mapped brings a retired one back, and that is counted
 * before its mapping can end. So the count is read before the mark, and once more behind the look
 * at the slots: where it is the same and no slot names the buffer, nobody has held it since, and
 * nobody can any more. Then the mark may be whosesoever. A small pass, of which each frame pays a
 * part, reads the number of the newest pass instead, once for all its marks: see {@link #look}.
 */
final class Reclaimer {
  private final Words words;
  private final BufferStates states;
  private final Lanes lanes;
  private final ReservationSlots reservations;
  private final PoolDescriptor layout;
  private final Peers peers;
  private final Cleaning cleaning;
  private final Runnable barrier;

  /** Fills a buffer with zeros, where the exporter wants that. */
  @FunctionalInterface
  interface Cleaning {
    void clean(int buffer);
  }

  /**
   * A reclaimer.
   *
   * @param peers other processes that use the buffers
   * @param cleaning {@code null} where buffers are not cleaned
   * @param barrier what {@link io.entrepot.internal.memory.Barrier#heavy} does
   */
  Reclaimer(
      Words words,
      BufferStates states,
      Lanes lanes,
      ReservationSlots reservations,
      PoolDescriptor layout,
      Peers peers,
      Cleaning cleaning,
      Runnable barrier) {
    this.words = words;
    this.states = states;
    this.lanes = lanes;
    this.reservations = reservations;
    this.layout = layout;
    this.peers = peers;
    this.cleaning = cleaning;
    this.barrier = barrier;
  }

  /** One pass over all buffers; how many it made free. */
  int reclaim(Scratch scratch) {
    return reclaim(scratch, 0, 0, null);
  }

  /**
   * One pass over all buffers, which takes the first of some for the calling thread: straight from
   * the candidate's word, for a buffer that may be freed may be owned.
   *
   * @param start first of those that can be taken
   * @param end one behind the last
   * @param take takes one, whose index is in {@code scratch.taken} then, else -1
   * @return how many were made free, that one with them
   */
  int reclaim(Scratch scratch, int start, int end, BufferTaking take) {
    scratch.taken = Scratch.NONE;
    scratch.keptByFences = false;
    int candidates = 0;
    for (int buffer = 0; buffer < layout.buffers(); buffer++) {
      if (!BufferStates.isRetired(states.acquire(buffer))) {
        continue;
      }
      long held = states.heldThroughMappings(buffer);
      long candidate = states.retired2candidate(buffer, scratch.pass());
      if (candidate != 0) {
        scratch.held[candidates] = held;
        scratch.candidates[candidates] = buffer;
        scratch.states[candidates++] = candidate;
      }
    }
    scratch.endPass();
    if (candidates == 0) {
      return 0;
    }
    // Pairs with the full fence of a map under a reference, which stores its slot and then looks at
    // the state: one of the two sees the other also where stores reach processors one by one.
    VarHandle.fullFence();
    markMapped(scratch.mapped);
    int freed = 0;
    for (int i = 0; i < candidates; i++) {
      int buffer = scratch.candidates[i];
      if (isUsed(scratch.mapped, buffer, scratch.held[i])) {
        continue;
      }
      if (!reservations.sweep(layout.buffer(buffer))) {
        scratch.keptByFences = true;
        continue;
      }
      long candidate = scratch.states[i];
      boolean wanted =
          scratch.taken == Scratch.NONE && cleaning == null && buffer >= start && buffer < end;
      if (wanted && take.take(buffer, candidate)) {
        scratch.taken = buffer;
        freed++;
      } else if (free(buffer, candidate)) {
        freed++;
      }
    }
    return freed;
  }

  /**
   * Looks at what a small pass has dropped: what is unused stays in it, to be taken, or is made
   * free where the buffer's index is not below {@code end}. The rest is a candidate still, for the
   * next pass over all.
   *
   * <p>The state of each is looked at behind the slots, and behind that the number of the newest
   * pass: as long as numbers have not come round the mark that was found is this pass's own, and
   * nobody has held the buffer since it was made. Nobody can any more, since nothing maps it: so
   * what stays may be taken at any time, when the mark may be whosesoever.
   */
  int look(ReadyBuffers ready, int end) {
    VarHandle.fullFence();
    markMapped(ready.mapped);
    ready.keptByFences = false;
    int found = 0;
    for (int i = 0; i < ready.dropped; i++) {
      int buffer = ready.buffers[i];
      long candidate = ready.candidates[i];
      if (isMapped(ready.mapped, buffer) || peers.isHolding(buffer)) {
        continue;
      }
      if (!reservations.sweep(layout.buffer(buffer))) {
        ready.keptByFences = true;
      } else if (states.acquire(buffer) == candidate) {
        ready.buffers[found] = buffer;
        ready.candidates[found++] = candidate;
      }
    }
    long newest = words.getAcquire(layout.header(PoolDescriptor.PASS));
    return newest - ready.pass < BufferStates.PASSES ? kept(ready, found, end) : 0;
  }

  /** Keeps what was found by a small pass, or makes it free; how many there are. */
  private int kept(ReadyBuffers ready, int found, int end) {
    int kept = 0;
    int freed = 0;
    for (int i = 0; i < found; i++) {
      int buffer = ready.buffers[i];
      long candidate = ready.candidates[i];
      if (buffer >= end) {
        freed += states.candidate2free(buffer, candidate) ? 1 : 0;
      } else {
        ready.buffers[kept] = buffer;
        ready.candidates[kept++] = candidate;
      }
    }
    ready.count = kept;
    return freed + kept;
  }

  private void markMapped(long[] mapped) {
    Arrays.fill(mapped, 0);
    lanes.mark(mapped);
    peers.markMapped(mapped);
  }

  /** Whether a marked buffer is mapped, held elsewhere, or was held through a mapping since. */
  private boolean isUsed(long[] mapped, int buffer, long held) {
    return isMapped(mapped, buffer)
        || states.heldThroughMappings(buffer) != held
        || peers.isHolding(buffer);
  }

  private static boolean isMapped(long[] mapped, int buffer) {
    return (mapped[buffer >>> 6] & 1L << buffer) != 0;
  }

  /** Whether buffers are cleaned before they are free. */
  boolean cleans() {
    return cleaning != null;
  }

  /** Number of a pass that begins. */
  private long newPass() {
    return words.getAndAdd(layout.header(PoolDescriptor.PASS), 1);
  }

  /** Room for small passes of one thread. */
  ReadyBuffers ready() {
    return new ReadyBuffers(states, layout.buffers(), this::newPass);
  }

  /**
   * Takes back from their keepers the buffers that they do not use; how many it made free, and in
   * {@code scratch.kept} how many there were. Those in use become plainly OWNED: {@link
   * OwnedBuffer} says why this is right.
   */
  int recall(Scratch scratch) {
    int recalled = 0;
    for (int buffer = 0; buffer < layout.buffers(); buffer++) {
      if (BufferStates.isKept(states.acquire(buffer))) {
        long mark = states.kept2recalled(buffer);
        if (mark != 0) {
          scratch.candidates[recalled] = buffer;
          scratch.states[recalled++] = mark;
        }
      }
    }
    scratch.kept = recalled;
    if (recalled == 0) {
      return 0;
    }
    barrier.run();
    int freed = 0;
    for (int i = 0; i < recalled; i++) {
      int buffer = scratch.candidates[i];
      long mark = scratch.states[i];
      boolean inUse = lanes.isUsedByKeeper(buffer, mark);
      if (states.recalled2(buffer, mark, inUse) && !inUse) {
        freed++;
      }
    }
    return freed;
  }

  private boolean free(int buffer, long candidate) {
    if (cleaning == null) {
      return states.candidate2free(buffer, candidate);
    }
    if (!states.candidate2cleaning(buffer, candidate)) {
      return false;
    }
    boolean clean = false;
    try {
      cleaning.clean(buffer);
      clean = true;
    } finally {
      if (clean) {
        states.cleaning2free(buffer);
      } else {
        states.cleaning2retired(buffer);
      }
    }
    return true;
  }

  /** Room for the passes of one thread at a time. */
  Scratch scratch() {
    return new Scratch();
  }

  /**
   * Room for one pass, so that passes do not allocate. What is dropped through it is looked at by
   * the pass that follows.
   */
  final class Scratch implements FreeBuffers.Pass {
    static final int NONE = -1;

    /** Small: a thread that is stopped with handles in it keeps their buffers from others. */
    private static final int ROOM = 16;

    final int[] candidates = new int[layout.buffers()];
    final long[] states = new long[layout.buffers()];
    final long[] held = new long[layout.buffers()];
    final long[] mapped = new long[(layout.buffers() + 63) >>> 6];
    private final long[] room = new long[ROOM];
    int kept;
    int taken = NONE;

    /** Whether the last pass found a buffer that nobody uses, but on which work goes on here. */
    boolean keptByFences;

    /** How often a last hold was dropped, which is to be told to those who wait. */
    int dropped;

    private long pass;
    private boolean isPassing;

    /** Number of the pass, which begins with its first use. */
    private long pass() {
      if (!isPassing) {
        isPassing = true;
        pass = newPass();
      }
      return pass;
    }

    private void endPass() {
      isPassing = false;
    }

    @Override
    public long[] room() {
      return room;
    }

    @Override
    public void drop(int buffer, long generation) {
      if (Reclaimer.this.states.unhold2candidate(buffer, generation, pass())) {
        dropped++;
      }
    }
  }
}
