package io.entrepot.internal.sharing;

import io.entrepot.sync.Fence;
import io.entrepot.sync.Usage;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;

/**
 * Where a view is mapped: a slot of a port's lane, or, for a part of a view, nowhere of its own.
 */
public final class MappingSlot {
  private static final int PART = -1;
  private static final AtomicIntegerFieldUpdater<MappingSlot> HELD =
      AtomicIntegerFieldUpdater.newUpdater(MappingSlot.class, "held");
  private static final AtomicIntegerFieldUpdater<MappingSlot> IN_PLACE =
      AtomicIntegerFieldUpdater.newUpdater(MappingSlot.class, "inPlace");

  private final LanePort port;
  private final int number;

  /** Where the slot's word lies. */
  final long offset;

  /** Mappings made in this slot; the port's thread. */
  long use;

  /** Buffer that the slot names now; written by the port's thread. */
  int buffer;

  /** Who owns buffers through this slot, or {@code null}. */
  BufferOwner owner;

  /** Whether the slot stays with its view between mappings. */
  boolean flyweight;

  /**
   * Buffer that the mapping writes to in place, plus 1; 0 when it does not. Whoever takes it out
   * lets readers in again and drops the hold of it: the port's thread, or who has closed its views.
   */
  private volatile int inPlace;

  /** Generation on which a mapping in place has its hold; for who has taken out the buffer. */
  private long inPlaceGeneration;

  /**
   * Buffer of another process's on which the mapping has a hold of its own, plus 1; 0 when it has
   * none. Whoever takes it out drops that hold: the port's thread, or who has closed its views.
   */
  private volatile int held;

  MappingSlot(LanePort port, int number, long offset, long use) {
    this.port = port;
    this.number = number;
    this.offset = offset;
    this.use = use;
  }

  int number() {
    return number;
  }

  /** Notes a hold on a buffer that the port's thread has taken for its mapping here. */
  void hold(int of) {
    HELD.lazySet(this, of + 1);
  }

  /** Takes out the hold, which is the caller's to drop then; its buffer, or -1. */
  int takeHold() {
    int taken = held;
    return taken != 0 && HELD.compareAndSet(this, taken, 0) ? taken - 1 : -1;
  }

  /** Notes that the port's thread writes in place, on a hold, which is to be ended from now on. */
  void beginInPlace(int of, long generation) {
    inPlaceGeneration = generation;
    // Volatile: behind it the thread looks whether its views are about to be closed.
    inPlace = of + 1;
  }

  boolean isInPlace() {
    return inPlace != 0;
  }

  /** Takes out the buffer that is written to in place, which is the caller's to end then; or -1. */
  int takeInPlace() {
    int taken = inPlace;
    return taken != 0 && IN_PLACE.compareAndSet(this, taken, 0) ? taken - 1 : -1;
  }

  /** Generation of the buffer that the caller has {@linkplain #takeInPlace taken out}. */
  long inPlaceGeneration() {
    return inPlaceGeneration;
  }

  MappingSlot part() {
    MappingSlot part = new MappingSlot(port, PART, 0, 0);
    part.buffer = buffer;
    return part;
  }

  /** Whether this is a part's, of a view that has the slot. */
  boolean isPart() {
    return number == PART;
  }

  /** What sums up bytes of this port's views. */
  Checksums checksums() {
    return port.checksums();
  }

  void unmap(MappedView view) {
    if (number == PART) {
      view.unbind();
    } else {
      port.unmap(this, view);
    }
  }

  /** As {@link LanePort#unmap(MappingSlot, MappedView, Fence, Usage)}. */
  void unmap(MappedView view, Fence until, Usage usage) {
    if (number == PART) {
      throw new IllegalStateException(
          "a part of a view has no mapping of its own: close the view with the fence" + where());
    }
    port.unmap(this, view, until, usage);
  }

  String where() {
    return " (importer '"
        + port.attachment().importer().name()
        + "', pool '"
        + port.attachment().pool().name()
        + "', buffer "
        + buffer
        + ")";
  }
}
