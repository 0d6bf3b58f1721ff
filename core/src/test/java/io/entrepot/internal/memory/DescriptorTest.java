package io.entrepot.internal.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A descriptor is closed once, and its number is nobody else's while it is used. */
class DescriptorTest {
  @BeforeEach
  void needsLinux() {
    assumeTrue(Linux.AVAILABLE, "needs Linux on x86-64 or aarch64");
  }

  @Test
  void aClosedDescriptorHasNoNumberAndSaysSo() {
    Descriptor descriptor = SharedMemory.create("fd-closed", 1).descriptor();
    assertEquals(1, OpenDescriptors.of("fd-closed"));
    descriptor.close();
    assertTrue(descriptor.isClosed());
    assertEquals(0, OpenDescriptors.of("fd-closed"));
    assertThrows(IllegalStateException.class, descriptor::number);
    assertThrows(IllegalStateException.class, descriptor::take);
    assertTrue(descriptor.toString().contains("closed"));
    assertThrows(IllegalArgumentException.class, () -> Descriptor.owning(-1));
  }

  /** What tests that leave nothing behind count by. */
  @Test
  void memoryIsCountedByItsWholeName() throws IOException {
    Path file = Files.createTempFile("memfd:fd-whole", " (deleted)");
    try (SharedMemory memory = SharedMemory.create("fd-whole", 1);
        SharedMemory more = SharedMemory.create("fd-whole more", 1);
        FileChannel open = FileChannel.open(file)) {
      assertEquals(1, OpenDescriptors.ofMemory("fd-whole"));
      assertEquals(3, OpenDescriptors.of("fd-whole"));
      assertEquals(List.of(1L, 1L, 0L), List.of(memory.byteSize(), more.byteSize(), open.size()));
    } finally {
      Files.delete(file);
    }
    assertEquals(0, OpenDescriptors.ofMemory("fd-whole"));
  }

  @Test
  void closingAgainDoesNotCloseWhoGotTheNumberNext() {
    Descriptor first = SharedMemory.create("fd-first", 1).descriptor();
    int number = first.number();
    first.close();
    List<SharedMemory> next = new ArrayList<>();
    try {
      do {
        next.add(SharedMemory.create("fd-next", 1));
      } while (next.getLast().descriptor().number() != number && next.size() < 100);
      first.close();
      assertEquals(next.size(), OpenDescriptors.of("fd-next"));
    } finally {
      next.forEach(SharedMemory::close);
    }
  }

  @Test
  void aNumberThatIsUsedStaysOpenUntilItIsGivenBack() {
    Descriptor descriptor = SharedMemory.create("fd-used", 1).descriptor();
    descriptor.take();
    descriptor.take();
    descriptor.close();
    descriptor.giveBack();
    assertEquals(1, OpenDescriptors.of("fd-used"));
    descriptor.giveBack();
    assertEquals(0, OpenDescriptors.of("fd-used"));
  }

  @Test
  void threadsThatUseAndCloseItCloseItOnce() throws InterruptedException {
    for (int round = 0; round < 150; round++) {
      Descriptor descriptor = SharedMemory.create("fd-race", 1).descriptor();
      CountDownLatch start = new CountDownLatch(1);
      List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        boolean closes = i > 0;
        threads.add(
            Thread.ofPlatform()
                .uncaughtExceptionHandler((_, failure) -> failures.add(failure))
                .start(() -> useAndClose(descriptor, start, closes)));
      }
      start.countDown();
      for (Thread thread : threads) {
        thread.join();
      }
      descriptor.close();
      assertTrue(failures.isEmpty(), failures::toString);
    }
    assertEquals(0, OpenDescriptors.of("fd-race"));
  }

  private static void useAndClose(Descriptor descriptor, CountDownLatch start, boolean closes) {
    try {
      start.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    if (closes) {
      descriptor.close();
      return;
    }
    while (!descriptor.isClosed()) {
      try {
        int number = descriptor.take();
        long flags = SystemCall.FCNTL.call(number, 1);
        descriptor.giveBack();
        assertFalse(flags < 0, "a taken number was closed");
      } catch (IllegalStateException closed) {
        assertTrue(descriptor.isClosed());
      }
    }
  }
}
