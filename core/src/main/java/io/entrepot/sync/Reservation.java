package io.entrepot.sync;

import io.entrepot.internal.sync.BufferReservation;
import io.entrepot.internal.sync.ReservationSlots;
import java.time.Duration;

/**
 * The fences of one buffer, each with a {@link Usage}: who is still at work on the memory, and how.
 *
 * <p>Modelled on the kernel's {@code dma_resv}, without its lock. Where the kernel reserves room
 * for a number of fences, {@link #reserve()} claims one concrete slot, so that adding a fence later
 * is one store which cannot fail; where nothing has to be certain before, {@link #add(Fence,
 * Usage)} does both at once.
 *
 * <p><b>Capacity.</b> There are {@value ReservationSlots#CAPACITY} slots. A later fence of a
 * timeline takes over the slot of an earlier one when it is added with the same usage or one that
 * more have to wait for, so timelines that add and signal need one slot for each usage, however
 * many fences they have pending. A signaled fence's slot is free. What finds no slot throws, names
 * the fences that are in the way, and changes nothing.
 *
 * <p><b>Order.</b> An older fence of a timeline never replaces a newer one.
 *
 * <p><b>Another process's buffer.</b> Queries, waits and snapshots see the fences of the process
 * that exports it too; what is added or changed here are this process's own ({@code
 * io.entrepot.reach.RemotePool}).
 *
 * <p><b>Threads.</b> All methods may be called by any thread and are lock-free, but for {@link
 * #await}, which says that it waits. Those that add throw {@link IllegalStateException} when the
 * reference or view that was asked for this is closed, whoever else has the buffer. Where it is
 * closed meanwhile the fence may be waited for by the buffer's other holders, or the next one, and
 * protects nothing.
 *
 * <p><b>Memory effects.</b> What a thread did before it added a fence happens-before what another
 * does after a query of this reservation saw it.
 */
public sealed interface Reservation permits BufferReservation {

  /** Fences that one reservation can hold at a time. */
  int CAPACITY = ReservationSlots.CAPACITY;

  /**
   * Claims a slot for a fence to come. The claim keeps the buffer from being reused, as a pending
   * fence does, until a fence is added in it or {@link #cancel(int)} gives it back.
   *
   * @return the slot to pass to {@link #add(int, Fence, Usage)}
   * @throws IllegalStateException when all {@link #CAPACITY} slots hold claims or pending fences,
   *     none of which a later fence of its timeline makes needless
   */
  int reserve();

  /**
   * Gives back a claimed slot in which no fence was added.
   *
   * @param slot a slot from {@link #reserve()}
   * @throws IllegalStateException when the slot is not claimed
   */
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

  /**
   * As {@link #add(int, Timeline, long, Usage)}, for a fence that is at hand as an object.
   *
   * @param slot a slot from {@link #reserve()}, used once
   * @param fence a point of a timeline of this buffer's domain
   * @param usage what the fence protects
   */
  void add(int slot, Fence fence, Usage usage);

  /**
   * Adds a fence, in the slot of an earlier one of its timeline or in a free one.
   *
   * @param fence a point of a timeline of this buffer's domain
   * @param usage what the fence protects
   * @throws IllegalArgumentException when the fence is of another domain
   * @throws IllegalStateException when all {@link #CAPACITY} slots hold others' claims or pending
   *     fences
   */
  void add(Fence fence, Usage usage);

  /**
   * As {@link #add(Fence, Usage)}, for a point that is not at hand as an object.
   *
   * @param timeline the fence's timeline; must be of this buffer's domain
   * @param point the fence's point on it, which was issued
   * @param usage what the fence protects
   */
  void add(Timeline timeline, long point, Usage usage);

  /**
   * Puts a fence in place of every pending one of a timeline, whatever its usage, as the kernel's
   * {@code dma_resv_replace_fences}. Only right where the signal of the new fence tells that the
   * work of the old ones does not touch the buffer any more.
   *
   * <p>Where the new fence is of the same timeline, later ones stay.
   *
   * @param timeline whose fences are replaced
   * @param by the fence that takes their places, a point of a timeline of this buffer's domain
   * @param usage what the new fence protects
   * @return how many fences were replaced; when 0, the new one was not added
   */
  int replace(Timeline timeline, Fence by, Usage usage);

