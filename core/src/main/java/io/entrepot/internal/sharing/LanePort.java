package io.entrepot.internal.sharing;

import io.entrepot.internal.memory.Words;
import io.entrepot.internal.sync.ReservationSlots;
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
import java.lang.foreign.MemorySegment;
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
  private final long tenancy;
  private final long attentionPlace;
  private final long fencesPlace;
  private final long armedPlace;
  private final Thread thread = Thread.currentThread();
  private final MappingSlot[] slots = new MappingSlot[MAPPINGS];
  private final MappedView[] mapped = new MappedView[MAPPINGS];
  private final ChannelTransfer transfer;
  private int freeSlots = ALL_SLOTS;
  private boolean closed;
  private Runnable onAbandon = () -> {};

  /** What this port has of its own, or {@code null}. */
  private BufferOwner owner;

  LanePort(PoolAttachment attachment, int lane) {
    this.attachment = attachment;
    this.pool = attachment.pool();
    this.words = pool.words();
    this.lane = lane;
    this.tenancy = pool.lanes().tenancy(lane);
    long base = pool.layout().lane(lane);
    this.attentionPlace = pool.layout().attention(lane);
    this.fencesPlace = pool.layout().buffer(0) + PoolDescriptor.FENCES;
    this.armedPlace = pool.layout().header(PoolDescriptor.ARMED);
    for (int i = 0; i < MAPPINGS; i++) {
      long offset = base + PoolDescriptor.SLOTS + (long) i * Words.WORD_BYTES;
      slots[i] = new MappingSlot(this, i, offset, Lanes.uses(words.getPlain(offset)));
    }
    this.transfer = new ChannelTransfer(attachment);
  }

  public PoolAttachment attachment() {
    return attachment;
  }

  int lane() {
    return lane;
  }

  /** Makes every later map of this port find itself revoked. */
  void alert() {
    pool.lanes().alert(lane, tenancy);
  }

  /** Takes this port's mappings out of sight, when its views can touch nothing any more. */
  void kill() {
    pool.lanes().kill(lane, tenancy);
  }

  /** Throws unless the calling thread owns this port and it is open. */
  public void checkUsable() {
    if (Thread.currentThread() != thread) {
      throw new WrongThreadException(
          "a port of thread '"
              + thread.getName()
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
    HeldBuffer held = ((HeldBuffer) buffer).checkOpenIn(pool);
    return mapReference(held, new MappedView(claimSlot()), false);
  }

  @Override
  public WritableView mapForWriting(SharedBuffer buffer) {
    attachment.require(MappingType.VIEW, Access.WRITE);
    HeldBuffer held = ((HeldBuffer) buffer).checkOpenIn(pool);
    return mapReference(held, new WritableMappedView(claimSlot()), true);
  }

  /**
   * Maps under a reference that another thread might close meanwhile: the slot is stored with a
   * full fence and the reference looked at again behind it. If it still stands, its hold is dropped
   * after our slot became visible, and so is any reclaim. Waiting for a writer in place takes the
   * slot back for a while, so the reference is looked at once more after that.
   */
  private <V extends MappedView> V mapReference(HeldBuffer held, V view, boolean write) {
    MappingSlot slot = view.slot();
    boolean done = false;
    try {
      store(slot, held.index(), write);
      VarHandle.fullFence();
      checkCurrent(held, write && !slot.inPlace);
      if (!attend(slot, held.index(), write, MAP_LIMIT_NS)) {
        throw new IllegalStateException(
            held + " stayed busy for " + TimeUnit.NANOSECONDS.toSeconds(MAP_LIMIT_NS) + " s");
      }
      checkCurrent(held, write && !slot.inPlace);
      show(slot, view, write);
      done = true;
      return view;
    } finally {
      if (!done) {
        release(slot);
      }
    }
  }

  /**
   * Throws unless the reference stands, and, where asked, its buffer is still its owner's to write.
   */
  private void checkCurrent(HeldBuffer held, boolean asOwner) {
    long state = pool.states().volatileState(held.index());
    if (held.isDropped()
        || !BufferStates.isLive(state)
        || BufferStates.generation(state) != held.generation()) {
      throw held.stale();
    }
    if (asOwner && BufferStates.kind(state) != BufferStates.OWNED) {
      throw new IllegalStateException(held + " is published; write in place to it with mapInPlace");
    }
  }

  @Override
  public WritableView mapInPlace(SharedBuffer buffer, long timeoutNs) {
    attachment.require(MappingType.VIEW, Access.WRITE);
    HeldBuffer held = ((HeldBuffer) buffer).checkOpenIn(pool);
    WritableMappedView view = new WritableMappedView(claimSlot());
    MappingSlot slot = view.slot();
    int index = held.index();
    // A hold of our own: the writer word must never name a buffer that was reused meanwhile.
    if (!pool.hold(index, held.generation())) {
      release(slot);
      throw held.stale();
    }
    boolean done = false;
    try {
      slot.inPlace = pool.beginInPlace(index, lane);
      done = slot.inPlace && awaitAlone(index, timeoutNs) && mapReference(held, view, true) == view;
      return done ? view : null;
    } finally {
      if (!done) {
        if (slot.inPlace) {
          slot.inPlace = false;
          pool.endInPlace(index);
        }
        pool.unhold(index, held.generation());
        release(slot);
      } else {
        slot.heldGeneration = held.generation();
      }
    }
  }

  private boolean awaitAlone(int buffer, long timeoutNs) {
    long startNs = System.nanoTime();
    return pool.freed().await(() -> !pool.isUsedByOthers(buffer, lane), timeoutNs)
        && pool.reservations()
            .await(
                pool.layout().buffer(buffer),
                Usage.READ,
                timeoutNs - (System.nanoTime() - startNs));
  }

  private void endInPlace(MappingSlot slot) {
    slot.inPlace = false;
    pool.endInPlace(slot.buffer);
    pool.unhold(slot.buffer, slot.heldGeneration);
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

  /**
   * Stores the slot of a mapping whose buffer the caller protects; nothing is shown yet.
   *
   * @see #admit
   */
  public void store(MappingSlot slot, int buffer, boolean write) {
    slot.buffer = buffer;
    words.setRelease(slot.offset, Lanes.slotWord(buffer, write, ++slot.use));
  }

  /**
   * Second half of a map: after {@link #store}, looks whether somebody wants attention and whether
   * fences are pending.
   *
   * @return false when the time was over; the slot is stored all the same, to be released
   */
  public boolean admit(MappingSlot slot, int buffer, boolean write, long timeoutNs) {
    if (!isDisturbed()
        && ReservationSlots.isUnusedWord(
            words.getAcquire(fencesPlace + buffer * PoolDescriptor.BUFFER_BYTES))) {
      // A writer in place that has just ended is known by its 0: what it wrote comes before this.
      VarHandle.acquireFence();
      return true;
    }
    return attend(slot, buffer, write, timeoutNs);
  }

  /** Whether somebody may want this port's attention. A map looks behind its slot's store. */
  boolean isDisturbed() {
    return words.getOpaque(attentionPlace) != 0;
  }

  /**
   * Whether this port's attachment is revoked, closed or being closed. An alert that is none of
   * these is of a close that was refused, and is taken down here: by this thread alone, which looks
   * at the attachment again behind that, so that it never acts on an alert of a revocation less.
   */
  boolean isShut() {
    if (!pool.lanes().isAlerted(lane, tenancy)) {
      return false;
    }
    if (attachment.isAttached()) {
      pool.lanes().calm(lane, tenancy);
      if (attachment.isAttached()) {
        return false;
      }
      alert();
    }
    return true;
  }

  private boolean attend(MappingSlot slot, int buffer, boolean write, long timeoutNs) {
    VarHandle.fullFence();
    // The clock costs more than all of the rest: it is read only when there is something to wait
    // for.
    if (!isShut()
        && !pool.hasOtherWriter(buffer, lane)
        && pool.reservations().isUnused(pool.layout().buffer(buffer))) {
      return true;
    }
    long startNs = System.nanoTime();
    while (true) {
      if (isShut()) {
        words.setRelease(slot.offset, Lanes.emptyWord(slot.use));
        pool.freed().signal();
        attachment.checkAttached();
        // A close that was refused by now.
        store(slot, buffer, write);
        VarHandle.fullFence();
        continue;
      }
      long leftNs = timeoutNs - (System.nanoTime() - startNs);
      if (!pool.hasOtherWriter(buffer, lane)) {
        return pool.reservations()
            .await(pool.layout().buffer(buffer), Usage.awaitedBy(write), leftNs);
      }
      // A writer is at work in place. Readers defer: take the slot back, wait, store it again.
      words.setRelease(slot.offset, Lanes.emptyWord(slot.use));
      pool.freed().signal();
      boolean gone = pool.freed().await(() -> !pool.hasOtherWriter(buffer, lane), leftNs);
      store(slot, buffer, write);
      VarHandle.fullFence();
      if (!gone) {
        return false;
      }
    }
  }

  /** Last part of a map: binds a view to the bytes. */
  public void show(MappingSlot slot, MappedView view, boolean write) {
    if (!view.rebind(slot.buffer)) {
      bind(slot, view, write);
    }
  }

  private void bind(MappingSlot slot, MappedView view, boolean write) {
    MemorySegment slice = null;
    try {
      slice = attachment.slice(slot.buffer, write);
    } finally {
      if (slice == null) {
        words.setRelease(slot.offset, Lanes.emptyWord(slot.use));
        pool.freed().signal();
      }
    }
    shown(slot, view, slice);
  }

  /** Binds a view to the bytes of its slot's buffer. */
  void shown(MappingSlot slot, MappedView view, MemorySegment slice) {
    mapped[slot.number()] = view;
    view.bind(slot.buffer, slice);
  }

  /** Ends the mapping of a flyweight, keeping its slot. */
  public void unmapFlyweight(MappingSlot slot, MappedView view) {
    view.unbind();
    words.setRelease(slot.offset, Lanes.emptyWord(slot.use));
    if (words.getOpaque(armedPlace) != 0) {
      pool.freed().signal();
    }
  }

  /**
   * Lets a flyweight's mapping go on as a view of its own, which gives the slot back at its close.
   */
  public void keepMapped(MappingSlot slot) {
    slot.flyweight = false;
  }

  void unmap(MappingSlot slot, MappedView view) {
    view.unbind();
    if (slot.owner != null) {
      slot.owner.unmap();
      return;
    }
    if (slot.flyweight) {
      words.setRelease(slot.offset, Lanes.emptyWord(slot.use));
      pool.freed().signal();
      return;
    }
    if (slot.inPlace) {
      words.setRelease(slot.offset, Lanes.emptyWord(slot.use));
      endInPlace(slot);
    }
    release(slot);
  }

  /** Clears a slot and gives it back. */
  public void release(MappingSlot slot) {
    words.setRelease(slot.offset, Lanes.emptyWord(slot.use));
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

  // ---------------------------------------------------------------- owning

  void owner(BufferOwner owning) {
    owner = owning;
  }

  BufferOwner owner() {
    return owner;
  }

  Optional<String> ownedBuffer() {
    return owner == null ? Optional.empty() : owner.describe();
  }

  // ---------------------------------------------------------------- windows and channels

  @Override
  public CpuWindow cpuWindow(SharedBuffer buffer) {
    checkUsable();
    Access access = attachment.granted().access();
    attachment.require(MappingType.CPU_WINDOW, access);
    attachment.checkAttached();
    HeldBuffer held = ((HeldBuffer) buffer).checkOpenIn(pool);
    if (!pool.hold(held.index(), held.generation())) {
      throw held.stale();
    }
    BracketedWindow window =
        new BracketedWindow(attachment, held.index(), held.generation(), access);
    attachment.beginUse(window, access);
    window.begin();
    pool.numbers().count(PoolCounter.WINDOWS, 1);
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
      if (slot.owner == null) {
        words.setRelease(slot.offset, Lanes.emptyWord(slot.use));
      }
      if (slot.inPlace) {
        endInPlace(slot);
      }
    }
    if (owner != null) {
      owner.letGo();
      pool.numbers().closing(owner);
    }
    attachment.forget(this);
    pool.lanes().free(lane, tenancy);
    pool.freed().signal();
  }

  /** Whether the owner thread has ended without closing this port. */
  boolean isOrphaned() {
    return !thread.isAlive() && thread.getState() == Thread.State.TERMINATED;
  }

  /** Closes the port of a thread that has ended, on another thread: nobody else can use it. */
  void abandon() {
    closed = true;
    letGo();
    onAbandon.run();
  }

  /** What the layer above does when this port is taken back from a thread that has ended. */
  public void onAbandon(Runnable action) {
    onAbandon = action;
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
        + thread.getName()
        + "')";
  }
}
