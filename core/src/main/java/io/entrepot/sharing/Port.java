package io.entrepot.sharing;

import io.entrepot.internal.sharing.LanePort;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;

/**
 * One thread's lane into a pool: up to {@value #MAPPINGS} mappings at a time.
 *
 * <p><b>Threads.</b> Bound for ever to the thread that opened it; every other thread gets {@link
 * WrongThreadException}.
 */
public sealed interface Port extends AutoCloseable permits LanePort {

  /** Mappings that one port can have open at a time. */
  int MAPPINGS = 8;

  /**
   * Maps a buffer for reading: a new view, which never comes alive again after its close.
   *
   * @throws StaleBufferException when the reference is closed
   * @throws RevokedException when the importer's access was revoked
   * @throws MappingLimitException when {@value #MAPPINGS} mappings are open
   */
  View map(SharedBuffer buffer);

  /**
   * Maps a buffer for writing. A published buffer is refused: write in place to it with {@link
   * #mapInPlace}.
   */
  WritableView mapForWriting(SharedBuffer buffer);

  /**
   * Maps a published buffer for writing in place: waits until no other port has it mapped, and
   * keeps new readers waiting until the view is closed. Readers defer, writers do not.
   *
   * @param timeoutNs longest time to wait in nanoseconds
   * @return the view, or {@code null} when the time was over, the thread interrupted, or another
   *     writer is at work
   */
  WritableView mapInPlace(SharedBuffer buffer, long timeoutNs);

  /**
   * Opens a CPU window on a buffer. Needs an attachment that negotiated {@link
   * MappingType#CPU_WINDOW}.
   */
  CpuWindow cpuWindow(SharedBuffer buffer);

  /**
   * Reads bytes from a channel into a buffer. Needs an attachment that negotiated {@link
   * MappingType#CHANNEL_IO} for writing.
   *
   * <p>Only the JDK's own channels are given memory. For any other channel bytes are copied through
   * a bounce buffer if the importer {@linkplain Importer#allowsBounce() allows} it, which is
   * counted, and refused if not.
   *
   * @param offset of the first byte in the buffer
   * @param length most bytes to read
   * @return bytes read, or -1 at the end of the channel
   */
  long readFrom(ReadableByteChannel channel, SharedBuffer buffer, long offset, long length)
      throws IOException;

  /** Writes bytes of a buffer to a channel; as {@link #readFrom}, the other way. */
  long writeTo(WritableByteChannel channel, SharedBuffer buffer, long offset, long length)
      throws IOException;

  /** As {@link #readFrom}, from a position of a file. */
  long readFrom(FileChannel file, long position, SharedBuffer buffer, long offset, long length)
      throws IOException;

  /** As {@link #writeTo}, to a position of a file. */
  long writeTo(FileChannel file, long position, SharedBuffer buffer, long offset, long length)
      throws IOException;

  /** Ends all mappings of the port and gives its lane back. Twice is harmless. */
  @Override
  void close();
}
