package io.entrepot.internal.sharing;

import io.entrepot.internal.buffers.Lanes;
import io.entrepot.internal.buffers.Places;
import io.entrepot.internal.buffers.PoolDescriptor;
import io.entrepot.internal.memory.WaitList;
import io.entrepot.internal.memory.Words;
import io.entrepot.internal.sync.ReservationSlots;
import io.entrepot.sharing.MappingLimitException;
import io.entrepot.sync.Fence;
import io.entrepot.sync.Usage;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.util.Optional;

/**
 * A thread's lane: stores and clears mapping slots, and binds views to slices.
 *
 * <p><b>Map</b> stores the slot (release), then reads the lane's attention word (acquire). That
 * order is what {@link io.entrepot.internal.memory.Barrier} makes sufficient against revocation and
 * writers in place: the rare side raises the words of the lanes that it concerns, runs the heavy
 * barrier, then looks at slots. Only when its word is raised does mapping pay for a full fence, in
 * {@link Admission}.
 *
 * <p>Everything here but {@link #isOrphaned} and {@link #abandon} belongs to the owner thread.
 */
public final class LanePort extends PortCalls {
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
  private final Places places;

  /** Where threads of another process may listen for what is let go of here; else {@code null}. */
  private final WaitList told;

  private final Thread thread = Thread.currentThread();
  private final MappingSlot[] slots = new MappingSlot[MAPPINGS];
  private final MappedView[] mapped = new MappedView[MAPPINGS];
  private final Admission admission;
  private final ReferenceMapper mapper;
  private int freeSlots = ALL_SLOTS;
  private boolean closed;
  private Runnable onAbandon = () -> {};

  /** What this port has of its own, or {@code null}. */
  private BufferOwner owner;

