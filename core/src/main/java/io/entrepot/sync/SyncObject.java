package io.entrepot.sync;

import io.entrepot.internal.sync.PointWaits;
import io.entrepot.internal.sync.SyncSlot;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A slot for a fence, known to several parties before the fence is there: who submits work puts the
 * fence in, who depends on the work takes it out, or waits until it is in. Modelled on the kernel's
 * {@code drm_syncobj}.
 *
 * <pre>
 *   binary     { }            -- replace(f) --&gt;  { f }         -- reset() --&gt;  { }
 *   timeline   { 1:a, 2:b }   -- add(5, c)  --&gt;  { 1:a, 2:b, 5:c }
 * </pre>
 *
 * <p><b>Binary.</b> Each {@link #replace} puts a fence in place of the one before. Point 0, in all
 * methods that take a point, is the fence that is in it now.
 *
 * <p><b>Timeline.</b> {@link #add} makes a point that is signaled when its fence and those of all
 * points before are: a {@link FenceChain}. A point between two that were added is signaled with the
 * later one. A point that was signaled and dropped is signaled. Out of order, {@link FenceChain}
 * says what becomes of a point. A point that is added to a binary fence waits for that too.
 *
 * <p><b>Snapshots.</b> A fence that was taken out is not touched by what is done to the object
 * afterwards. A wait takes each fence once, when it is there: a later reset or replacement does not
 * change what is waited for, and none between two looks of the waiting thread is missed.
 *
 * <p><b>No fence of what is not submitted.</b> Nothing here makes a fence of a point that has none:
 * who submits may never do so, and memory must not wait for that ("indefinite DMA fences" in the
 * kernel's dma-buf document). Only threads wait for it, with a deadline, and callbacks.
 *
 * <p><b>Threads.</b> All methods may be called by any thread, and are lock-free but for those that
 * say that they wait. Adding and replacing take time that grows with the number of waits for points
 * that are not there.
 *
 * <p><b>Memory effects.</b> What a thread did before it put a fence in happens-before what another
 * does after it took that out, or after a wait or callback told it so.
 */
public sealed interface SyncObject permits SyncSlot {

  /**
   * {@return an object without a fence}
   *
   * @param name for people
   */
  static SyncObject create(String name) {
    return new SyncSlot(name);
  }

  /** {@return name for people, as given at creation} */
  String name();

  /**
   * The fence of a point, if there is one.
   *
   * @param point of the timeline, or 0 for the fence that the object holds
   * @return a fence that is signaled when the point is; empty when nothing was submitted that would
   *     signal it, and for a point above 0 of an object that holds a binary fence
   */
  Optional<Fence> fence(long point);

  /**
   * Puts a fence in, in place of what is there, which waits that have taken it go on with.
   *
   * @param fence of any kind
   */
  void replace(Fence fence);

  /**
   * Adds a point, behind all that are there.
   *
   * @param point at least 1
   * @param fence of any kind; containers are flattened
   */
  void add(long point, Fence fence);

  /** Puts in a fence that is signaled now: what makes a new object a signaled one. */
  void signal();

  /**
   * Adds a point with a fence that is signaled now. It is signaled when all before it are.
   *
   * @param point at least 1
   */
  void signal(long point);

  /** Takes out what is there. Waits that have taken it go on with it. */
  void reset();

  /**
   * {@return the highest point that is signaled; 0 when none is, or the object holds no timeline}
   */
  long signaledPoint();

  /** {@return the highest point that was submitted; 0 when the object holds no timeline} */
  long submittedPoint();

  /**
   * Gives the fence of a point to another object, or to another point of this one.
   *
   * @param point whose fence is given; 0 for the fence that is in now
   * @param to where it is given to, may be this one
   * @param toPoint where {@code to} gets it: added at a point above 0, put in place at 0
   * @throws IllegalStateException when the point has no fence; then nothing is changed
   */
  void transfer(long point, SyncObject to, long toPoint);

  /**
   * As {@link #transfer}, waiting until the point has a fence.
   *
   * @param point whose fence is given; 0 for the fence that is in now
   * @param to where it is given to, may be this one
   * @param toPoint where {@code to} gets it: added at a point above 0, put in place at 0
   * @param timeout the longest time to wait; zero only tests
   * @return false when the time was over or the thread interrupted (the interrupt stays set); then
   *     nothing is changed
   */
  boolean awaitTransfer(long point, SyncObject to, long toPoint, Duration timeout);

  /**
   * Waits for a point. As {@link #awaitAll} of it alone.
   *
   * @param point of the timeline, or 0 for the fence that is in now
   * @param until what to wait for
   * @param timeout the longest time to wait; zero only tests
   * @return whether the point is there; false when the time was over or the thread interrupted
   */
  default boolean await(long point, SyncWait until, Duration timeout) {
    return awaitAll(timeout, until, new SyncPoint(this, point));
  }

  /**
   * Waits until one of several points is there, as {@link SyncWait} says. An interrupt ends the
   * wait as if the time were over, and stays set.
   *
   * @param timeout the longest time to wait; zero only tests
   * @param until what to wait for
   * @param points of any objects
   * @return the index of the first that is there, or -1
   * @throws IllegalStateException for {@link SyncWait#SIGNALED}, when a point has no fence, though
   *     others may be signaled
   */
  static int awaitAny(Duration timeout, SyncWait until, SyncPoint... points) {
    return PointWaits.awaitAny(timeout, until, points);
  }

  /**
   * As {@link #awaitAny}, until all points are there.
   *
   * @param timeout the longest time to wait for all of them; zero only tests
   * @param until what to wait for
   * @param points of any objects
   * @return whether all are there; true when there are no points
   */
  static boolean awaitAll(Duration timeout, SyncWait until, SyncPoint... points) {
    return PointWaits.awaitAll(timeout, until, points);
  }

  /**
   * Adds a callback that runs once with the fence of a point, when one is put in, on the thread
   * that does that or on one that meets it there. It must not block. What it throws goes to that
   * thread's uncaught exception handler.
   *
   * @param point of the timeline, or 0 for the fence that is in now
   * @param callback what to run with the fence
   * @return a handle to take the callback back with, or {@code null} when the point has a fence
   *     already, in which case nothing runs
   */
  Fence.Callback onSubmit(long point, Consumer<? super Fence> callback);
}
