package io.entrepot.internal.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Waiting across processes. */
class FutexTest {
  private static final long LONG_NS = TimeUnit.SECONDS.toNanos(20);
  private static final long MS = 1_000_000;

  @BeforeEach
  void needsLinux() {
    assumeTrue(Linux.AVAILABLE, "needs Linux on x86-64 or aarch64");
  }

  @Test
  void aWaitLooksFirstAndEndsInTime() {
    try (SharedMemory memory = SharedMemory.create("futex", 4096);
        Arena arena = Arena.ofConfined()) {
      MemorySegment mapped = memory.map(true, arena);
      MemorySegment read = memory.map(false, arena);
      Words words = Words.over(mapped);
      words.setVolatile(words.base(), 0x1234_5678_0000_0007L); // the low half counts
      assertEquals(FutexResult.VALUE_CHANGED, Futex.await(words.base(), 6, LONG_NS));
      assertEquals(FutexResult.TIMED_OUT, Futex.await(words.base(), 7, -1));
      assertEquals(FutexResult.TIMED_OUT, Futex.await(words.base(), 7, MS));
      assertEquals(FutexResult.TIMED_OUT, Futex.await(read.address(), 7, MS));
      long start = System.nanoTime();
      assertEquals(FutexResult.TIMED_OUT, Futex.await(words.base(), 7, Long.MAX_VALUE));
      assertTrue(System.nanoTime() - start >= 90 * MS);
      assertEquals(0, Futex.tryWake(words.base(), 1));
      assertEquals(0, Futex.tryWake(read.address(), 1));

      Thread.currentThread().interrupt();
      assertEquals(FutexResult.INTERRUPTED, Futex.await(words.base(), 7, LONG_NS));
      assertTrue(Thread.interrupted());

      assertEquals(0, Futex.tryWake(4096, 1), "no memory there");
      assertEquals(
          Errno.EFAULT,
          assertThrows(SystemCallException.class, () -> Futex.await(4096, 7, LONG_NS)).errno());
    }
  }

  @Test
  void aWaiterOnAMappingForReadingIsWokenFromAnyOther() throws InterruptedException {
    try (SharedMemory memory = SharedMemory.create("futex-readers", 4096);
        Arena arena = Arena.ofShared()) {
      Words words = Words.over(memory.map(true, arena));
      memory.seal(Seal.SHRINK, Seal.FUTURE_WRITE);
      MemorySegment forWaiter = memory.map(false, arena);
      MemorySegment forWaker = memory.map(false, arena);
      Thread waiter = Thread.ofPlatform().start(() -> awaitOther(forWaiter, 0));
      awaitBlocked(waiter, () -> Futex.tryWake(forWaker.address(), 1));
      assertTrue(waiter.isAlive()); // woken, saw 0 and waits again
      words.setVolatile(words.base(), 1);
      Futex.tryWake(forWaker.address(), 1);
      waiter.join();
    }
  }

  /** Wakes until somebody was there. */
  private static void awaitBlocked(Thread waiter, java.util.function.IntSupplier wake) {
    long deadline = System.nanoTime() + LONG_NS;
    while (wake.getAsInt() == 0) {
      assertTrue(waiter.isAlive() && System.nanoTime() < deadline, "nobody waits");
      Thread.onSpinWait();
    }
  }

  private static void awaitOther(MemorySegment mapped, long value) {
    Words words = Words.over(mapped);
    while (words.getVolatile(words.base()) == value) {
      FutexResult result = Futex.await(words.base(), (int) value, LONG_NS);
      if (result == FutexResult.INTERRUPTED) {
        throw new AssertionError("interrupted");
      }
    }
  }

  @Test
  void anotherProcessWaitsOnAMappingForReadingAndIsWoken() throws IOException {
    try (SharedMemory memory = SharedMemory.create("futex-passed", 4096);
        Arena arena = Arena.ofConfined()) {
      Words words = Words.over(memory.map(true, arena));
      memory.seal(Seal.SHRINK, Seal.FUTURE_WRITE);
      String path = "/proc/" + ProcessHandle.current().pid() + "/fd/";
      try (ChildJvm child = ChildJvm.start(Waiter.class, path + memory.descriptor().number())) {
        child.expect("waiting");
        long deadline = System.nanoTime() + LONG_NS;
        while (Futex.tryWake(words.base(), 1) == 0) {
          assertTrue(System.nanoTime() < deadline, "the other process does not wait");
        }
        words.setVolatile(words.base(), 1);
        Futex.tryWake(words.base(), 1);
        child.expect("changed");
      }
    }
  }