  /** Made when bytes are first summed up. */
  private Checksums checksums;

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
    this.told = pool.imported() == null && pool.grant() == null ? null : pool.freed();
    this.places = pool.memories().places();
    for (int i = 0; i < MAPPINGS; i++) {
      long offset = base + PoolDescriptor.SLOTS + (long) i * Words.WORD_BYTES;
      slots[i] = new MappingSlot(this, i, offset, Lanes.uses(words.getPlain(offset)));
    }
    this.admission = new Admission(this, tenancy);
    this.mapper = new ReferenceMapper(this, admission);
  }

  @Override
  public PoolAttachment attachment() {
    return attachment;
  }

  @Override
  ReferenceMapper mapper() {
    return mapper;
  }

  int lane() {
    return lane;
  }

  /** Makes every later map of this port find itself revoked. */
  void alert() {
    pool.lanes().alert(lane, tenancy);
  }

  /**
   * Takes this port's mappings out of sight, when its views can touch nothing any more. A map that
   * has not stored its hold yet finds itself alerted, and drops it.
   */
  void kill() {
    for (MappingSlot slot : slots) {
      mapper.loseInPlace(slot);
    }
    pool.lanes().kill(lane, tenancy);
    for (MappingSlot slot : slots) {
      dropHold(slot);
    }
  }

  @Override
  public void checkUsable() {
    checkThread();
    if (closed) {
      throw new IllegalStateException("the port is closed: " + this);
    }
  }

  private void checkThread() {
    if (Thread.currentThread() != thread) {
      throw new WrongThreadException(
          "a port of thread '"
              + thread.getName()
              + "' was used by thread '"
              + Thread.currentThread().getName()
              + "'");
    }
  }

  // ---------------------------------------------------------------- mapping

  /** A slot for a view that a port keeps and maps again and again. */
  public MappingSlot flyweightSlot() {
    MappingSlot slot = claimSlot();
    slot.flyweight = true;
    return slot;
  }

  /** What sums up bytes of this port's views. */
  Checksums checksums() {
    if (checksums == null) {
      checksums = new Checksums(pool.buffers());
    }
    return checksums;
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
   * @return false when the time was over, or the buffer is half overwritten; the slot is stored all
   *     the same, to be released
   */
  public boolean admit(MappingSlot slot, int buffer, boolean write, long timeoutNs) {
    if (!isDisturbed()
        && ReservationSlots.isUnusedWord(
            words.getAcquire(fencesPlace + buffer * PoolDescriptor.BUFFER_BYTES))) {
      // A writer in place that has just ended is known by its 0: what it wrote comes before this.
      VarHandle.acquireFence();
      return true;
    }
    return admission.attend(slot, buffer, write, Usage.awaitedBy(write), timeoutNs);
  }

  /**
   * Whether somebody may want this port's attention. A map looks behind its slot's store, and with
   * acquire: a writer in place that has ended may have added a fence, which is looked at next.
   */
  boolean isDisturbed() {
    return words.getAcquire(attentionPlace) != 0;
  }

  /** See {@link Admission#isShut}. */
  boolean isShut() {
    return admission.isShut();
  }

  /** Last part of a map: binds a view to the bytes, of a buffer that is protected by now. */
  public void show(MappingSlot slot, MappedView view, boolean write) {
    long place = places.of(slot.buffer);
    if (!view.rebind(place)) {
      bind(slot, view, place, write);
    }
  }

  private void bind(MappingSlot slot, MappedView view, long place, boolean write) {
    MemorySegment slice = null;
    try {
      slice = attachment.slice(place, write);
    } finally {
      if (slice == null) {
        empty(slot);
      }
    }
    shown(slot, view, place, slice);
  }

  /** Binds a view to the bytes of its slot's buffer. */
  void shown(MappingSlot slot, MappedView view, long place, MemorySegment slice) {
    // Of a flyweight it is there already: no write barrier of a collector for nothing.
    if (mapped[slot.number()] != view) {
      mapped[slot.number()] = view;
    }
    view.bind(place, slice);
  }

  /** Ends the mapping of a flyweight, keeping its slot. */
  public void unmapFlyweight(MappingSlot slot, MappedView view) {
    view.unbind();
    words.setRelease(slot.offset, Lanes.emptyWord(slot.use));
    if (words.getOpaque(armedPlace) != 0 || (told != null && told.isListenedTo())) {
      pool.freed().signal();
    }
  }

  /**
   * Lets a flyweight's mapping go on as a view of its own, which gives the slot back at its close.
   */
  public void keepMapped(MappingSlot slot) {
    slot.flyweight = false;
  }

  /** Gives a mapping a hold of its own, which the caller has taken on another process's buffer. */
  void holds(MappingSlot slot, int buffer) {
    slot.hold(buffer);
  }

  /** Drops the hold that a mapping has of its own, if it has one. */
  void dropHold(MappingSlot slot) {
    int held = slot.takeHold();
    if (held >= 0) {
      pool.disown(held);
    }
  }

  /** Ends a mapping whose buffer is still worked on until a fence is signaled. */
  void unmap(MappingSlot slot, MappedView view, Fence until, Usage usage) {
    if (slot.owner != null) {
      throw new IllegalStateException(
          "work on a buffer that was acquired through a port cannot outlast its mapping, for it"
              + " would be kept or given back without a look at fences: acquire a reference"
              + " instead, and publish that");
    }
    pool.mappedReservation(slot.buffer, view::isOpen).importFence(until, usage);
    unmap(slot, view);
  }

  void unmap(MappingSlot slot, MappedView view) {
    view.unbind();
    if (slot.owner != null) {
      slot.owner.unmap();
      return;
    }
    if (slot.flyweight) {
      empty(slot);
      return;
    }
    if (slot.isInPlace()) {
      words.setRelease(slot.offset, Lanes.emptyWord(slot.use));
      mapper.endInPlace(slot);
    }
    release(slot);
  }

  /** Clears a slot and gives it back. */
  public void release(MappingSlot slot) {
    mapped[slot.number()] = null;
    freeSlots |= 1 << slot.number();
    empty(slot);
    dropHold(slot);
  }

  /** Clears a slot, for its own view to be mapped in again. */
  void empty(MappingSlot slot) {
    words.setRelease(slot.offset, Lanes.emptyWord(slot.use));
    pool.freed().signal();
  }

  MappingSlot claimSlot() {
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

  // ---------------------------------------------------------------- the end

  /**
   * Throws unless the calling thread may close this, or has done so. Code of others may run while a
   * buffer is looked for, an idle strategy's or an exporter's: behind a close the lane is the next
   * tenant's.
   */
  public void checkClosable() {
    checkThread();
    if (!closed && owner != null && owner.isTaking()) {
      throw new IllegalStateException(
          "a buffer is being acquired through "
              + this
              + ": close it when that is done, not from code that runs meanwhile, such as an idle"
              + " strategy");
    }
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    checkClosable();
    closed = true;
    pool.ports().closing(lane, this);
    letGo(false);
  }

  /** Gives all back; what it was writing in place may be lost in the midst of that. */
  private void letGo(boolean isLost) {
    for (MappingSlot slot : slots) {
      MappedView view = mapped[slot.number()];
      if (view != null) {
        view.unbind();
        mapped[slot.number()] = null;
      }
      if (slot.owner == null) {
        words.setRelease(slot.offset, Lanes.emptyWord(slot.use));
      }
      if (isLost) {
        mapper.loseInPlace(slot);
      } else {
        mapper.endInPlace(slot);
      }
      dropHold(slot);
    }
    if (owner != null) {
      owner.letGo();
      pool.numbers().closing(lane, owner.acquires(), owner.releases());
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
    letGo(true);
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
