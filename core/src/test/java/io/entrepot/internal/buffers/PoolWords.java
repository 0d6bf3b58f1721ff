package io.entrepot.internal.buffers;

import io.entrepot.internal.memory.Barrier;
import io.entrepot.internal.memory.HeapWords;
import io.entrepot.internal.memory.Words;
import io.entrepot.internal.sync.FarSignals;
import io.entrepot.internal.sync.JobTable;
import io.entrepot.internal.sync.ReservationSlots;
import io.entrepot.internal.sync.TimelineTable;
import io.entrepot.sync.Timeline;
import io.entrepot.sync.Usage;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.util.function.Consumer;
import java.util.function.LongFunction;

/**
 * The words of a small pool and the real algorithms over them, put together as {@link Bookkeeping}
 * does: what models of a pool run on.
 *
 * <p>{@link BufferStates}, {@link Lanes}, {@link Reclaimer} and {@link ReservationSlots} are called
 * as they are. {@code PoolCore} and {@code LanePort} need an exporter and a thread of their own, so
 * their few lines that touch words are repeated here in the same order and with the same access
 * modes; each method says which lines it stands for. Longer than a page for as many of them.
 */
public final class PoolWords {
  private static final int LINGER_SPINS = 20;
  private static final Runnable NOTHING = () -> {};

  private final boolean offHeap;
  private final Words words;
  private final PoolDescriptor layout;
  private final BufferStates states;
  private final Lanes lanes;
  private final TimelineTable timelines;
  private final ReservationSlots reservations;
  private final Reclaimer.Cleaning cleaning;
  private final Peers peers;
  private final Reclaimer reclaimer;
  private Words peerWords;
  private BufferStates peerHolds;

  private PoolWords(Words words, int buffers, int lanes, boolean offHeap) {
    this(words, buffers, lanes, offHeap, null);
  }

  private PoolWords(
      Words words, int buffers, int lanes, boolean offHeap, Reclaimer.Cleaning cleaning) {
    this.cleaning = cleaning;
    this.offHeap = offHeap;
    this.words = words;
    this.layout = new PoolDescriptor(words.base(), buffers, lanes, 1);
    this.states = new BufferStates(words, layout);
    this.lanes = new Lanes(words, layout);
    this.timelines = new TimelineTable(words, layout.timelinesPlace(), layout.timelines());
    this.reservations =
        new ReservationSlots(
            words,
            timelines,
            new JobTable(words, layout.jobsPlace(), PoolDescriptor.JOBS),
            PoolDescriptor.FENCES,
            PoolDescriptor.RESERVATION);
    FarSignals signals = new FarSignals(words, layout.signalsPlace());
    this.peers = new Peers("model", words, layout, signals, () -> false);
    // The checker's world is sequentially consistent, and a native call is none of its business.
    this.reclaimer = reclaimer(offHeap ? Barrier::heavy : NOTHING);
    claimLanes();
  }

  private static long bytes(int buffers, int lanes) {
    return PoolDescriptor.byteSize(buffers, lanes, 1);
  }

  private Reclaimer reclaimer(Runnable barrier) {
    return new Reclaimer(words, states, lanes, reservations, layout, peers, cleaning, barrier);
  }

  /** Words that a model checker can follow; all lanes are in use from the start. */
  public static PoolWords onHeap(int buffers, int lanes) {
    return new PoolWords(new HeapWords(bytes(buffers, lanes)), buffers, lanes, false);
  }

  /** As {@link #onHeap}, with buffers that are cleaned before they are free. */
  static PoolWords cleaned(int buffers, int lanes, Reclaimer.Cleaning cleaning) {
    return new PoolWords(new HeapWords(bytes(buffers, lanes)), buffers, lanes, false, cleaning);
  }

  /** What cleans them when they are let go of, by that pass. */
  CleaningOnRelease cleaningOnRelease(Runnable pass) {
    return new CleaningOnRelease(layout, states, reservations, pass);
  }

  /** Where its buffers lie, in the first of its memories; there are no bytes in any. */
  PoolMemories memories() {
    return new PoolMemories("model", words, layout, 0, new MemorySegment[layout.buffers()]);
  }

  /** The states of its buffers. */
  BufferStates states() {
    return states;
  }

