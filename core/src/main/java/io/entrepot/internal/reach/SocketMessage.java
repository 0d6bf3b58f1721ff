package io.entrepot.internal.reach;

import io.entrepot.internal.memory.Descriptor;
import io.entrepot.internal.memory.SystemCall;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * Room for one message on its way through a socket, with the descriptors that go with it. The
 * message is copied in and out: it is a short word of control, and the kernel must not be given the
 * address of memory whose owner may free it meanwhile.
 *
 * <pre>
 *   struct msghdr, 56 bytes             struct iovec, 16 bytes
 *   0   address of the peer             0   address
 *   8   its length (32 bits)            8   length
 *   16  iovec                           struct cmsghdr, 16 bytes
 *   24  number of iovecs                0   length with this header
 *   32  control messages                8   level (32 bits)
 *   40  their length                    12  type (32 bits)
 *   48  flags (32 bits)                 16  descriptors (32 bits each)
 * </pre>
 */
final class SocketMessage {
  /** Longest message in bytes. */
  static final int MAX_BYTES = 64 << 10;

  /** Most descriptors that come with one message. */
  static final int MAX_DESCRIPTORS = 8;

  private static final long IOVEC_FIELD = 16;
  private static final long IOVEC_COUNT_FIELD = 24;
  private static final long CONTROL_FIELD = 32;
  private static final long CONTROL_LENGTH_FIELD = 40;
  private static final long FLAGS_FIELD = 48;
  private static final long HEADER_BYTES = 56;

  private static final long IOVEC_OFFSET = HEADER_BYTES;
  private static final long CONTROL_OFFSET = IOVEC_OFFSET + 16;
  private static final long CONTROL_HEADER_BYTES = 16;
  private static final long CONTROL_BYTES =
      CONTROL_HEADER_BYTES + MAX_DESCRIPTORS * (long) Integer.BYTES;
  private static final long PAYLOAD_OFFSET = CONTROL_OFFSET + CONTROL_BYTES;

  private static final int SOL_SOCKET = 1;
  private static final int SCM_RIGHTS = 1;
  private static final int MSG_CTRUNC = 0x8;
  private static final int MSG_TRUNC = 0x20;
  private static final int MSG_DONTWAIT = 0x40;
  private static final int MSG_NOSIGNAL = 0x4000;
  private static final int MSG_CMSG_CLOEXEC = 0x40000000;

  private final MemorySegment memory = Arena.ofAuto().allocate(PAYLOAD_OFFSET + MAX_BYTES, 8);

  /** Sends without waiting; the answer of the kernel. */
  long send(int socket, MemorySegment message, long length, int[] numbers) {
    MemorySegment.copy(message, 0, memory, PAYLOAD_OFFSET, length);
    long control =
        numbers.length == 0 ? 0 : CONTROL_HEADER_BYTES + numbers.length * (long) Integer.BYTES;
    prepare(length, Math.ceilDiv(control, Long.BYTES) * Long.BYTES);
    if (control != 0) {
      memory.set(ValueLayout.JAVA_LONG, CONTROL_OFFSET, control);
      memory.set(ValueLayout.JAVA_INT, CONTROL_OFFSET + 8, SOL_SOCKET);
      memory.set(ValueLayout.JAVA_INT, CONTROL_OFFSET + 12, SCM_RIGHTS);
      MemorySegment.copy(
          numbers,
          0,
          memory,
          ValueLayout.JAVA_INT,
          CONTROL_OFFSET + CONTROL_HEADER_BYTES,
          numbers.length);
    }
    return SystemCall.SENDMSG.call(socket, memory.address(), MSG_DONTWAIT | MSG_NOSIGNAL);
  }

  /** Receives without waiting; the answer of the kernel. */
  long receive(int socket, long capacity) {
    prepare(Math.min(capacity, MAX_BYTES), CONTROL_BYTES);
    return SystemCall.RECVMSG.call(socket, memory.address(), MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  }

  private void prepare(long length, long controlLength) {
    memory.asSlice(0, HEADER_BYTES).fill((byte) 0);
    memory.set(ValueLayout.JAVA_LONG, IOVEC_FIELD, memory.address() + IOVEC_OFFSET);
    memory.set(ValueLayout.JAVA_LONG, IOVEC_COUNT_FIELD, 1);
    memory.set(ValueLayout.JAVA_LONG, IOVEC_OFFSET, memory.address() + PAYLOAD_OFFSET);
    memory.set(ValueLayout.JAVA_LONG, IOVEC_OFFSET + Long.BYTES, length);
    if (controlLength != 0) {
      memory.set(ValueLayout.JAVA_LONG, CONTROL_FIELD, memory.address() + CONTROL_OFFSET);
      memory.set(ValueLayout.JAVA_LONG, CONTROL_LENGTH_FIELD, controlLength);
    }
  }

  /** Copies out what was received. */
  void copyTo(MemorySegment into, long length) {
    MemorySegment.copy(memory, PAYLOAD_OFFSET, into, 0, length);
  }

  /** The descriptors that arrived; each is this process's from now on and has to be closed. */
  List<Descriptor> descriptors() {
    List<Descriptor> arrived = new ArrayList<>();
    long end = CONTROL_OFFSET + memory.get(ValueLayout.JAVA_LONG, CONTROL_LENGTH_FIELD);
    long at = CONTROL_OFFSET;
    while (at + CONTROL_HEADER_BYTES <= end) {
      long length = memory.get(ValueLayout.JAVA_LONG, at);
      if (length < CONTROL_HEADER_BYTES) {
        break;
      }
      if (memory.get(ValueLayout.JAVA_INT, at + 8) == SOL_SOCKET
          && memory.get(ValueLayout.JAVA_INT, at + 12) == SCM_RIGHTS) {
        long last = Math.min(at + length, end) - Integer.BYTES;
        for (long entry = at + CONTROL_HEADER_BYTES; entry <= last; entry += Integer.BYTES) {
          arrived.add(Descriptor.owning(memory.get(ValueLayout.JAVA_INT, entry)));
        }
      }
      at += Math.ceilDiv(length, Long.BYTES) * Long.BYTES;
    }
    return arrived;
  }

  /** Whether the message had more bytes than there was room for. */
  boolean isCutOff() {
    return (flags() & MSG_TRUNC) != 0;
  }

  /** Whether descriptors were lost: too many, or no number left for them. */
  boolean lacksDescriptors() {
    return (flags() & MSG_CTRUNC) != 0;
  }

  private int flags() {
    return memory.get(ValueLayout.JAVA_INT, FLAGS_FIELD);
  }
}
