package io.entrepot.internal.memory;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Memory that processes share by passing its descriptor ({@code memfd_create(2)}): it has no file
 * name that could be left behind, goes when the last descriptor and mapping go, and can be sealed.
 *
 * <p>It is allocated when made: that there is none left is an error of {@code create} and not a
 * signal at some store later. Closing closes the descriptor and leaves mappings as they are.
 * Thread-safe.
 */
public final class SharedMemory implements AutoCloseable {
  private static final int MFD_CLOEXEC = 0x1;
  private static final int MFD_ALLOW_SEALING = 0x2;
  private static final int MFD_HUGETLB = 0x4;
  private static final int MFD_NOEXEC_SEAL = 0x8;
  private static final int O_CLOEXEC = 0x80000;

  private static final int F_ADD_SEALS = 1033;
  private static final int F_GET_SEALS = 1034;

  private static final int PROT_READ = 0x1;
  private static final int PROT_WRITE = 0x2;
  private static final int MAP_SHARED = 0x1;
  private static final int MAP_PRIVATE = 0x2;
  private static final int MAP_FIXED = 0x10;
  private static final int MAP_ANONYMOUS = 0x20;
  private static final int MAP_NORESERVE = 0x4000;

  private static final int AT_EMPTY_PATH = 0x1000;
  private static final int STATX_SIZE = 0x200;
  private static final int STATX_BLOCKS = 0x400;
  private static final long STATX_SIZE_OFFSET = 40;
  private static final long STATX_BLOCKS_OFFSET = 48;
  private static final long STATX_BLOCK_BYTES = 512;
  private static final long STATX_BYTES = 256;

  /** What {@code fstatfs(2)} says first and second, and how much room it is given for the rest. */
  private static final long SECRETMEM_MAGIC = 0x5345_434D;

  private static final long STATFS_TYPE_OFFSET = 0;
  private static final long STATFS_BLOCK_OFFSET = 8;
  private static final long STATFS_BYTES = 256;

  /** The kernel puts "memfd:" before a name and allows 255 bytes for both. */
  private static final int MAX_NAME_BYTES = 249;

  /**
   * Allocated in one call. A signal undoes a call that it interrupts, so calls must not be long.
   */
  private static final long ALLOCATION_BYTES = 64L << 20;

  private final Descriptor descriptor;

  private SharedMemory(Descriptor descriptor) {
    this.descriptor = descriptor;
  }

  /**
   * Zeroed memory that can be sealed.
   *
   * @param name for humans, in {@code /proc/PID/maps}; need not be unique; 1 to 249 bytes
   * @param byteSize at least 1
   * @throws IllegalArgumentException when name or size are out of range
   * @throws NoRoomException when so many bytes cannot fit, with the numbers
   * @throws SystemCallException when the kernel refuses for another reason
   */
  public static SharedMemory create(String name, long byteSize) {
    requireArguments(name, byteSize);
    return memfd(name, 0)
        .provided(
            name,
            byteSize,
            memory -> {
              MemoryRoom.here().require(name, byteSize);
              memory.resize(byteSize);
              memory.allocate(byteSize);
            });
  }

  /**
   * As {@link #create}, of huge pages of the default size. {@link #byteSize()} is rounded up to
   * whole huge pages.
   *
   * @throws NoRoomException also when too few huge pages are reserved, with the numbers
   */
  public static SharedMemory createHuge(String name, long byteSize) {
    requireArguments(name, byteSize);
    return memfd(name, MFD_HUGETLB)
        .provided(
            name,
            byteSize,
            memory -> {
              MemoryRoom.here().requireHuge(name, byteSize);
              long page = MemoryRoom.here().hugePageBytes();
              long wholePages = Math.ceilDiv(byteSize, page) * page;
              memory.resize(wholePages);
              memory.allocate(wholePages);
            });
  }

