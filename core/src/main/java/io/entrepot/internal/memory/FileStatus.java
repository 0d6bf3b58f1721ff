package io.entrepot.internal.memory;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * What the kernel knows of an open file by itself ({@code statx(2)}): a file system of a user's own
 * (FUSE) is not asked, which could let the caller wait for ever.
 *
 * @param device of the file, given by the kernel
 * @param inode tells the file from any other of its device
 * @param isRegular whether it is a file of bytes, and no pipe, device, socket or directory
 */
public record FileStatus(long device, long inode, boolean isRegular) {
  private static final int AT_EMPTY_PATH = 0x1000;
  private static final int AT_STATX_DONT_SYNC = 0x4000;
  private static final int STATX_TYPE = 0x1;
  private static final int STATX_INO = 0x100;
  private static final long STATUS_BYTES = 256;
  private static final long MODE = 28;
  private static final long INODE = 32;
  private static final long DEVICE_MAJOR = 136;
  private static final long DEVICE_MINOR = 140;
  private static final int TYPE_MASK = 0xF000;
  private static final int REGULAR = 0x8000;

  /** Of the memories of {@link SharedMemory#create}; 0 until it was asked for. */
  private static volatile long memoryDevice;

  /**
   * The file of a descriptor, which may be one that can only be looked at ({@code O_PATH}).
   *
   * @throws SystemCallException when the kernel refuses
   */
  public static FileStatus of(Descriptor descriptor) {
    int number = descriptor.take();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment status = arena.allocate(STATUS_BYTES, Long.BYTES);
      long result =
          SystemCall.STATX.call(
              number,
              arena.allocateFrom("").address(),
              AT_EMPTY_PATH | AT_STATX_DONT_SYNC,
              STATX_TYPE | STATX_INO,
              status.address());
      SystemCallException.orThrow(SystemCall.STATX, "descriptor " + number, result);
      long major = Integer.toUnsignedLong(status.get(ValueLayout.JAVA_INT, DEVICE_MAJOR));
      long minor = Integer.toUnsignedLong(status.get(ValueLayout.JAVA_INT, DEVICE_MINOR));
      return new FileStatus(
          major << Integer.SIZE | minor,
          status.get(ValueLayout.JAVA_LONG, INODE),
          (status.get(ValueLayout.JAVA_SHORT, MODE) & TYPE_MASK) == REGULAR);
    } finally {
      descriptor.giveBack();
    }
  }

  /**
   * Whether this is a memory as {@link SharedMemory#create} makes it, by whichever process: all of
   * them are files of one device, which the kernel keeps for them and on which nobody else can make
   * any.
   *
   * @throws SystemCallException when this process cannot make one to compare it with
   */
  public boolean isSharedMemory() {
    if (memoryDevice == 0) {
      try (SharedMemory one = SharedMemory.empty("compared by its device")) {
        memoryDevice = of(one.descriptor()).device;
      }
    }
    return isRegular && device == memoryDevice;
  }
}
