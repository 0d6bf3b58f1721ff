package io.entrepot.internal.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Memory that processes share. */
class SharedMemoryTest {
  private static final long MPROTECT_X64 = 10;
  private static final long MPROTECT_AARCH64 = 226;
  private static final long PROT_READ_WRITE = 3;
  private static final long BYTES = 3 * 4096 + 100;

  private static final int KEEP_SIZE = 1;
  private static final int PUNCH_HOLE = 2;
  private static final int ZERO_RANGE = 16;

  @BeforeEach
  void needsLinux() {
    assumeTrue(Linux.AVAILABLE, "needs Linux on x86-64 or aarch64");
  }

  @Test
  void aMappingWhoseMemoryWasTakenOutReadsAsZerosAndKeepsNothing() throws IOException {
    try (Arena arena = Arena.ofShared();
        SharedMemory memory = SharedMemory.create("vacated", 3 * 4096)) {
      memory.map(true, arena).set(ValueLayout.JAVA_LONG, 2 * 4096, 5);
      try (Arena reading = Arena.ofShared()) {
        MemorySegment mapped = memory.map(false, reading);
        assertEquals(5, mapped.get(ValueLayout.JAVA_LONG, 2 * 4096));
        long before = OpenDescriptors.mappingsOf("memfd:vacated");
        SharedMemory.vacate(mapped);
        assertEquals(before - 1, OpenDescriptors.mappingsOf("memfd:vacated"));
        assertEquals(0, mapped.get(ValueLayout.JAVA_LONG, 2 * 4096));
      }
    }
  }

  @Test
  void memoryIsZeroAndOfItsSizeAndSeenByEveryMapping() {
    try (SharedMemory memory = SharedMemory.create("mem-basic", BYTES);
        Arena arena = Arena.ofConfined()) {
      assertEquals(BYTES, memory.byteSize());
      MemorySegment written = memory.map(true, arena);
      MemorySegment read = memory.map(false, arena);
      assertEquals(BYTES, written.byteSize());
      assertEquals(BYTES, read.byteSize());
      for (long offset = 0; offset < BYTES; offset++) {
        assertEquals(0, read.get(ValueLayout.JAVA_BYTE, offset));
      }
      written.set(ValueLayout.JAVA_BYTE, BYTES - 1, (byte) 7);
      assertEquals(7, read.get(ValueLayout.JAVA_BYTE, BYTES - 1));
      assertTrue(read.isReadOnly());
    }
  }

  @Test
  void allMemoryIsAllocatedWhenItIsMade() {
    long bytes = 130L << 20; // more than one call allocates
    try (SharedMemory memory = SharedMemory.create("mem-allocated", bytes);
        Arena arena = Arena.ofConfined()) {
      MemorySegment status = arena.allocate(256, 8);
      MemorySegment path = arena.allocateFrom("");
      SystemCallException.orThrow(
          SystemCall.STATX,
          "blocks",
          SystemCall.STATX.call(
              memory.descriptor().number(), path.address(), 0x1000, 0x400, status.address()));
      assertEquals(bytes, status.get(ValueLayout.JAVA_LONG, 48) * 512);
    }
  }

  @Test
  void impossibleSizesAreOneErrorAndLeaveNothingBehind() {
    for (long size : new long[] {0, -1, Long.MIN_VALUE}) {
      String message =
          assertThrows(IllegalArgumentException.class, () -> SharedMemory.create("mem-wrong", size))
              .getMessage();
      assertTrue(message.contains("" + size), message);
    }
    for (long size : new long[] {Long.MAX_VALUE, Long.MAX_VALUE - 4095, 1L << 55}) {
      String message =
          assertThrows(IllegalStateException.class, () -> SharedMemory.create("mem-wrong", size))
              .getMessage();
      assertTrue(message.contains("" + size) && message.contains("left"), message);
      assertThrows(IllegalStateException.class, () -> SharedMemory.createHuge("mem-wrong", size));
      assertThrows(IllegalStateException.class, () -> SharedMemory.createSecret("mem-wrong", size));
    }
    assertEquals(0, OpenDescriptors.of("mem-wrong"));
  }

  @Test
  void namesAreChecked() {
    assertThrows(IllegalArgumentException.class, () -> SharedMemory.create("", 1));
    assertThrows(IllegalArgumentException.class, () -> SharedMemory.create("a\0b", 1));
    String message =
        assertThrows(IllegalArgumentException.class, () -> SharedMemory.create("x".repeat(250), 1))
            .getMessage();
    assertTrue(message.contains("249") && message.contains("250"), message);
    SharedMemory.create("x".repeat(249), 1).close();
  }

