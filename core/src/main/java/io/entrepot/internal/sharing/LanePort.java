package io.entrepot.internal.sharing;

import io.entrepot.internal.memory.Words;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.CpuWindow;
import io.entrepot.sharing.MappingLimitException;
import io.entrepot.sharing.MappingType;
import io.entrepot.sharing.Port;
import io.entrepot.sharing.SharedBuffer;
import io.entrepot.sharing.View;
import io.entrepot.sharing.WritableView;
import io.entrepot.sync.Usage;
import java.io.IOException;
import java.lang.invoke.VarHandle;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A thread's lane: stores and clears mapping slots, and binds views to slices.
 *
 * <p><b>Map</b> stores the slot (release), then reads the lane's and the pool's attention words.
 * That order is what {@link io.entrepot.internal.memory.Barrier} makes sufficient against
 * revocation and in-place writers: the rare side raises a word, runs the heavy barrier, then looks
 * at slots. Only when an attention word is raised does mapping pay for a full fence, in {@link
 * #attend}.
 *
 * <p>Everything here but {@link #isOrphaned} and {@link #abandon} belongs to the owner thread.
 */
public final class LanePort implements Port {
  /** Longest time that {@link #map} waits for an in-place writer or a fence. */
  private static final long MAP_LIMIT_NS = TimeUnit.SECONDS.toNanos(10);

  private static final int ALL_SLOTS = (1 << MAPPINGS) - 1;

  /** Single-use flyweights: a reference kept across a re-map throws. */
  private static final boolean CHECKED = Boolean.getBoolean("entrepot.checked");

  private final PoolAttachment attachment;
  private final PoolCore pool;
  private final Words words;
  private final int lane;
  private final long slotsOffset;
  private final long attentionOffset;
  private final long usesOffset;
  private final Thread owner = Thread.currentThread();
  private final MappingSlot[] slots = new MappingSlot[MAPPINGS];
  private final MappedView[] mapped = new MappedView[MAPPINGS];
  private final ChannelTransfer transfer;
  private int freeSlots = ALL_SLOTS;
  private long uses;
  private boolean closed;

  private int ownedBuffer = -1;
  private long ownedGeneration;

  LanePort(PoolAttachment attachment, int lane) {
    this.attachment = attachment;
    this.pool = attachment.pool();
    this.words = pool.words();
    this.lane = lane;
    long base = pool.layout().lane(lane);
    this.slotsOffset = base + PoolDescriptor.SLOTS;
    this.attentionOffset = base + PoolDescriptor.LANE_ATTENTION;
    this.usesOffset = base + PoolDescriptor.USES;
    this.uses = words.getPlain(usesOffset);
    for (int i = 0; i < MAPPINGS; i++) {
      slots[i] = new MappingSlot(this, i);
    }
    this.transfer = new ChannelTransfer(attachment);
  }

  public PoolAttachment attachment() {
    return attachment;
  }

  int lane() {
    return lane;
  }

  /** Throws unless the calling thread owns this port and it is open. */
  public void checkUsable() {
    if (Thread.currentThread() != owner) {
      throw new WrongThreadException(
          "a port of thread '"
              + owner.getName()
              + "' was used by thread '"
              + Thread.currentThread().getName()
              + "'");
    }
    if (closed) {
      throw new IllegalStateException("the port is closed: " + this);
    }
  }

  // ---------------------------------------------------------------- mapping

  @Override
  public View map(SharedBuffer buffer) {
    attachment.require(MappingType.VIEW, Access.READ);
    return mapReference((HeldBuffer) buffer, new MappedView(claimSlot()), false);
  }

  @Override
  public WritableView mapForWriting(SharedBuffer buffer) {
    attachment.require(MappingType.VIEW, Access.WRITE);
    HeldBuffer held = (HeldBuffer) buffer;
    if (BufferStates.kind(pool.states().acquire(held.index())) == BufferStates.PUBLISHED) {
      throw new IllegalStateException(held + " is published; write in place to it with mapInPlace");
    }
    return mapReference(held, new WritableMappedView(claimSlot()), true);
  }

  /**
   * Maps under a reference that another thread might close meanwhile: the slot is stored with a
   * full fence and the reference looked at again behind it. If it still stands, its hold is dropped
   * after our slot became visible, and so is any reclaim.
   */
  private <V extends MappedView> V mapReference(HeldBuffer held, V view, boolean write) {
    MappingSlot slot = view.slot();
    int buffer = checkPool(held, slot).index();
    store(slot, buffer, held.generation(), write);
    VarHandle.fullFence();
    long state = pool.states().volatileState(buffer);
    if (held.isDropped()
        || !BufferStates.isLive(state)
        || BufferStates.generation(state) != held.generation()) {
      release(slot);
      throw held.stale();
    }
    if (!attend(slot, buffer, held.generation(), write, MAP_LIMIT_NS)) {
      release(slot);
      throw new IllegalStateException(
          held + " stayed busy for " + TimeUnit.NANOSECONDS.toSeconds(MAP_LIMIT_NS) + " s");
    }
    show(slot, view, write);
    return view;
  }

  private HeldBuffer checkPool(HeldBuffer held, MappingSlot slot) {
    if (held.pool() != pool) {
      release(slot);
      throw new IllegalArgumentException(
          held + " is not of pool '" + pool.name() + "', to which this port belongs");
    }
    return held;
  }

  @Override
  public WritableView mapInPlace(SharedBuffer buffer, long timeoutNs) {
    attachment.require(MappingType.VIEW, Access.WRITE);
    HeldBuffer held = (HeldBuffer) buffer;
    WritableMappedView view = new WritableMappedView(claimSlot());
    MappingSlot slot = view.slot();
    int index = checkPool(held, slot).index();
    if (!pool.beginInPlace(index, lane)) {
      release(slot);
      return null;
    }
    boolean alone =
        pool.freed().await(() -> !pool.isUsedByOthers(index, lane), timeoutNs)
            && pool.reservations().await(pool.layout().buffer(index), Usage.READ, timeoutNs);
    if (!alone) {
      pool.endInPlace(index);
      release(slot);
      return null;
    }
    try {
      mapReference(held, view, true);
    } catch (RuntimeException e) {
      pool.endInPlace(index);
      throw e;
    }
    slot.inPlace = true;
    return view;
  }

  /** A slot for a view that a port keeps and maps again and again. */
  public MappingSlot flyweightSlot() {
    MappingSlot slot = claimSlot();
    slot.flyweight = true;
    return slot;
  }

  /** An unmapped flyweight for reading. */
  public MappedView flyweight(MappingSlot slot) {
    return new MappedView(slot);
  }

  /** An unmapped flyweight for writing. */
  public WritableMappedView writableFlyweight(MappingSlot slot) {
    return new WritableMappedView(slot);
  }

  /**
   * Stores the slot of a mapping whose buffer the caller protects; nothing is shown yet.
   *
   * @see #admit
   */
  public void store(MappingSlot slot, int buffer, long generation, boolean write) {
    slot.buffer = buffer;
    long use = ++uses;
    words.setOpaque(usesOffset, use);
    words.setRelease(slotOffset(slot), Lanes.slotWord(buffer, generation, write, use));
  }

  /**
   * Second half of a map: after {@link #store}, looks whether somebody wants attention and whether
   * fences are pending.
   *
   * @return false when the time was over; the slot is stored all the same, to be released
   */
  public boolean admit(
      MappingSlot slot, int buffer, long generation, boolean write, long timeoutNs) {
    long attention = words.getOpaque(attentionOffset) | words.getOpaque(PoolDescriptor.ATTENTION);
    if (attention == 0 && pool.reservations().isUnused(pool.layout().buffer(buffer))) {
      return true;
    }
    return attend(slot, buffer, generation, write, timeoutNs);
  }

  private boolean attend(
      MappingSlot slot, int buffer, long generation, boolean write, long timeoutNs) {
    VarHandle.fullFence();
    long startNs = System.nanoTime();
    while (true) {
      if (words.getVolatile(attentionOffset) != 0) {
        release(slot);
        attachment.checkAttached();
        throw attachment.revoked();
      }
      long leftNs = timeoutNs - (System.nanoTime() - startNs);
      if (!pool.hasOtherWriter(buffer, lane)) {
        return pool.reservations()
            .await(pool.layout().buffer(buffer), Usage.awaitedBy(write), leftNs);
      }
      // A writer is at work in place. Readers defer: take the slot back, wait, store it again.
      words.setRelease(slotOffset(slot), 0);
      pool.freed().signal();
      boolean gone = pool.freed().await(() -> !pool.hasOtherWriter(buffer, lane), leftNs);
      store(slot, buffer, generation, write);
      VarHandle.fullFence();
      if (!gone) {
        return false;
      }
    }
  }

  /** Last part of a map: binds a view to the bytes. */
  public void show(MappingSlot slot, MappedView view, boolean write) {
    mapped[slot.number()] = view;
    view.bind(attachment.slice(slot.buffer, write));
  }

  /** Ends the mapping of a flyweight, keeping its slot. */
  public void unmapFlyweight(MappingSlot slot, MappedView view) {
    view.unbind();
    words.setRelease(slotOffset(slot), 0);
    pool.freed().signal();
  }

  /**
   * Lets a flyweight's mapping go on as a view of its own, which gives the slot back at its close.
   */
  public void keepMapped(MappingSlot slot) {
    slot.flyweight = false;
  }

  void unmap(MappingSlot slot, MappedView view) {
    view.unbind();
    if (slot.flyweight) {
      words.setRelease(slotOffset(slot), 0);
      pool.freed().signal();
      return;
    }
    release(slot);
    if (slot.inPlace) {
      slot.inPlace = false;
      pool.endInPlace(slot.buffer);
    }
  }

  /** Clears a slot and gives it back. */
  public void release(MappingSlot slot) {
    words.setRelease(slotOffset(slot), 0);
    mapped[slot.number()] = null;
    freeSlots |= 1 << slot.number();
    pool.freed().signal();
  }

  private MappingSlot claimSlot() {
    checkUsable();
    int number = Integer.numberOfTrailingZeros(freeSlots);
    if (number >= MAPPINGS) {
      throw new MappingLimitException(
          "all " + MAPPINGS + " mappings of " + this + " are open; close some");
    }
    freeSlots &= ~(1 << number);
    return slots[number];
  }

  private long slotOffset(MappingSlot slot) {
    return slotsOffset + (long) slot.number() * Words.WORD_BYTES;
  }

  // ---------------------------------------------------------------- owning, for the layer above

  /** Notes that this port owns a buffer, or with -1 that it owns none any more. */
  public void owns(int buffer, long generation) {
    ownedBuffer = buffer;
    ownedGeneration = generation;
    if (buffer >= 0) {
      pool.holder(buffer, lane);
      words.addOwned(pool.layout().lane(lane) + PoolDescriptor.ACQUIRES, 1);
    }
  }

  /** Frees the owned buffer straight away if nobody else has a claim on it, else drops the hold. */
  public boolean releaseOwned(long ownedState) {
    int buffer = ownedBuffer;
    ownedBuffer = -1;
    words.addOwned(pool.layout().lane(lane) + PoolDescriptor.RELEASES, 1);
    boolean alone =
        !pool.exporter().zeroesOnReuse()
            && pool.reservations().isUnused(pool.layout().buffer(buffer))
            && pool.states().owned2free(buffer, ownedState);
    if (alone) {
      pool.freed().signal();
    } else {
      pool.unhold(buffer, ownedGeneration);
    }
    return alone;
  }

  /** Passes the owned buffer's hold to so many holders in queues. */
  public void publishOwned(long ownedState, int holders) {
    words.addOwned(pool.layout().lane(lane) + PoolDescriptor.PUBLISHES, 1);
    pool.states().owned2published(ownedBuffer, ownedState, holders);
    ownedBuffer = -1;
  }

  Optional<String> ownedBuffer() {
    int buffer = ownedBuffer;
    return buffer < 0 ? Optional.empty() : Optional.of("buffer " + buffer + " owned by " + this);
  }

  // ---------------------------------------------------------------- windows and channels

  @Override
  public CpuWindow cpuWindow(SharedBuffer buffer) {
    checkUsable();
    Access access = attachment.granted().access();
    attachment.require(MappingType.CPU_WINDOW, access);
    attachment.checkAttached();
    HeldBuffer held = (HeldBuffer) buffer;
    if (!pool.hold(held.index(), held.generation())) {
      throw held.stale();
    }
    BracketedWindow window =
        new BracketedWindow(attachment, held.index(), held.generation(), access);
    attachment.beginUse(window);
    try {
      pool.exporter().beginCpuAccess(pool.memory(held.index()), access);
    } catch (RuntimeException e) {
      attachment.endUse(window);
      pool.unhold(held.index(), held.generation());
      throw e;
    }
    pool.count(PoolCounter.WINDOWS, 1);
    return window;
  }

  @Override
  public long readFrom(ReadableByteChannel channel, SharedBuffer buffer, long offset, long length)
      throws IOException {
    checkUsable();
    return transfer.readFrom(channel, (HeldBuffer) buffer, offset, length);
  }

  @Override
  public long writeTo(WritableByteChannel channel, SharedBuffer buffer, long offset, long length)
      throws IOException {
    checkUsable();
    return transfer.writeTo(channel, (HeldBuffer) buffer, offset, length);
  }

  @Override
  public long readFrom(
      FileChannel file, long position, SharedBuffer buffer, long offset, long length)
      throws IOException {
    checkUsable();
    return transfer.readFrom(file, position, (HeldBuffer) buffer, offset, length);
  }

  @Override
  public long writeTo(
      FileChannel file, long position, SharedBuffer buffer, long offset, long length)
      throws IOException {
    checkUsable();
    return transfer.writeTo(file, position, (HeldBuffer) buffer, offset, length);
  }

  // ---------------------------------------------------------------- the end

  @Override
  public void close() {
    if (closed) {
      return;
    }
    checkUsable();
    closed = true;
    pool.ports().compareAndSet(lane, this, null);
    letGo();
  }

  private void letGo() {
    for (MappingSlot slot : slots) {
      MappedView view = mapped[slot.number()];
      if (view != null) {
        view.unbind();
        mapped[slot.number()] = null;
      }
      words.setRelease(slotOffset(slot), 0);
      if (slot.inPlace) {
        slot.inPlace = false;
        pool.endInPlace(slot.buffer);
      }
    }
    if (ownedBuffer >= 0) {
      pool.unhold(ownedBuffer, ownedGeneration);
      ownedBuffer = -1;
    }
    attachment.forget(this);
    pool.lanes().free(lane);
    pool.freed().signal();
  }

  /** Whether the owner thread has ended without closing this port. */
  boolean isOrphaned() {
    return !owner.isAlive() && owner.getState() == Thread.State.TERMINATED;
  }

  /** Closes the port of a thread that has ended, on another thread: nobody else can use it. */
  void abandon() {
    closed = true;
    letGo();
  }

  /** Whether flyweights are made anew for each mapping. */
  public static boolean isChecked() {
    return CHECKED;
  }

  @Override
  public String toString() {
    return "port "
        + lane
        + " of importer '"
        + attachment.importer().name()
        + "' (thread '"
        + owner.getName()
        + ")";
  }
}