  /** The next fence of a timeline of the pool's, which keeps a buffer from reuse. */
  Timeline keepByFence(int buffer) {
    Timeline made = timelines.timeline("use");
    reservations.of(layout.buffer(buffer), () -> true).add(made.next(), Usage.READ);
    return made;
  }

  /** As {@link #onHeap}, over words on the heap that are made by their size in bytes. */
  public static PoolWords on(LongFunction<Words> make, int buffers, int lanes) {
    return new PoolWords(make.apply(bytes(buffers, lanes)), buffers, lanes, false);
  }

  /** Words as they are in use; all lanes are in use from the start. */
  public static PoolWords offHeap(int buffers, int lanes) {
    return new PoolWords(Words.offHeap(bytes(buffers, lanes)), buffers, lanes, true);
  }

  /** Makes the words what they were at first. */
  public void reset() {
    clear(words);
    claimLanes();
    if (peerWords != null) {
      clear(peerWords);
      new Lanes(peerWords, layout.at(peerWords)).claim();
    }
    VarHandle.fullFence();
  }

  private static void clear(Words words) {
    for (long offset = 0; offset < words.byteSize(); offset += Words.WORD_BYTES) {
      words.setPlain(words.base() + offset, 0);
    }
  }

  private void claimLanes() {
    for (int i = 0; i < layout.lanes(); i++) {
      lanes.claim();
    }
  }

  // ---------------------------------------------------------------- buffer states

  /** The OWNED state of a buffer that was free, or 0. */
  public long own(int buffer) {
    return states.free2owned(buffer);
  }

  /** Makes a buffer free again for an owner who is alone. */
  public boolean free(int buffer, long owned) {
    boolean alone = states.acquire(buffer) == owned;
    states.owned2free(buffer, owned);
    return alone;
  }

  public void publish(int buffer, long owned, int holders) {
    states.live2published(buffer, BufferStates.generation(owned));
    states.passOn(buffer, holders);
  }

  public boolean hold(int buffer, long generation) {
    return states.hold(buffer, generation);
  }

  public boolean holdMapped(int buffer, long generation) {
    return states.holdMapped(buffer, generation);
  }

  public boolean unhold(int buffer, long generation) {
    return states.unhold(buffer, generation);
  }

  public static long generation(long state) {
    return BufferStates.generation(state);
  }

  /** Whether the buffer is live in that generation, as {@code LanePort.mapReference} asks. */
  public boolean isLive(int buffer, long generation) {
    long state = states.volatileState(buffer);
    return BufferStates.isLive(state) && BufferStates.generation(state) == generation;
  }

  /** Number of buffers that one pass of the reclaimer has made free. */
  public int reclaim() {
    return reclaimer.reclaim(reclaimer.scratch());
  }

  /**
   * {@code FreeBuffers.reclaim} that takes a buffer: holds are dropped by the pass itself, and a
   * candidate goes straight to OWNED.
   *
   * @param owned where to put the state of the buffer that was taken
   * @return its index, or -1
   */
  public int takeByPass(Consumer<FreeBuffers.Pass> retire, long[] owned) {
    Reclaimer.Scratch scratch = reclaimer.scratch();
    retire.accept(scratch);
    reclaimer.reclaim(scratch, 0, layout.buffers(), taking(owned));
    return scratch.taken;
  }

  /**
   * {@code BufferOwner.refill} and {@code BufferOwner.tryTakeFree}: a candidate that a small pass
   * has looked at goes to OWNED, at any time later.
   *
   * @param owned where to put the state of the buffer that was taken
   * @return its index, or -1
   */
  public int takeReady(Consumer<FreeBuffers.Pass> retire, long[] owned) {
    ReadyBuffers ready = dropped(retire);
    reclaimer.look(ready, layout.buffers());
    return ready.take(taking(owned));
  }

  /** Wrong: {@link #takeReady} that does not look. */
  public int takeReadyWithoutLook(Consumer<FreeBuffers.Pass> retire, long[] owned) {
    ReadyBuffers ready = dropped(retire);
    ready.count = ready.dropped;
    return ready.take(taking(owned));
  }

  private ReadyBuffers dropped(Consumer<FreeBuffers.Pass> retire) {
    ReadyBuffers ready = reclaimer.ready();
    retire.accept(ready);
    return ready;
  }

  private BufferTaking taking(long[] owned) {
    return new BufferTaking() {
      @Override
      public boolean take(int free) {
        return (owned[0] = states.free2owned(free)) != 0;
      }

      @Override
      public boolean take(int free, long candidate) {
        return (owned[0] = states.candidate2owned(free, candidate)) != 0;
      }
    };
  }