  @Test
  void sealsRefuseShrinkingGrowingAndFutureWriting() {
    try (SharedMemory memory = SharedMemory.create("mem-sealed", BYTES);
        Arena arena = Arena.ofConfined()) {
      assertTrue(Set.of(Seal.EXEC).containsAll(memory.seals()), memory.seals().toString());
      assertFalse(memory.isSecret());
      MemorySegment before = memory.map(true, arena);
      int number = memory.descriptor().number();

      memory.seal(Seal.SHRINK, Seal.GROW, Seal.FUTURE_WRITE);
      assertTrue(memory.seals().containsAll(Set.of(Seal.SHRINK, Seal.GROW, Seal.FUTURE_WRITE)));
      assertEquals(-Errno.EPERM, SystemCall.FTRUNCATE.call(number, 4096));
      assertEquals(-Errno.EPERM, SystemCall.FTRUNCATE.call(number, 8 * 4096));
      SystemCallException refused =
          assertThrows(SystemCallException.class, () -> memory.map(true, arena));
      assertEquals(Errno.EPERM, refused.errno());
      assertEquals(SystemCall.MMAP, refused.call());
      assertTrue(refused.getMessage().contains("" + BYTES), refused.getMessage());

      // A mapping for reading stays one, and the mapping that was there goes on writing.
      MemorySegment read = memory.map(false, arena);
      long mprotect = Linux.isAarch64() ? MPROTECT_AARCH64 : MPROTECT_X64;
      assertEquals(
          -Errno.EACCES,
          SystemCall.invoke(mprotect, read.address(), 4096, PROT_READ_WRITE, 0, 0, 0));
      before.set(ValueLayout.JAVA_LONG, 8, 42);
      assertEquals(42, read.get(ValueLayout.JAVA_LONG, 8));

      memory.seal(Seal.SEAL);
      assertEquals(
          Errno.EPERM,
          assertThrows(SystemCallException.class, () -> memory.seal(Seal.WRITE)).errno());
    }
  }

  @Test
  void mappingsOutliveTheDescriptorAndEndWithTheirArena() throws IOException {
    SharedMemory memory = SharedMemory.create("mem-arena", BYTES);
    try (Arena arena = Arena.ofShared()) {
      MemorySegment mapped = memory.map(true, arena);
      memory.close();
      memory.close();
      assertEquals(0, OpenDescriptors.of("mem-arena"));
      mapped.set(ValueLayout.JAVA_LONG, 0, 1);
      assertEquals(1, OpenDescriptors.mappingsOf("mem-arena"));
    }
    assertEquals(0, OpenDescriptors.mappingsOf("mem-arena"));
    assertThrows(IllegalStateException.class, memory::byteSize);
    assertThrows(IllegalStateException.class, memory::seals);
    assertThrows(IllegalStateException.class, () -> memory.map(false, Arena.ofAuto()));
  }

  @Test
  void mappingIntoAClosedArenaLeavesNoMapping() throws IOException {
    try (SharedMemory memory = SharedMemory.create("mem-closed-arena", BYTES)) {
      Arena arena = Arena.ofConfined();
      arena.close();
      assertThrows(IllegalStateException.class, () -> memory.map(true, arena));
      assertEquals(0, OpenDescriptors.mappingsOf("mem-closed-arena"));
    }
  }

  @Test
  void secretMemoryIsOfItsSizeForEver() {
    try (SharedMemory memory = secret(BYTES);
        Arena arena = Arena.ofConfined()) {
      assertEquals(BYTES, memory.byteSize());
      memory.map(true, arena).set(ValueLayout.JAVA_LONG, 0, 5);
      assertEquals(5, memory.map(false, arena).get(ValueLayout.JAVA_LONG, 0));
      assertTrue(memory.seals().isEmpty());
      assertThrows(SystemCallException.class, () -> memory.seal(Seal.SHRINK));
      assertTrue(memory.isSecret());
      // So nobody who has it can cut it off, nor make holes in it.
      for (long size : new long[] {0, 1, 1L << 30}) {
        assertEquals(-Errno.EINVAL, SystemCall.FTRUNCATE.call(memory.descriptor().number(), size));
      }
      for (int mode : new int[] {0, KEEP_SIZE | PUNCH_HOLE, ZERO_RANGE}) {
        assertTrue(SystemCall.FALLOCATE.call(memory.descriptor().number(), mode, 0, 4096) < 0);
      }
    }
  }

  static SharedMemory secret(long byteSize) {
    try {
      return SharedMemory.createSecret("mem-secret", byteSize);
    } catch (SystemCallException e) {
      assertEquals(Errno.ENOSYS, e.errno());
      assertTrue(e.getMessage().contains("secretmem"), e.getMessage());
      return abort("this kernel has no secret memory");
    }
  }

