package io.entrepot.sync;

import io.entrepot.internal.sync.ReservationSlots;
import java.time.Duration;

/**
 * The fences of one buffer, each with a {@link Usage}: who is still at work on the memory, and how.
 *
 * <p>Modelled on the kernel's {@code dma_resv}, without its lock: capacity is reserved first as one
 * concrete slot, so that adding a fence is one store which cannot fail.
 *
 * <p><b>Threads.</b> All methods may be called by any thread and are lock-free, but for {@link
 * #await}, which says that it waits.
 */
public sealed interface Reservation permits ReservationSlots.OfBuffer {

  /** Fences that one reservation can hold at a time. */
  int CAPACITY = ReservationSlots.CAPACITY;

  /**
   * Claims a slot for a fence to come. The claim keeps the buffer from being reused, as a pending
   * fence does, until a fence is added in it or {@link #cancel(int)} gives it back.
   *
   * @return the slot to pass to {@link #add}
   * @throws IllegalStateException when all {@link #CAPACITY} slots hold claims or pending fences
   */
  int reserve();

  /** Gives back a claimed slot in which no fence was added. */
  void cancel(int slot);

  /**
   * Puts a fence into a claimed slot.
   *
   * @param slot a slot from {@link #reserve()}, used once
   * @param timeline the fence's timeline; must be of this buffer's domain
   * @param point the fence's point on it, which was issued
   * @param usage what the fence protects
   * @throws IllegalArgumentException when the timeline is of another domain
   * @throws IllegalStateException when the slot is not claimed
   */
  void add(int slot, Timeline timeline, long point, Usage usage);

  /** As {@link #add(int, Timeline, long, Usage)}, for a fence that is at hand as an object. */
  void add(int slot, Fence fence, Usage usage);

  /** Reserves a slot and adds a fence in it. */
  default void add(Fence fence, Usage usage) {
    add(reserve(), fence, usage);
  }

  /** Whether no fence that a query for {@code usage} sees is pending. */
  boolean isSignaled(Usage usage);

  /**
   * Waits until no fence that a query for {@code usage} sees is pending. Fences that are added
   * while it waits are waited for too.
   *
   * @return false when the time was over or the thread interrupted (the interrupt stays set)
   */
  boolean await(Usage usage, Duration timeout);

  /** Pending fences that a query for {@code usage} sees. */
  int pending(Usage usage);

  /** The pending fences with usage, timeline and point, for people. */
  String describe();
}
