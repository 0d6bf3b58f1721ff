package io.entrepot.internal.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.entrepot.internal.reach.UnixSocket;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Where the ground is there, and what is said where it is not. */
class LinuxTest {
  @Test
  void elsewhereEveryClassLoadsAndSaysWhatItNeeds() throws IOException {
    try (ChildJvm child = ChildJvm.start(Elsewhere.class, "-Dos.arch=riscv64")) {
      String output = child.rest();
      assertEquals(
          4, output.lines().filter(line -> line.contains("needs Linux on x86-64")).count(), output);
      assertTrue(output.contains("riscv64"), output);
      assertTrue(output.contains("several words: false"), output);
    }
  }

  /** Uses all there is. */
  static final class Elsewhere {
    public static void main(String[] args) {
      for (Runnable use :
          new Runnable[] {
            () -> SharedMemory.create("a", 1),
            () -> Futex.tryWake(0, 1),
            () -> new FutexGroup(1),
            () -> UnixSocket.listen(Path.of("a"), 1)
          }) {
        try {
          use.run();
        } catch (UnsupportedOperationException e) {
          System.out.println(e.getMessage());
        }
      }
      System.out.println("several words: " + FutexGroup.isAvailable());
    }
  }

  @Test
  void deniedNativeAccessIsSaidInOneSentence() throws IOException {
    assumeTrue(Linux.AVAILABLE, "needs Linux on x86-64 or aarch64");
    try (ChildJvm child = ChildJvm.start(Denied.class, ChildJvm.DENY_NATIVE_ACCESS)) {
      String output = child.rest();
      assertTrue(output.contains("Entrepot needs native access, which this JVM denies"), output);
    }
  }

  /** Makes a shared memory. */
  static final class Denied {
    public static void main(String[] args) {
      try (SharedMemory memory = SharedMemory.create("a", 1)) {
        System.out.println("made " + memory.byteSize() + " byte");
      } catch (IllegalStateException e) {
        System.out.println(e.getMessage());
      }
    }
  }

  @Test
  void pagesHaveASize() {
    assumeTrue(Linux.AVAILABLE, "needs Linux on x86-64 or aarch64");
    assertTrue(Linux.pageBytes() >= 4096 && Long.bitCount(Linux.pageBytes()) == 1);
    assertTrue(ResourceLimit.NOFILE.soft() > 0);
  }

  @Test
  void anUnknownErrorHasItsNumber() {
    assertEquals(
        "futex(x) failed with errno (4000)",
        new SystemCallException(SystemCall.FUTEX, "x", 4000).getMessage());
  }

  @Test
  void wordsLieOverAlignedNativeMemoryOnly() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = arena.allocate(256, 128);
      Words words = Words.over(memory);
      words.setVolatile(words.base() + 8, 3);
      assertEquals(3, memory.getAtIndex(java.lang.foreign.ValueLayout.JAVA_LONG, 1));
      assertEquals(256, words.byteSize());
      for (MemorySegment wrong :
          new MemorySegment[] {
            memory.asSlice(8),
            memory.asSlice(0, 12),
            memory.asSlice(0, 0),
            MemorySegment.ofArray(new long[32])
          }) {
        assertThrows(IllegalArgumentException.class, () -> Words.over(wrong));
      }
    }
  }
}