  /** Number of buffers that a pass has made free behind what it dropped itself. */
  public int reclaim(Consumer<FreeBuffers.Pass> retire) {
    Reclaimer.Scratch scratch = reclaimer.scratch();
    retire.accept(scratch);
    return reclaimer.reclaim(scratch);
  }

  // ---------------------------------------------------------------- other uses

  private OtherUses otherUses() {
    return new OtherUses(words, states, lanes, reservations, layout, peers);
  }

  /** Whether nobody uses a buffer but its caller, who has one hold. */
  public boolean isExclusive(int buffer) {
    return otherUses().areOver(buffer, 1, lane -> false);
  }

  /** Wrong: {@link OtherUses} that looks at the holds once more for the count of them. */
  public boolean isExclusiveByHolds(int buffer) {
    boolean isHeld = BufferStates.holds(states.acquire(buffer)) != 1;
    linger();
    boolean isMapped = lanes.isMapped(buffer, -1);
    linger();
    return !isHeld
        && !isMapped
        && reservations.sweep(layout.buffer(buffer))
        && BufferStates.holds(states.acquire(buffer)) == 1;
  }

  /** Wrong: {@link OtherUses} that looks at the slots before the holds. */
  public boolean isExclusiveSlotsFirst(int buffer) {
    long held = states.heldThroughMappings(buffer);
    boolean isMapped = lanes.isMapped(buffer, -1);
    linger();
    return !isMapped
        && BufferStates.holds(states.acquire(buffer)) == 1
        && reservations.sweep(layout.buffer(buffer))
        && states.heldThroughMappings(buffer) == held;
  }

  /** Wrong: {@link OtherUses} that looks at the holds of other processes before their slots. */
  public boolean isExclusiveHoldsElsewhereFirst(int buffer) {
    boolean isHeld = peers.isHolding(buffer);
    linger();
    long[] mapped = new long[1];
    peers.markMapped(mapped);
    return !isHeld
        && mapped[0] == 0
        && BufferStates.holds(states.acquire(buffer)) == 1
        && !lanes.isMapped(buffer, -1);
  }

  // ---------------------------------------------------------------- kept buffers

  /** What a lane owns through its first slot. */
  public OwnedBuffer owner(int lane) {
    return new OwnedBuffer(words, states, layout, lane, 0, layout.buffers(), false);
  }

  /** A lane's owner that has taken a buffer and given it back, and so keeps it. */
  public OwnedBuffer keeper(int lane, int buffer) {
    OwnedBuffer owner = owner(lane);
    owner.takeFree(buffer);
    owner.give();
    return owner;
  }

  /** Number of kept buffers that a recall has made free. */
  public int recall() {
    return reclaimer.recall(reclaimer.scratch());
  }

  /** Wrong: {@link Reclaimer#recall} that does not wait until its mark is seen. */
  public int recallWithoutBarrier() {
    Reclaimer hasty = reclaimer(NOTHING);
    return hasty.recall(hasty.scratch());
  }

  /** Wrong: {@link OwnedBuffer#takeKept} that looks at the state before it stores the slot. */
  public boolean takeKeptLookingFirst(int lane, int buffer) {
    if (BufferStates.kind(states.acquire(buffer)) != BufferStates.KEPT) {
      return false;
    }
    storeSlot(lane, buffer);
    return true;
  }

  /** Wrong: {@link OwnedBuffer#give} that looks at nothing behind its slot. */
  public void giveWithoutLook(int lane) {
    clearSlot(lane);
  }

  /** Wrong: {@link OwnedBuffer#give} of an owned buffer that does not look at attention. */
  public void keepWithoutLook(int lane, int buffer) {
    clearSlot(lane);
    words.setRelease(
        layout.buffer(buffer) + PoolDescriptor.STATE,
        BufferStates.kept(states.acquire(buffer), lane * PoolDescriptor.MAPPINGS));
  }

  /** Whether a buffer is kept for whoever asks first without another look. */
  public boolean isKept(int buffer) {
    return BufferStates.isKept(states.acquire(buffer));
  }

  // ---------------------------------------------------------------- planted, for comparison

