package io.entrepot.internal.buffers;

import io.entrepot.internal.memory.Barrier;
import io.entrepot.internal.memory.WaitList;
import io.entrepot.internal.memory.Words;
import io.entrepot.internal.sync.FarSignals;
import io.entrepot.internal.sync.ReservationSlots;
import io.entrepot.internal.sync.TimelineTable;
import java.util.function.IntPredicate;

/** The bookkeeping of one pool: all that works on its words, put together. */
public final class Bookkeeping {
  private final BufferStates states;
  private final Lanes lanes;
  private final TimelineTable timelines;
  private final ReservationSlots reservations;
  private final FarSignals signals;
  private final Peers peers;
  private final WaitList freed;
  private final InPlaceWriters inPlace;
  private final LostWrites lostWrites;
  private final PoolNumbers numbers;
  private final FreeBuffers free;

  /**
   * Over words that nobody else works on.
   *
   * @param name of the pool, for people
   * @param layout of the words
   * @param memories that the buffers lie in
   * @param classBytes size of a buffer of each size class, in ascending order
   * @param classBuffers how many buffers each size class has
   * @param zeroes whether buffers are filled with zeros before they are handed out again
   * @param zeroesAtOnce whether that is done as soon as nobody uses them any more
   * @param owners who owns buffers through lanes
   * @param isUsedUnmapped whether native code, a window or a channel of this process uses a buffer
   */
  public Bookkeeping(
      String name,
      Words words,
      PoolDescriptor layout,
      PoolMemories memories,
      long[] classBytes,
      int[] classBuffers,
      boolean zeroes,
      boolean zeroesAtOnce,
      PoolNumbers.Owners owners,
      IntPredicate isUsedUnmapped) {
    this.states = new BufferStates(words, layout);
    this.lanes = Lanes.ours(words, layout);
    this.timelines = new TimelineTable(words, layout.timelinesPlace(), layout.timelines());
    this.reservations = layout.reservations(words, timelines);
    timelines.oldFencesBy(new OldFences(reservations, layout)::forget);
    this.signals = new FarSignals(words, layout.signalsPlace());
    // Of the fences that keep them some may be signaled when they are asked, and not before.
    this.peers = new Peers(name, words, layout, signals, () -> free().isAnyKeptByFences());
    this.freed =
        new WaitList(
            words,
            layout.header(PoolDescriptor.ARMED),
            zeroesAtOnce
                ? new CleaningOnRelease(layout, states, reservations, () -> free().reclaim())
                : null,
            peers.doorbells());
    this.inPlace =
        new InPlaceWriters(
            words, layout, lanes, peers, isUsedUnmapped, freed, signals, Barrier::heavy);
    this.lostWrites = new LostWrites(words, layout, states, peers);
    this.numbers = new PoolNumbers(words, layout, lanes, owners);
    Reclaimer reclaimer =
        new Reclaimer(
            words,
            states,
            lanes,
            reservations,
            layout,
            peers,
            zeroes ? buffer -> memories.of(buffer).fill((byte) 0) : null,
            Barrier::heavy);
    this.free =
        new FreeBuffers(
            name, classBytes, classBuffers, states, lanes, reclaimer, freed, numbers, memories);
  }

  /** The state word of each buffer. */
  public BufferStates states() {
    return states;
  }

  /** The lanes of ports, and what is mapped through them. */
  public Lanes lanes() {
    return lanes;
  }

  /** The timelines of the pool's sync domain. */
  public TimelineTable timelines() {
    return timelines;
  }

  /** The fences of each buffer. */
  public ReservationSlots reservations() {
    return reservations;
  }

  /** How this process and others learn of each other's fences. */
  public FarSignals signals() {
    return signals;
  }

  /** Other processes that use the buffers. */
  public Peers peers() {
    return peers;
  }

  /** The threads that wait for something to be let go. */
  public WaitList freed() {
    return freed;
  }

  /** Who writes in place to published buffers. */
  public InPlaceWriters inPlace() {
    return inPlace;
  }

  /** Frames that were being written in place by a process that has died. */
  public LostWrites lostWrites() {
    return lostWrites;
  }

  /** What is counted. */
  public PoolNumbers numbers() {
    return numbers;
  }

  /** The buffers that can be had. */
  public FreeBuffers free() {
    return free;
  }
}