  /** Waits until the first word is no longer 0. */
  static final class Waiter {
    public static void main(String[] args) {
      try (Arena arena = Arena.ofConfined()) {
        long number = SystemCall.OPENAT.call(-100, arena.allocateFrom(args[0]).address(), 0x80000);
        SystemCallException.orThrow(SystemCall.OPENAT, args[0], number);
        try (SharedMemory memory = SharedMemory.received(Descriptor.owning((int) number))) {
          MemorySegment mapped = memory.map(false, arena);
          System.out.println("waiting");
          awaitOther(mapped, 0);
          System.out.println("changed");
        }
      }
    }
  }

  @Test
  void aGroupWaitsForAnyOfItsWords() throws InterruptedException {
    assumeTrue(FutexGroup.isAvailable(), "this kernel has no futex_waitv");
    try (SharedMemory memory = SharedMemory.create("futex-group", 128 * 128);
        Arena arena = Arena.ofShared()) {
      Words words = Words.over(memory.map(true, arena));
      MemorySegment read = memory.map(false, arena);
      FutexGroup group = new FutexGroup(FutexGroup.MAX_WORDS);
      assertThrows(IllegalStateException.class, () -> group.await(1));
      for (int i = 0; i < FutexGroup.MAX_WORDS; i++) {
        group.add(read.address() + i * 128L, 0);
      }
      assertThrows(IllegalStateException.class, () -> group.add(read.address(), 0));
      assertEquals(FutexResult.TIMED_OUT, group.await(MS));
      assertEquals(FutexResult.TIMED_OUT, group.await(-1));
      long last = words.base() + 127 * 128L;
      Thread waiter =
          Thread.ofPlatform()
              .start(() -> {
                while (words.getVolatile(last) == 0) {
                  group.await(LONG_NS);
                }
              });
      awaitBlocked(waiter, () -> Futex.tryWake(last, 1));
      words.setVolatile(last, 1);
      Futex.tryWake(last, 1);
      waiter.join();
      assertEquals(FutexResult.VALUE_CHANGED, group.await(LONG_NS));
      group.clear();
      assertEquals(0, group.size());
      Thread.currentThread().interrupt();
      group.add(words.base(), 0);
      assertEquals(FutexResult.INTERRUPTED, group.await(LONG_NS));
      assertTrue(Thread.interrupted());
    }
  }

  @Test
  void withoutTheCallAGroupSleepsForASlice() {
    long start = System.nanoTime();
    assertEquals(FutexResult.TIMED_OUT, FutexGroup.sleep(LONG_NS));
    assertTrue(System.nanoTime() - start < LONG_NS / 2);
    Thread.currentThread().interrupt();
    assertEquals(FutexResult.INTERRUPTED, FutexGroup.sleep(LONG_NS));
    assertTrue(Thread.interrupted());
    assertThrows(IllegalArgumentException.class, () -> new FutexGroup(129));
    assertThrows(IllegalArgumentException.class, () -> new FutexGroup(0));
  }

  @Test
  void futexesDoNotWorkInSecretMemory() {
    try (SharedMemory memory = SharedMemoryTest.secret(4096);
        Arena arena = Arena.ofConfined()) {
      MemorySegment mapped = memory.map(true, arena);
      assertEquals(
          Errno.EFAULT,
          assertThrows(SystemCallException.class, () -> Futex.await(mapped.address(), 0, MS))
              .errno());
    }
  }

  @Test
  void waitingAndWakingAllocateNothing() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    try (SharedMemory memory = SharedMemory.create("futex-garbage", 4096);
        Arena arena = Arena.ofConfined()) {
      long address = memory.map(true, arena).address();
      FutexGroup group = new FutexGroup(1);
      group.add(address, 1);
      long allocated = Long.MAX_VALUE;
      // The first rounds run uncompiled code, which allocates: compilers may come late.
      long startNs = System.nanoTime();
      while (allocated > 0 && System.nanoTime() - startNs < LONG_NS) {
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < 2_000; i++) {
          Futex.tryWake(address, 1);
          Futex.await(address, 1, 0);
          if (FutexGroup.isAvailable()) {
            group.await(0);
          }
        }
        allocated = threads.getCurrentThreadAllocatedBytes() - before;
      }
      assertEquals(0, allocated);
    }
  }
}