  /**
   * Zeroed memory that the kernel itself does not see ({@code memfd_secret(2)}): it is in no
   * mapping of the kernel, is neither swapped nor dumped, and no process reads it by {@code ptrace}
   * or {@code /proc}. It cannot be sealed, but its size never changes. What needs the kernel to
   * find a page behind an address fails in it: futexes, direct and registered I/O.
   *
   * @throws NoRoomException also when this process may not lock so many bytes, with the numbers
   * @throws SystemCallException also when this kernel has none (ENOSYS)
   */
  public static SharedMemory createSecret(String name, long byteSize) {
    requireArguments(name, byteSize);
    long number =
        SystemCallException.orThrow(
            SystemCall.MEMFD_SECRET, name, SystemCall.MEMFD_SECRET.call(O_CLOEXEC));
    return new SharedMemory(Descriptor.owning((int) number))
        .provided(
            name,
            byteSize,
            memory -> {
              MemoryRoom.here()
                  .requireLockable(name, byteSize, ResourceLimit.MEMLOCK.soft(), Linux.pageBytes());
              MemoryRoom.here().require(name, byteSize);
              memory.resize(byteSize);
              memory.touch();
            });
  }

  /** This, once it has its bytes; it is closed when it cannot get them. */
  private SharedMemory provided(String name, long byteSize, Consumer<SharedMemory> providing) {
    boolean whole = false;
    try {
      providing.accept(this);
      whole = true;
      return this;
    } catch (SystemCallException refused) {
      throw NoRoomException.or(
          refused, "shared memory '" + name + "' cannot get its " + byteSize + " bytes");
    } finally {
      if (!whole) {
        close();
      }
    }
  }

  /**
   * Memory whose descriptor another process sent; it belongs to this object from now on.
   *
   * <p>Nothing about it can be trusted before {@link #seals()} was looked at: what is not sealed
   * against {@link Seal#SHRINK} can be cut off under a mapping.
   */
  public static SharedMemory received(Descriptor descriptor) {
    Linux.require();
    return new SharedMemory(descriptor);
  }

  private static void requireArguments(String name, long byteSize) {
    Linux.require();
    int nameBytes = name.getBytes(StandardCharsets.UTF_8).length;
    if (nameBytes < 1 || nameBytes > MAX_NAME_BYTES || name.indexOf(0) >= 0) {
      throw new IllegalArgumentException(
          "the name of a shared memory has 1 to "
              + MAX_NAME_BYTES
              + " bytes, none of them 0; this one has "
              + nameBytes
              + ": '"
              + name
              + "'");
    }
    if (byteSize < 1) {
      throw new IllegalArgumentException(
          "shared memory '" + name + "' has to have 1 byte or more, not " + byteSize);
    }
  }

  /** As much of a text as a name holds. */
  public static String nameOf(String text) {
    String name = text;
    while (name.getBytes(StandardCharsets.UTF_8).length > MAX_NAME_BYTES) {
      name = name.substring(0, name.offsetByCodePoints(name.length(), -1));
    }
    return name;
  }

  /** A memory without a byte, to be compared with others. */
  static SharedMemory empty(String name) {
    Linux.require();
    return memfd(name, 0);
  }

  /** Empty yet. The descriptor comes before all questions about room, which need some too. */
  private static SharedMemory memfd(String name, int typeFlags) {
    int flags = MFD_CLOEXEC | MFD_ALLOW_SEALING | typeFlags;
    try (Arena arena = Arena.ofConfined()) {
      long nameAddress = arena.allocateFrom(name).address();
      long number = SystemCall.MEMFD_CREATE.call(nameAddress, flags | MFD_NOEXEC_SEAL);
      if (number == -Errno.EINVAL) { // a kernel before 6.3
        number = SystemCall.MEMFD_CREATE.call(nameAddress, flags);
      }
      SystemCallException.orThrow(
          SystemCall.MEMFD_CREATE, name + ", flags 0x" + Integer.toHexString(flags), number);
      return new SharedMemory(Descriptor.owning((int) number));
    }
  }

  private void resize(long byteSize) {
    long result;
    int number = descriptor.take();
    try {
      do {
        result = SystemCall.FTRUNCATE.call(number, byteSize);
      } while (result == -Errno.EINTR);
    } finally {
      descriptor.giveBack();
    }
    SystemCallException.orThrow(SystemCall.FTRUNCATE, byteSize + " bytes", result);
  }

