package io.entrepot.sharing;

import io.entrepot.internal.sharing.HeldLease;

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

  /** Ends the lease: native code has let go of the address. Twice is harmless. */
  @Override
  void close();
}
