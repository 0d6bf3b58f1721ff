package io.entrepot.flow;

import io.entrepot.internal.flow.ExportedPool;
import io.entrepot.sharing.ArenaExporter;
import io.entrepot.sharing.Attachment;
import io.entrepot.sharing.CpuAccess;
import io.entrepot.sharing.Exporter;
import io.entrepot.sharing.Importer;
import io.entrepot.sharing.Revocation;
import io.entrepot.sharing.SharedBuffer;
import io.entrepot.sharing.SizeClass;
import io.entrepot.sync.SyncDomain;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.IdleStrategy;

/**
 * Buffers of an exporter, handed out, shared and taken back.
 *
 * <p>A buffer goes back to its pool when its owner has released it, no queue holds it, no mapping
 * or lease of it is open and no fence of any usage is pending: not before. A thread that waits for
 * one wakes within 2 ms after.
 *
 * <p><b>Waiting.</b> Every call that waits takes a time. When it is over the call answers {@code
 * null} or {@code false} and everything is as it was. An interrupt ends a wait in the same way and
 * stays set.
 *
 * <p><b>Memory effects.</b> What was done to a buffer before it came back happens-before what its
 * next owner does.
 *
 * <p><b>Threads.</b> Any thread may call any method. What is bound to one thread says so.
 */
public sealed interface BufferPool extends AutoCloseable permits ExportedPool {

  /**
   * A pool over off-heap memory of its own: {@code of(ArenaExporter.named(name), new
   * SizeClass(bufferBytes, buffers))}.
   *
   * @param name for people
   * @param bufferBytes size of each buffer in bytes, 1 or more
   * @param buffers how many, from 1 to 1,048,576
   * @return the pool
   * @throws IllegalArgumentException when size or number is out of range
   * @throws io.entrepot.sharing.OutOfBudgetException when there is not so much memory
   * @throws IllegalStateException when native access is denied, naming the flag that allows it
   */
  static BufferPool offHeap(String name, long bufferBytes, int buffers) {
    return of(ArenaExporter.named(name), new SizeClass(bufferBytes, buffers));
  }

  /**
   * A pool over an exporter's memory, in one or several size classes, named as the exporter.
   *
   * @param exporter who owns the memory
   * @param classes sizes and numbers of buffers, in any order; 1 to 1,048,576 buffers together
   * @return the pool
   * @throws IllegalArgumentException when there are too many buffers, or none
   * @throws io.entrepot.sharing.OutOfBudgetException when the exporter has not so much memory
   * @throws IllegalStateException when native access is denied, naming the flag that allows it
   */
  static BufferPool of(Exporter exporter, SizeClass... classes) {
    return ExportedPool.over(exporter, List.of(classes));
  }

  /** {@return name of the pool, for people} */
  String name();

  /** {@return who owns the memory} */
  Exporter exporter();

  /** {@return the timelines whose fences this pool's buffers take} */
  SyncDomain sync();

  /**
   * Opens a port for the calling thread that acquires, writes and releases buffers of its own.
   *
   * @param name of the importer that is attached for it
   * @return the port, which ends the attachment with itself
   * @throws IllegalStateException when all lanes of the pool are in use, or it is closed
   */
  PoolPort open(String name);

  /**
   * As {@link #open(String)}, for a thread that waits for buffers by a strategy of its own instead
   * of parking.
   *
   * @param name of the importer that is attached for it
   * @param idle how {@link PoolPort#acquire} waits, which looks again after each idling; used by
   *     the calling thread alone
   * @return the port, which ends the attachment with itself
   * @throws IllegalStateException when all lanes of the pool are in use, or it is closed
   */
  PoolPort open(String name, IdleStrategy idle);

  /**
   * As {@link #open(String)}, for an importer of the caller's making: one that handles confidential
   * memory, say.
   *
   * @param importer who writes; it has to accept views for writing
   * @return the port, which ends the attachment with itself
   * @throws io.entrepot.sharing.AttachRefusedException when negotiation finds no mapping type
   * @throws IllegalStateException when negotiation settles on something else, all lanes of the pool
   *     are in use, or it is closed
   */
  PoolPort open(Importer importer);

  /**
   * Takes a buffer if one is free.
   *
   * @param byteSize bytes that it must hold at least
   * @return the buffer, or {@code null} when none is free
   * @throws IllegalArgumentException when no buffer of this pool is so large
   */
  SharedBuffer tryAcquire(long byteSize);

  /**
   * Takes a buffer, waiting for one.
   *
   * <p>The caller owns the buffer and gives it back by closing the reference.
   *
   * @param byteSize bytes that it must hold at least
   * @param timeout longest time to wait; 0 or less to wait for nothing
   * @param unit of the time
   * @return the buffer, or {@code null} when the time was over
   * @throws IllegalArgumentException when no buffer of this pool is so large
   */
  SharedBuffer acquire(long byteSize, long timeout, TimeUnit unit);

  /**
   * Opens a queue from one writer to many readers.
   *
   * @param name for people, and for processes that import the pool, which name the feed by it: of
   *     several open ones with a name they get the one that was opened first
   * @return the queue, with neither writer nor readers
   * @throws IllegalStateException when the pool is closed
   */
  Broadcast broadcast(String name);

  /**
   * Attaches an importer to all buffers of this pool.
   *
   * @param importer who asks, and what it accepts
   * @return what negotiation settled on
   * @throws io.entrepot.sharing.AttachRefusedException when negotiation finds no mapping type
   */
  Attachment attach(Importer importer);

  /**
   * Answers, before an importer attaches, whether it could have CPU access and how.
   *
   * @param importer who asks
   * @return whether a CPU window would be granted, and its conditions
   */
  CpuAccess cpuAccess(Importer importer);

  /**
   * Takes the memory back from an importer: marks, tells it, waits for its fences, then for its
   * mappings; at the deadline closes its views by force and quarantines what cannot be forced. Once
   * revoked an attachment stays so; attaching again is re-admission.
   *
   * <p>When this returns, no thread reads a byte through a view of that attachment any more.
   *
   * @param attachment of an importer to this pool
   * @param deadline longest time to wait before views are closed by force; 0 or less to close them
   *     at once
   * @return how it ended, and what is in quarantine
   * @throws IllegalArgumentException when the attachment is to another pool
   */
  Revocation revoke(Attachment attachment, Duration deadline);

  /**
   * Counts, after making free what can be.
   *
   * @return numbers of this moment
   */
  PoolStatistics statistics();

  /**
   * Describes buffers, attachments, mappings, fences and holders, as the kernel's {@code bufinfo}.
   *
   * @return lines of text for people; their form may change
   */
  String dump();

  /**
   * Tells what keeps buffers from being free, after making free what can be.
   *
   * @return a line for each buffer, then one for each feed with unread frames; empty when all are
   *     free, or the pool is closed
   */
  List<String> holders();

  /**
   * Waits until nothing is held any more, then closes.
   *
   * @param deadline longest time to wait; 0 or less to wait for nothing
   * @throws PoolInUseException when something still is at the deadline
   */
  void close(Duration deadline);

  /**
   * Closes the pool and frees its memory. Twice is harmless.
   *
   * @throws PoolInUseException when something is held, naming who and since when; the pool stays
   *     open
   */
  @Override
  void close();
}
