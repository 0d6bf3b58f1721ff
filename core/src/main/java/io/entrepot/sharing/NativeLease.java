package io.entrepot.sharing;

import io.entrepot.internal.sharing.HeldLease;
import io.entrepot.sync.Fence;

/**
 * An address of a buffer's bytes for native code.
 *
 * <p>Native libraries keep pointers after a call returns, so a lease ends when the library says
 * that it is done: call {@link #close()} in its release callback. A lease is never ended by force:
 * while it is out, its buffer is not handed to anybody else, and a revocation reports it as
 * quarantined.
 *
 * <p><b>Threads.</b> Any thread may call any method.
 */
public sealed interface NativeLease extends AutoCloseable permits HeldLease {

  /** {@return address of the first byte, not to be used after {@link #close()}} */
  long address();

  /** {@return size of the buffer in bytes} */
  long byteSize();

  /** {@return what native code may do with the bytes; nothing but trust enforces it} */
  Access access();

  /** {@return index of the buffer within its pool, from 0} */
  int bufferIndex();

  /**
   * Ends the lease, while work on the buffer that native code has begun goes on until a fence is
   * signaled: a library's release callback comes when it has handed the buffer to a device, say,
   * and the device is not done. The fence is added to the buffer's reservation before the lease
   * ends: as a read, or for a lease for writing as a write, for which later readers wait too. Also
   * behind a revocation, which ends no lease: the buffer then stays in quarantine until the fence
   * is signaled.
   *
   * <p>Where two threads close a lease at a time, one of them with a fence, the fence protects the
   * buffer or is refused.
   *
   * @param until of any kind; what enters the reservation are the points of timelines of this pool
   *     that it consists of
   * @throws IllegalArgumentException when a fence in it is of no timeline, or of another pool; the
   *     lease stays open
   * @throws IllegalStateException when the lease is closed; or when the reservation has no room,
   *     and then the lease stays open
   */
  void close(Fence until);

  /** Ends the lease: native code has let go of the address. Twice is harmless. */
  @Override
  void close();
}