  /** Wrong: {@link BufferStates#free2owned} with a store for the CAS. */
  public long ownByStore(int buffer) {
    long offset = layout.buffer(buffer) + PoolDescriptor.STATE;
    long state = words.getAcquire(offset);
    if (BufferStates.kind(state) != BufferStates.FREE) {
      return 0;
    }
    int shift = Long.numberOfLeadingZeros(BufferStates.generation(-1));
    long owned = BufferStates.generation(state) + 1 << shift | 1 << 3 | BufferStates.OWNED;
    words.setVolatile(offset, owned);
    return owned;
  }

  /** Wrong: {@link Reclaimer#reclaim} that reads the slots before it reads the states. */
  public int reclaimSlotsFirst() {
    long[] mapped = new long[(layout.buffers() + 63) >>> 6];
    lanes.mark(mapped);
    linger();
    int freed = 0;
    for (int buffer = 0; buffer < layout.buffers(); buffer++) {
      long candidate = states.retired2candidate(buffer, 0);
      if (candidate != 0
          && (mapped[buffer >>> 6] & 1L << buffer) == 0
          && reservations.sweep(layout.buffer(buffer))
          && states.candidate2free(buffer, candidate)) {
        freed++;
      }
    }
    return freed;
  }

  /** Wrong: {@link #takeByPass} that reads the slots before it drops holds and marks candidates. */
  public int takeByPassSlotsFirst(Consumer<FreeBuffers.Pass> retire, long[] owned) {
    long[] mapped = new long[(layout.buffers() + 63) >>> 6];
    lanes.mark(mapped);
    linger();
    Reclaimer.Scratch scratch = reclaimer.scratch();
    retire.accept(scratch);
    for (int buffer = 0; buffer < layout.buffers(); buffer++) {
      long candidate = states.retired2candidate(buffer, 0);
      if (candidate != 0
          && (mapped[buffer >>> 6] & 1L << buffer) == 0
          && taking(owned).take(buffer, candidate)) {
        return buffer;
      }
    }
    return -1;
  }

  /** Wrong: {@link Reclaimer#reclaim} that frees from the RETIRED word, not from its own mark. */
  public int reclaimWithoutMark() {
    int freed = 0;
    for (int buffer = 0; buffer < layout.buffers(); buffer++) {
      long state = states.acquire(buffer);
      if (BufferStates.kind(state) == BufferStates.RETIRED
          && !lanes.isMapped(buffer, -1)
          && reservations.sweep(layout.buffer(buffer))
          && words.compareAndSet(
              layout.buffer(buffer) + PoolDescriptor.STATE, state, state - BufferStates.RETIRED)) {
        freed++;
      }
    }
    return freed;
  }

  // ---------------------------------------------------------------- the bytes of a buffer

  /**
   * Stands for the bytes: a plain word that only the owner writes, and whoever has mapped reads.
   */
  public long bytes(int buffer) {
    return words.getPlain(layout.buffer(buffer) + PoolDescriptor.VALID_OFFSET);
  }

  /**
   * Off heap, waits for about a microsecond, so that whoever reuses a buffer too early is likely to
   * be caught at it. A model checker needs no such help.
   */
  public void linger() {
    for (int i = 0; offHeap && i < LINGER_SPINS; i++) {
      Thread.onSpinWait();
    }
  }

  public void bytes(int buffer, long value) {
    words.setPlain(layout.buffer(buffer) + PoolDescriptor.VALID_OFFSET, value);
  }

  // ---------------------------------------------------------------- mapping slots

  /** The store of {@code LanePort.store}, into the lane's first slot. */
  public void storeSlot(int lane, int buffer) {
    long slot = layout.lane(lane) + PoolDescriptor.SLOTS;
    long use = Lanes.uses(words.getPlain(slot)) + 1;
    words.setRelease(slot, Lanes.slotWord(buffer, false, use));
  }

  /** The store of {@code LanePort.unmapFlyweight}. */
  public void clearSlot(int lane) {
    long slot = layout.lane(lane) + PoolDescriptor.SLOTS;
    words.setRelease(slot, Lanes.emptyWord(Lanes.uses(words.getPlain(slot))));
  }

  /** The look of {@code LanePort.admit}: whether nobody wants this lane's attention. */
  public boolean isUndisturbed(int lane) {
    return words.getOpaque(layout.attention(lane)) == 0;
  }

  /** The first look of {@code LanePort.attend}, behind its full fence. */
  public boolean isAlerted(int lane, long tenancy) {
    return lanes.isAlerted(lane, tenancy);
  }