  /**
   * Makes more wait for a fence that is here: BOOKKEEP becomes READ, and READ becomes WRITE, in
   * place. A fence never gets a usage that fewer wait for. Where a later fence of the timeline has
   * taken over the slot, that one is promoted.
   *
   * @param fence a point of a timeline of this buffer's domain
   * @param usage what it shall protect from now on
   * @return whether the fence, or a later one, is here with this usage or one that more wait for;
   *     false when it is signaled or was never added
   */
  boolean promote(Fence fence, Usage usage);

  /**
   * Adds every pending fence of another reservation of the same domain, with its usage. Those that
   * are here stay: the kernel's {@code dma_resv_copy_fences} drops them, for a destination that is
   * about to be born.
   *
   * @param source whose fences are added here
   * @throws IllegalArgumentException when the other reservation is of another domain
   * @throws IllegalStateException when there are not as many slots; then none is added. Also when
   *     the source is another process's buffer, that has fences on it, and no timeline is free to
   *     stand for them
   */
  void copyFrom(Reservation source);

  /**
   * The pending fences that a query for {@code usage} sees. A fence that was added before the call
   * and is pending when it ends is in it, or a later one of its timeline in its place; fences that
   * are added during the call may be in it. Not a cut through several reservations.
   *
   * @param usage WRITE for what a reader waits for, READ for what a writer does: {@link
   *     Usage#awaitedBy}
   * @return the fences, which stay what they are
   */
  FenceSnapshot snapshot(Usage usage);

  /**
   * As {@link #snapshot(Usage)}, into an object that is filled again.
   *
   * @param usage of the query
   * @param into from another call of {@link #snapshot(Usage)}; what it held is dropped
   */
  void snapshot(Usage usage, FenceSnapshot into);

  /**
   * Adds what a fence waits for, as the kernel imports a sync file: of a container its fences, of
   * each timeline the latest point alone, and nothing that is signaled by now. A container never
   * enters a reservation.
   *
   * @param fence of any kind, whose pending points are of timelines of this buffer's domain
   * @param usage of all of them
   * @return how many fences were added
   * @throws IllegalArgumentException when a fence is of no timeline, or of another domain; then
   *     none is added
   * @throws IllegalStateException when there are not as many slots; then none is added, unless
   *     another thread took the last slot meanwhile
   */
  int importFence(Fence fence, Usage usage);

  /**
   * The pending fences that a query for {@code usage} sees as one fence, as the kernel exports a
   * sync file: what is added later is not in it.
   *
   * @param usage WRITE for what a reader waits for, READ for what a writer does: {@link
   *     Usage#awaitedBy}
   * @param name of the array, if one is made
   * @return the one fence that is pending, an array of several, or a fence that is signaled
   * @throws IllegalStateException when the buffer is another process's, that has fences on it, and
   *     no timeline is free to stand for them
   */
  Fence exportFence(Usage usage, String name);

  /**
   * Whether no fence that a query for {@code usage} sees is pending.
   *
   * @param usage of the query
   * @return whether nothing is to be waited for
   */
  boolean isSignaled(Usage usage);

  /**
   * Waits until no fence that a query for {@code usage} sees is pending. Fences that are added
   * while it waits are waited for too; a {@link #snapshot(Usage)} can be waited for without them.
   *
   * @param usage of the query
   * @param timeout the longest time to wait
   * @return true when none is pending; false when the time was over or the thread interrupted (the
   *     interrupt stays set)
   */
  boolean await(Usage usage, Duration timeout);

  /**
   * Tells the issuers in this process of all pending fences that a query for {@code usage} sees
   * until when somebody would like them to be signaled, as {@link Fence#hintDeadline}. Modelled on
   * the kernel's {@code dma_resv_set_deadline}. Allocates.
   *
   * @param usage of the query
   * @param deadlineNs on the scale of {@link System#nanoTime()}
   */
  void hintDeadline(Usage usage, long deadlineNs);

  /**
   * Pending fences that a query for {@code usage} sees.
   *
   * @param usage of the query
   * @return how many
   */
  int pending(Usage usage);

  /**
   * The claims and pending fences with usage, timeline and point, for people.
   *
   * @return one line, empty when there are none
   */
  String describe();
}