  @Test
  void hugePagesAreTakenOrTheirLackIsTold() {
    SharedMemory memory;
    try {
      memory = SharedMemory.createHuge("mem-huge", 1);
    } catch (IllegalStateException e) {
      assertTrue(e.getMessage().contains("vm.nr_hugepages"), e.getMessage());
      assertEquals(0, OpenDescriptors.of("mem-huge"));
      return;
    }
    try (memory;
        Arena arena = Arena.ofConfined()) {
      assertEquals(MemoryRoom.here().hugePageBytes(), memory.byteSize());
      memory.map(true, arena).set(ValueLayout.JAVA_LONG, memory.byteSize() - 8, 5);
    }
  }

  @Test
  void aReceivedDescriptorOfAnythingElseIsToldWhenMapped() {
    try (SharedMemory memory = SharedMemory.received(open("/dev/null"))) {
      assertTrue(memory.seals().isEmpty());
      String message =
          assertThrows(IllegalStateException.class, () -> memory.map(false, Arena.ofAuto()))
              .getMessage();
      assertTrue(message.contains("no memory"), message);
    }
  }

  private static Descriptor open(String path) {
    try (Arena arena = Arena.ofConfined()) {
      long number = SystemCall.OPENAT.call(-100, arena.allocateFrom(path).address(), 0x80000);
      return Descriptor.owning((int) SystemCallException.orThrow(SystemCall.OPENAT, path, number));
    }
  }

  @Test
  void anotherProcessSeesTheBytesAndCannotWriteThem() throws IOException {
    try (SharedMemory memory = SharedMemory.create("mem-passed", BYTES);
        Arena arena = Arena.ofConfined()) {
      MemorySegment mapped = memory.map(true, arena);
      mapped.setString(0, "before");
      memory.seal(Seal.SHRINK, Seal.GROW, Seal.FUTURE_WRITE, Seal.SEAL);
      String path = "/proc/" + ProcessHandle.current().pid() + "/fd/";
      try (ChildJvm child = ChildJvm.start(Reader.class, path + memory.descriptor().number())) {
        child.expect("before");
        mapped.setString(0, "after");
        child.say("again");
        child.expect("after");
        child.expect("EPERM");
      }
    }
  }

  /** Opens the memory for reading and writing, and can but read. */
  static final class Reader {
    public static void main(String[] args) throws IOException {
      try (Arena arena = Arena.ofConfined()) {
        long number = SystemCall.OPENAT.call(-100, arena.allocateFrom(args[0]).address(), 0x80002);
        SystemCallException.orThrow(SystemCall.OPENAT, args[0], number);
        try (SharedMemory memory = SharedMemory.received(Descriptor.owning((int) number))) {
          MemorySegment mapped = memory.map(false, arena);
          System.out.println(mapped.getString(0));
          System.in.read();
          System.out.println(mapped.getString(0));
          try {
            memory.map(true, arena);
          } catch (SystemCallException e) {
            System.out.println(Errno.symbol(e.errno()));
          }
        }
      }
    }
  }

  @Test
  void noDescriptorLeftIsToldWithTheLimit() throws IOException {
    try (ChildJvm child = ChildJvm.startLimited(64, Exhausting.class)) {
      String output = child.rest();
      // With one descriptor left there is none to look for room with, with none left no memory.
      assertTrue(output.contains("whether there is room; this process may have 64"), output);
      assertTrue(output.contains("memfd_create("), output);
      assertTrue(output.contains("EMFILE (24): this process may have 64"), output);
      assertTrue(output.contains("after closing: 1 byte"), output);
    }
  }

  /** Makes memories until there is no descriptor left, and one more when they are closed. */
  static final class Exhausting {
    public static void main(String[] args) throws Exception {
      // Loading a class takes a descriptor, so what is needed later is loaded now.
      SharedMemory.create("first", 1).close();
      new SystemCallException(SystemCall.MEMFD_CREATE, "first", Errno.EMFILE).getMessage();
      List<AutoCloseable> open = new ArrayList<>();
      RuntimeException withOneLeft = fill(open);
      open.add(SharedMemoryTest.open("/dev/null"));
      RuntimeException withNoneLeft = fill(open);
      for (AutoCloseable closeable : open) {
        closeable.close();
      }
      System.out.println(withOneLeft.getMessage());
      System.out.println(withNoneLeft.getMessage());
      try (SharedMemory memory = memory(0)) {
        System.out.println("after closing: " + memory.byteSize() + " byte");
      }
    }

    private static RuntimeException fill(List<AutoCloseable> open) {
      while (true) {
        try {
          open.add(memory(open.size()));
        } catch (SystemCallException | IllegalStateException e) {
          return e;
        }
      }
    }

    private static SharedMemory memory(int number) {
      return SharedMemory.create("number " + number, 1);
    }
  }
}
