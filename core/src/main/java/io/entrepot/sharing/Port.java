package io.entrepot.sharing;

import io.entrepot.internal.buffers.PoolDescriptor;
import io.entrepot.internal.sharing.PortCalls;
import io.entrepot.sync.Fence;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * One thread's lane into a pool: up to {@value #MAPPINGS} mappings at a time.
 *
 * <p><b>Explicit synchronisation.</b> A use of a buffer waits for the buffer's own fences: for
 * moves and writes, to write also for reads. Every kind of use has a form that waits for a fence of
 * the caller's instead, called {@code after}. Only the exporter's own moves, and a writer in place,
 * are waited for all the same, as the kernel's explicit users do. What such a use sees of work that
 * it does not wait for is not defined. {@link SharedBuffer#exportFence} gives what it would have
 * waited for.
 *
 * <ul>
 *   <li>The fence may be of any kind, with an error or without one; {@link Fence#signaled()} is for
 *       nothing, because the caller has waited.
 *   <li>Nothing is taken while the call waits for the fence: nobody waits for it meanwhile, and the
 *       reference must still be open when the fence is signaled ({@link StaleBufferException}).
 *   <li>The time is for all of it: the fence first, then what must be waited for all the same.
 * </ul>
 *
 * <p>Work that goes on when a use ends is made known by a fence, called {@code until}: later uses
 * wait for it, and so does reuse. {@link View#close(Fence)}, {@link CpuWindow#close(Fence)}, {@link
 * NativeLease#close(Fence)}.
 *
 * <p><b>Half a frame.</b> Of a published buffer to which a process was writing in place when it
 * died, or when its access was taken from it, nobody can tell what is old and what is new. So no
 * use of it begins any more, here or in another process: each is refused with an {@link
 * IllegalStateException} that says so, whatever its time, and who waits for the writer is told at
 * its end. What the buffer is used for next is whole again.
 *
 * <p><b>Threads.</b> Bound for ever to the thread that opened it; every other thread gets {@link
 * WrongThreadException}.
 */
public sealed interface Port extends AutoCloseable permits PortCalls {

  /** Mappings that one port can have open at a time. */
  int MAPPINGS = PoolDescriptor.MAPPINGS;

  /**
   * Longest time that a call waits for a busy buffer when it is not told how long: one that
   * somebody writes to in place, or with fences pending that the access must wait for.
   */
  Duration DEFAULT_WAIT = Duration.ofSeconds(10);

  /**
   * Maps a buffer for reading. Waits for at most {@link #DEFAULT_WAIT} while somebody writes to it
   * in place or fences that a reader must wait for are pending.
   *
   * @param buffer an open reference, which may be closed while the mapping lasts
   * @return a new view, which never comes alive again after its close
   * @throws StaleBufferException when the reference is closed
   * @throws RevokedException when the importer's access was revoked
   * @throws MappingLimitException when {@value #MAPPINGS} mappings are open
   * @throws IllegalStateException when views were not negotiated, or the buffer stayed busy
   */
  View map(SharedBuffer buffer);

  /**
   * As {@link #map(SharedBuffer)}, for as long as the caller says.
   *
   * @param buffer an open reference, which may be closed while the mapping lasts
   * @param timeout longest time to wait for a busy buffer; 0 or less only tests
   * @param unit of the time
   * @return a new view, or {@code null} when the time was over or the thread interrupted; nothing
   *     is mapped then
   */
  View map(SharedBuffer buffer, long timeout, TimeUnit unit);

  /**
   * As {@link #map(SharedBuffer)}, with {@linkplain Port explicit synchronisation}: waits for the
   * fence that is given instead of those of the buffer. {@link View#close(Fence)} makes others
   * wait.
   *
   * @param buffer an open reference, which may be closed while the mapping lasts
   * @param after what to wait for instead of the buffer's fences; {@link Fence#signaled()} for
   *     nothing
   * @param timeout longest time to wait; 0 or less only tests
   * @param unit of the time
   * @return a new view, or {@code null} when the time was over or the thread interrupted; nothing
   *     is mapped then
   */
  View map(SharedBuffer buffer, Fence after, long timeout, TimeUnit unit);

  /**
   * Maps a buffer for writing, otherwise as {@link #map(SharedBuffer)}. A published buffer is
   * refused: write in place to it with {@link #mapInPlace}.
   *
   * @param buffer an open reference to a buffer that is not published
   * @return a new view
   * @throws IllegalStateException when views for writing were not negotiated, or the buffer is
   *     published or stayed busy
   */
  WritableView mapForWriting(SharedBuffer buffer);

  /**
   * As {@link #mapForWriting(SharedBuffer)}, for as long as the caller says.
   *
   * @param buffer an open reference to a buffer that is not published
   * @param timeout longest time to wait for a busy buffer; 0 or less only tests
   * @param unit of the time
   * @return a new view, or {@code null} when the time was over or the thread interrupted; nothing
   *     is mapped then
   */
  WritableView mapForWriting(SharedBuffer buffer, long timeout, TimeUnit unit);

  /**
   * As {@link #mapForWriting(SharedBuffer)}, with {@linkplain Port explicit synchronisation}.
   *
   * @param buffer an open reference to a buffer that is not published
   * @param after what to wait for instead of the buffer's fences; {@link Fence#signaled()} for
   *     nothing
   * @param timeout longest time to wait; 0 or less only tests
   * @param unit of the time
   * @return a new view, or {@code null} when the time was over or the thread interrupted; nothing
   *     is mapped then
   */
  WritableView mapForWriting(SharedBuffer buffer, Fence after, long timeout, TimeUnit unit);

  /**
   * Maps a published buffer for writing in place: waits until no other port has it mapped, and
   * keeps new readers waiting until the view is closed. Readers defer, writers do not.
   *
   * <p>A reference that another process has is waited for as a use is, for it cannot be told from
   * one. Until it is closed nobody is kept out, so that it can be used there meanwhile.
   *
   * <p>A frame whose writer does not close its view, because the view was closed by force in a
   * revocation, or the thread or process has ended, may be half overwritten: it is shown to nobody
   * any more, and who maps it is told so by an {@link IllegalStateException}.
   *
   * @param buffer an open reference
   * @param timeout longest time to wait for readers and their fences; 0 or less only tests
   * @param unit of the time
   * @return the view, or {@code null} when the time was over, the thread interrupted, or another
   *     writer is at work
   */
  WritableView mapInPlace(SharedBuffer buffer, long timeout, TimeUnit unit);

  /**
   * As {@link #mapInPlace(SharedBuffer, long, TimeUnit)}, with {@linkplain Port explicit
   * synchronisation}: readers are kept out only when the fence is signaled, and their mappings are
   * waited for, not their fences.
   *
   * @param buffer an open reference
   * @param after what to wait for instead of the buffer's fences; {@link Fence#signaled()} for
   *     nothing
   * @param timeout longest time to wait for the fence and readers; 0 or less only tests
   * @param unit of the time
   * @return the view, or {@code null} when the time was over, the thread interrupted, or another
   *     writer is at work
   */
  WritableView mapInPlace(SharedBuffer buffer, Fence after, long timeout, TimeUnit unit);

  /**
   * Opens a CPU window on a buffer. Needs an attachment that negotiated {@link
   * MappingType#CPU_WINDOW}. Waits as {@link Attachment#lease(SharedBuffer)} does.
   *
   * @param buffer an open reference; the window has its own claim and outlives it
   * @return the window, to be closed by this thread
   * @throws StaleBufferException when the reference is closed
   * @throws RevokedException when the importer's access was revoked
   * @throws IllegalStateException when another type was negotiated, the buffer stayed busy, or it
   *     is published and the access is for writing
   */
  CpuWindow cpuWindow(SharedBuffer buffer);

  /**
   * As {@link #cpuWindow(SharedBuffer)}, for as long as the caller says.
   *
   * @param buffer an open reference; the window has its own claim and outlives it
   * @param timeout longest time to wait for a busy buffer; 0 or less only tests
   * @param unit of the time
   * @return the window, or {@code null} when the time was over or the thread interrupted; the
   *     exporter was not asked then
   */
  CpuWindow cpuWindow(SharedBuffer buffer, long timeout, TimeUnit unit);

  /**
   * As {@link #cpuWindow(SharedBuffer)}, with {@linkplain Port explicit synchronisation}. {@link
   * CpuWindow#close(Fence)} makes others wait.
   *
   * @param buffer an open reference; the window has its own claim and outlives it
   * @param after what to wait for instead of the buffer's fences; {@link Fence#signaled()} for
   *     nothing
   * @param timeout longest time to wait; 0 or less only tests
   * @param unit of the time
   * @return the window, or {@code null} when the time was over or the thread interrupted; the
   *     exporter was not asked then
   */
  CpuWindow cpuWindow(SharedBuffer buffer, Fence after, long timeout, TimeUnit unit);

  /**
   * Reads bytes from a channel into a buffer. Needs an attachment that negotiated {@link
   * MappingType#CHANNEL_IO} for writing.
   *
   * <p>Only the JDK's own channels are given memory. For any other channel bytes are copied through
   * a bounce buffer if the importer {@linkplain Importer#allowsBounce() allows} it, which is
   * counted, and refused if not. Waits as {@link Attachment#lease(SharedBuffer)} does, and for as
   * long as the channel blocks: a revocation ends the transfer between two chunks of 1 MiB.
   *
   * @param channel where to read from
   * @param buffer an open reference to a buffer that is not published
   * @param offset of the first byte in the buffer
   * @param length most bytes to read; {@code offset + length} is at most the buffer's size
   * @return bytes read, or -1 at the end of the channel
   * @throws IOException what the channel throws; bytes that it gave before are in the buffer
   * @throws IndexOutOfBoundsException when the range is not within the buffer
   * @throws IllegalStateException when another type was negotiated, the channel gets no memory, or
   *     the buffer is published or stayed busy
   */
  long readFrom(ReadableByteChannel channel, SharedBuffer buffer, long offset, long length)
      throws IOException;

  /**
   * As {@link #readFrom(ReadableByteChannel, SharedBuffer, long, long) readFrom}, for as long as
   * the caller says.
   *
   * @param channel where to read from
   * @param buffer an open reference to a buffer that is not published
   * @param offset of the first byte in the buffer
   * @param length most bytes to read
   * @param timeout longest time to wait for a busy buffer, not for the channel; 0 or less only
   *     tests
   * @param unit of the time
   * @return bytes read; 0 also when the time was over or the thread interrupted, before any was; -1
   *     at the end of the channel
   * @throws IOException what the channel throws
   */
  long readFrom(
      ReadableByteChannel channel,
      SharedBuffer buffer,
      long offset,
      long length,
      long timeout,
      TimeUnit unit)
      throws IOException;

  /**
   * As {@link #readFrom(ReadableByteChannel, SharedBuffer, long, long) readFrom}, with {@linkplain
   * Port explicit synchronisation}, at both ends: a fence to wait for first, and one that goes on
   * to protect the buffer.
   *
   * <p>The second is added to the buffer's reservation, as a write, when the transfer begins and
   * before the first byte is moved. From then on it is there, whatever becomes of the transfer; a
   * fence that is refused moves no byte.
   *
   * @param channel where to read from
   * @param buffer an open reference to a buffer that is not published
   * @param offset of the first byte in the buffer
   * @param length most bytes to read
   * @param after what to wait for instead of the buffer's fences; {@link Fence#signaled()} for
   *     nothing
   * @param until what later readers and writers wait for, of any kind; what enters the reservation
   *     are the points of timelines of this pool that it consists of; {@link Fence#signaled()} for
   *     nothing
   * @param timeout longest time to wait for the fence and a busy buffer, not for the channel; 0 or
   *     less only tests
   * @param unit of the time
   * @return bytes read; 0 also when the time was over or the thread interrupted, before any was; -1
   *     at the end of the channel
   * @throws IOException what the channel throws
   * @throws IllegalArgumentException when a fence in {@code until} is of no timeline, or of another
   *     pool
   * @throws IllegalStateException also when the reservation has no room for {@code until}
   */
  long readFrom(
      ReadableByteChannel channel,
      SharedBuffer buffer,
      long offset,
      long length,
      Fence after,
      Fence until,
      long timeout,
      TimeUnit unit)
      throws IOException;

  /**
   * Writes bytes of a buffer to a channel; as {@link #readFrom(ReadableByteChannel, SharedBuffer,
   * long, long) readFrom}, the other way. Reading access and a published buffer will do.
   *
   * @param channel where to write to
   * @param buffer an open reference
   * @param offset of the first byte in the buffer
   * @param length bytes to write; {@code offset + length} is at most the buffer's size
   * @return bytes written; less than the length when the channel takes no more for now
   * @throws IOException what the channel throws; it may have taken bytes before
   */
  long writeTo(WritableByteChannel channel, SharedBuffer buffer, long offset, long length)
      throws IOException;

  /**
   * As {@link #writeTo(WritableByteChannel, SharedBuffer, long, long) writeTo}, for as long as the
   * caller says.
   *
   * @param channel where to write to
   * @param buffer an open reference
   * @param offset of the first byte in the buffer
   * @param length bytes to write
   * @param timeout longest time to wait for a busy buffer, not for the channel; 0 or less only
   *     tests
   * @param unit of the time
   * @return bytes written; 0 also when the time was over or the thread interrupted, before any was
   * @throws IOException what the channel throws
   */
  long writeTo(
      WritableByteChannel channel,
      SharedBuffer buffer,
      long offset,
      long length,
      long timeout,
      TimeUnit unit)
      throws IOException;

  /**
   * As {@link #writeTo(WritableByteChannel, SharedBuffer, long, long) writeTo}, with {@linkplain
   * Port explicit synchronisation}.
   *
   * @param channel where to write to
   * @param buffer an open reference
   * @param offset of the first byte in the buffer
   * @param length bytes to write
   * @param after what to wait for instead of the buffer's fences; {@link Fence#signaled()} for
   *     nothing
   * @param until what later writers wait for, of any kind: added to the buffer's reservation as a
   *     read when the transfer begins; {@link Fence#signaled()} for nothing
   * @param timeout longest time to wait for the fence and a busy buffer, not for the channel; 0 or
   *     less only tests
   * @param unit of the time
   * @return bytes written; 0 also when the time was over or the thread interrupted, before any was
   * @throws IOException what the channel throws
   * @throws IllegalArgumentException when a fence in {@code until} is of no timeline, or of another
   *     pool
   * @throws IllegalStateException also when the reservation has no room for {@code until}
   */
  long writeTo(
      WritableByteChannel channel,
      SharedBuffer buffer,
      long offset,
      long length,
      Fence after,
      Fence until,
      long timeout,
      TimeUnit unit)
      throws IOException;

  /**
   * As {@link #readFrom(ReadableByteChannel, SharedBuffer, long, long) readFrom} a channel, from a
   * position of a file, which does not move the file's own.
   *
   * @param file where to read from
   * @param position in the file of the first byte, 0 or more
   * @param buffer an open reference to a buffer that is not published
   * @param offset of the first byte in the buffer
   * @param length most bytes to read
   * @return bytes read, or -1 when the position is at the end of the file or behind it
   * @throws IOException what the file throws
   */
  long readFrom(FileChannel file, long position, SharedBuffer buffer, long offset, long length)
      throws IOException;

  /**
   * As {@link #readFrom(FileChannel, long, SharedBuffer, long, long) readFrom}, for as long as the
   * caller says.
   *
   * @param file where to read from
   * @param position in the file of the first byte, 0 or more
   * @param buffer an open reference to a buffer that is not published
   * @param offset of the first byte in the buffer
   * @param length most bytes to read
   * @param timeout longest time to wait for a busy buffer, not for the channel; 0 or less only
   *     tests
   * @param unit of the time
   * @return bytes read; 0 also when the time was over or the thread interrupted, before any was; -1
   *     at the end of the file
   * @throws IOException what the channel throws
   */
  long readFrom(
      FileChannel file,
      long position,
      SharedBuffer buffer,
      long offset,
      long length,
      long timeout,
      TimeUnit unit)
      throws IOException;

  /**
   * As {@link #readFrom(FileChannel, long, SharedBuffer, long, long) readFrom}, with {@linkplain
   * Port explicit synchronisation}.
   *
   * @param file where to read from
   * @param position in the file of the first byte, 0 or more
   * @param buffer an open reference to a buffer that is not published
   * @param offset of the first byte in the buffer
   * @param length most bytes to read
   * @param after what to wait for instead of the buffer's fences; {@link Fence#signaled()} for
   *     nothing
   * @param until what later readers and writers wait for, of any kind; what enters the reservation
   *     are the points of timelines of this pool that it consists of; {@link Fence#signaled()} for
   *     nothing
   * @param timeout longest time to wait for the fence and a busy buffer, not for the channel; 0 or
   *     less only tests
   * @param unit of the time
   * @return bytes read; 0 also when the time was over or the thread interrupted, before any was; -1
   *     at the end of the file
   * @throws IOException what the file throws
   * @throws IllegalArgumentException when a fence in {@code until} is of no timeline, or of another
   *     pool
   * @throws IllegalStateException also when the reservation has no room for {@code until}
   */
  long readFrom(
      FileChannel file,
      long position,
      SharedBuffer buffer,
      long offset,
      long length,
      Fence after,
      Fence until,
      long timeout,
      TimeUnit unit)
      throws IOException;

  /**
   * As {@link #writeTo(WritableByteChannel, SharedBuffer, long, long) writeTo} a channel, to a
   * position of a file, which does not move the file's own.
   *
   * @param file where to write to
   * @param position in the file of the first byte, 0 or more
   * @param buffer an open reference
   * @param offset of the first byte in the buffer
   * @param length bytes to write
   * @return bytes written
   * @throws IOException what the file throws
   */
  long writeTo(FileChannel file, long position, SharedBuffer buffer, long offset, long length)
      throws IOException;

  /**
   * As {@link #writeTo(FileChannel, long, SharedBuffer, long, long) writeTo}, for as long as the
   * caller says.
   *
   * @param file where to write to
   * @param position in the file of the first byte, 0 or more
   * @param buffer an open reference
   * @param offset of the first byte in the buffer
   * @param length bytes to write
   * @param timeout longest time to wait for a busy buffer, not for the channel; 0 or less only
   *     tests
   * @param unit of the time
   * @return bytes written; 0 also when the time was over or the thread interrupted, before any was
   * @throws IOException what the channel throws
   */
  long writeTo(
      FileChannel file,
      long position,
      SharedBuffer buffer,
      long offset,
      long length,
      long timeout,
      TimeUnit unit)
      throws IOException;

  /**
   * As {@link #writeTo(FileChannel, long, SharedBuffer, long, long) writeTo}, with {@linkplain Port
   * explicit synchronisation}.
   *
   * @param file where to write to
   * @param position in the file of the first byte, 0 or more
   * @param buffer an open reference
   * @param offset of the first byte in the buffer
   * @param length bytes to write
   * @param after what to wait for instead of the buffer's fences; {@link Fence#signaled()} for
   *     nothing
   * @param until what later writers wait for, of any kind: added to the buffer's reservation as a
   *     read when the transfer begins; {@link Fence#signaled()} for nothing
   * @param timeout longest time to wait for the fence and a busy buffer, not for the channel; 0 or
   *     less only tests
   * @param unit of the time
   * @return bytes written; 0 also when the time was over or the thread interrupted, before any was
   * @throws IOException what the file throws
   * @throws IllegalArgumentException when a fence in {@code until} is of no timeline, or of another
   *     pool
   * @throws IllegalStateException also when the reservation has no room for {@code until}
   */
  long writeTo(
      FileChannel file,
      long position,
      SharedBuffer buffer,
      long offset,
      long length,
      Fence after,
      Fence until,
      long timeout,
      TimeUnit unit)
      throws IOException;

  /** Ends all mappings of the port and gives its lane back. Twice is harmless. */
  @Override
  void close();
}