  /** The mark of {@code PoolAttachment.revoke}, without its barrier. */
  public void alert(int lane, long tenancy) {
    lanes.alert(lane, tenancy);
  }

  /** The end of a forced {@code PoolAttachment.revoke}. */
  public void kill(int lane, long tenancy) {
    lanes.kill(lane, tenancy);
  }

  /** The lane of a port that is opened, or -1. */
  public int claimLane() {
    return lanes.claim();
  }

  /** Number of the tenancy of a lane. */
  public long tenancy(int lane) {
    return lanes.tenancy(lane);
  }

  /** The end of {@code LanePort.close}. */
  public void freeLane(int lane, long tenancy) {
    lanes.free(lane, tenancy);
  }

  /** What {@code PoolAttachment.revoke} waits for to become 0. */
  public int mappings(int lane) {
    return lanes.mappings(lane);
  }

  // ---------------------------------------------------------------- another process

  /**
   * Has the words of another process count, in which it holds and maps buffers. It has no fences,
   * so these end before timelines and jobs.
   */
  public PoolWords withPeer() {
    long byteSize = layout.timelinesPlace() - words.base();
    peerWords = offHeap ? Words.offHeap(byteSize) : new HeapWords(byteSize);
    peerHolds = new BufferStates(peerWords, layout.at(peerWords));
    new Lanes(peerWords, layout.at(peerWords)).claim();
    peers.add(new PeerWords("peer", peerWords, layout.at(peerWords)));
    return this;
  }

  /** {@code LanePort.store}, in the other process. */
  public void storeSlotElsewhere(int buffer) {
    long slot = layout.at(peerWords).slot(0, 0);
    peerWords.setRelease(slot, Lanes.slotWord(buffer, false, 1));
  }

  /** {@code LanePort.empty}, in the other process. */
  public void clearSlotElsewhere() {
    peerWords.setRelease(layout.at(peerWords).slot(0, 0), Lanes.emptyWord(1));
  }

  /** {@code PoolCore.adopt}, in the other process. */
  public void holdElsewhere(int buffer) {
    peerHolds.adopt(buffer, 1);
  }

  /** {@code PoolCore.disown}, in the other process. */
  public void dropElsewhere(int buffer) {
    peerHolds.disown(buffer);
  }

  /** {@link Peers#isHolding}. */
  public boolean isHeldElsewhere(int buffer) {
    return peers.isHolding(buffer);
  }

  // ---------------------------------------------------------------- writing in place

  /** {@code InPlaceWriters.Turn.take}, without its barrier. */
  public boolean beginInPlace(int buffer, int lane) {
    if (!words.compareAndSet(layout.buffer(buffer) + PoolDescriptor.WRITER, 0, lane + 1L)) {
      return false;
    }
    lanes.writersInPlace(1);
    return true;
  }

  /** {@link InPlaceWriters#end}. */
  public void endInPlace(int buffer) {
    words.setRelease(layout.buffer(buffer) + PoolDescriptor.WRITER, 0);
    lanes.writersInPlace(-1);
  }

  /** {@link InPlaceWriters#hasOther}. */
  public boolean hasOtherWriter(int buffer, int lane) {
    long writer = words.getVolatile(layout.buffer(buffer) + PoolDescriptor.WRITER);
    return writer != 0 && writer != lane + 1L;
  }

  /** {@code InPlaceWriters.isUsedByOthers}, where there are only views here. */
  public boolean isMappedByOthers(int buffer, int lane) {
    return lanes.isMapped(buffer, lane);
  }

  /**
   * {@code LanePort.store} and {@code LanePort.admit} with {@code LanePort.attend}, where the lane
   * is not revoked: on return the buffer is mapped and nobody else writes to it in place.
   */
  public void mapDeferring(int lane, int buffer) {
    storeSlot(lane, buffer);
    if (isUndisturbed(lane)) {
      return;
    }
    attend(lane, buffer);
  }

  /** {@code LanePort.attend}, where the lane is not revoked. */
  public void attend(int lane, int buffer) {
    VarHandle.fullFence();
    while (hasOtherWriter(buffer, lane)) {
      clearSlot(lane);
      while (hasOtherWriter(buffer, lane)) {
        Thread.onSpinWait();
      }
      storeSlot(lane, buffer);
      VarHandle.fullFence();
    }
  }
}