  private void allocate(long byteSize) {
    int number = descriptor.take();
    try {
      for (long offset = 0; offset < byteSize; offset += ALLOCATION_BYTES) {
        long length = Math.min(ALLOCATION_BYTES, byteSize - offset);
        long result;
        do {
          result = SystemCall.FALLOCATE.call(number, 0, offset, length);
        } while (result == -Errno.EINTR);
        SystemCallException.orThrow(
            SystemCall.FALLOCATE, length + " of " + byteSize + " bytes at " + offset, result);
      }
    } finally {
      descriptor.giveBack();
    }
  }

  /** The only way to allocate what fallocate does not know. */
  private void touch() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment all = map(true, arena);
      long page = Linux.pageBytes();
      for (long offset = 0; offset < all.byteSize(); offset += page) {
        all.set(ValueLayout.JAVA_BYTE, offset, (byte) 0);
      }
    }
  }

  /** The descriptor, to be passed on; it stays this object's. */
  public Descriptor descriptor() {
    return descriptor;
  }

  /** Size in bytes, as the kernel has it now. */
  public long byteSize() {
    return status(STATX_SIZE, STATX_SIZE_OFFSET);
  }

  /** Bytes that are there, in memory or swapped out: what is not is made when it is read. */
  public long allocatedBytes() {
    return status(STATX_BLOCKS, STATX_BLOCKS_OFFSET) * STATX_BLOCK_BYTES;
  }

  private long status(int mask, long offset) {
    int number = descriptor.take();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment status = arena.allocate(STATX_BYTES, Long.BYTES);
      MemorySegment emptyPath = arena.allocateFrom("");
      long result =
          SystemCall.STATX.call(number, emptyPath.address(), AT_EMPTY_PATH, mask, status.address());
      SystemCallException.orThrow(SystemCall.STATX, "descriptor " + number, result);
      return status.get(ValueLayout.JAVA_LONG, offset);
    } finally {
      descriptor.giveBack();
    }
  }

  /**
   * Whether this is memory of {@code memfd_secret(2)}: it has no seals, and needs none, for the
   * kernel changes its size once, from 0, and knows no holes in it.
   */
  public boolean isSecret() {
    return fileSystem(STATFS_TYPE_OFFSET) == SECRETMEM_MAGIC;
  }

  private long fileSystem(long offset) {
    int number = descriptor.take();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment status = arena.allocate(STATFS_BYTES, Long.BYTES);
      SystemCallException.orThrow(
          SystemCall.FSTATFS,
          "descriptor " + number,
          SystemCall.FSTATFS.call(number, status.address()));
      return status.get(ValueLayout.JAVA_LONG, offset);
    } finally {
      descriptor.giveBack();
    }
  }

  /**
   * Throws when this process may not lock all of this memory, as it must to map what is secret.
   *
   * @param name of the memory, for people
   * @throws NoRoomException with the numbers
   */
  public void requireLockable(String name) {
    MemoryRoom.here()
        .requireLockable(name, byteSize(), ResourceLimit.MEMLOCK.soft(), Linux.pageBytes());
  }

  /** The seals in force; none for what cannot be sealed, such as secret memory and plain files. */
  public Set<Seal> seals() {
    int number = descriptor.take();
    long bits;
    try {
      bits = SystemCall.FCNTL.call(number, F_GET_SEALS);
    } finally {
      descriptor.giveBack();
    }
    EnumSet<Seal> seals = EnumSet.noneOf(Seal.class);
    if (bits == -Errno.EINVAL) {
      return seals;
    }
    SystemCallException.orThrow(SystemCall.FCNTL, "F_GET_SEALS", bits);
    for (Seal seal : Seal.values()) {
      if ((bits & seal.bit()) != 0) {
        seals.add(seal);
      }
    }
    return seals;
  }

  /**
   * Adds seals, for ever and for everybody.
   *
   * @throws SystemCallException when the memory is sealed against that (EPERM), is mapped for
   *     writing and shall be sealed against it (EBUSY), or cannot be sealed (EINVAL)
   */
  public void seal(Seal first, Seal... more) {
    EnumSet<Seal> seals = EnumSet.of(first, more);
    long bits = seals.stream().mapToInt(Seal::bit).sum();
    int number = descriptor.take();
    try {
      SystemCallException.orThrow(
          SystemCall.FCNTL,
          "F_ADD_SEALS " + seals,
          SystemCall.FCNTL.call(number, F_ADD_SEALS, bits));
    } finally {
      descriptor.giveBack();
    }
  }

  /**
   * Maps everything, shared, until the arena closes.
   *
   * @param writable whether for writing too; else the segment is read-only, and so is the memory
   *     behind it: a store by other ways is a signal
   * @throws IllegalStateException when the memory is empty, or the arena closed
   * @throws NoRoomException when this process may have no more mappings, or lock no more memory
   * @throws SystemCallException when the kernel refuses for another reason, as it does for writing
   *     behind a {@link Seal#FUTURE_WRITE}
   */
  public MemorySegment map(boolean writable, Arena arena) {
    return map(writable, arena, byteSize());
  }

  /**
   * As {@link #map(boolean, Arena)}, of the first bytes alone: so many in whole pages, which may be
   * huge ones, or all where there are fewer. What another process sent takes no more of this one's
   * addresses than is asked for, however large it is.
   *
   * @param most at least 1
   */
  public MemorySegment mapFirst(boolean writable, Arena arena, long most) {
    long pageBytes = Math.max(1, fileSystem(STATFS_BLOCK_OFFSET));
    long byteSize = byteSize();
    long pages = Math.ceilDiv(most, pageBytes);
    return map(writable, arena, pages >= byteSize / pageBytes ? byteSize : pages * pageBytes);
  }

  /**
   * As {@link #map(boolean, Arena)}, for reading and writing, for an owner who ends it.
   *
   * @return the mapping, which is the caller's
   */
  public SharedMapping mapOwned() {
    long byteSize = byteSize();
    return new SharedMapping(map(true, byteSize), byteSize);
  }

  @SuppressWarnings("restricted")
  private MemorySegment map(boolean writable, Arena arena, long byteSize) {
    long address = map(writable, byteSize);
    MemorySegment mapped;
    try {
      mapped =
          MemorySegment.ofAddress(address)
              .reinterpret(byteSize, arena, _ -> unmap(address, byteSize));
    } catch (RuntimeException | Error e) { // a closed arena, or one of another thread
      unmap(address, byteSize);
      throw e;
    }
    return writable ? mapped : mapped.asReadOnly();
  }

  /** The address of a mapping of so many bytes. */
  private long map(boolean writable, long byteSize) {
    if (byteSize <= 0) {
      throw new IllegalStateException(descriptor + " is no memory, or is empty: nothing to map");
    }
    long address;
    int number = descriptor.take();
    try {
      address =
          SystemCall.MMAP.call(
              0, byteSize, writable ? PROT_READ | PROT_WRITE : PROT_READ, MAP_SHARED, number, 0);
    } finally {
      descriptor.giveBack();
    }
    if (address < 0 && address > -Linux.pageBytes()) {
      throw NoRoomException.or(
          new SystemCallException(
              SystemCall.MMAP,
              byteSize + " bytes, " + (writable ? "writable" : "read-only"),
              (int) -address),
          descriptor + " cannot be mapped");
    }
    return address;
  }

  /**
   * Takes the memory out of a mapping for reading, all of it as {@link #map} gave it, whose arena
   * is open and stays so meanwhile. The addresses stay mapped until the arena closes, and read as
   * zeros, so that whoever still looks there does not fall.
   *
   * @throws SystemCallException when the kernel refuses
   */
  public static void vacate(MemorySegment mapped) {
    SystemCallException.orThrow(
        SystemCall.MMAP,
        mapped.byteSize() + " bytes of nothing in place of a mapping",
        SystemCall.MMAP.call(
            mapped.address(),
            mapped.byteSize(),
            PROT_READ,
            MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS | MAP_NORESERVE,
            -1,
            0));
  }

  /** The kernel rounds the length up to pages as it did when it mapped. */
  static void unmap(long address, long byteSize) {
    long result = SystemCall.MUNMAP.call(address, byteSize);
    assert result == 0 : "munmap of " + byteSize + " bytes: " + result;
  }

  /** Closes the descriptor; mappings stay. Again is harmless. */
  @Override
  public void close() {
    descriptor.close();
  }
}
