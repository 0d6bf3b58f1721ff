package io.entrepot.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.flow.Broadcast;
import io.entrepot.flow.BufferPool;
import io.entrepot.flow.FeedWriter;
import io.entrepot.internal.memory.ChildJvm;
import io.entrepot.internal.memory.OpenDescriptors;
import io.entrepot.reach.PoolServer;
import io.entrepot.sharing.SharedMemoryExporter;
import io.entrepot.sharing.SizeClass;
import io.entrepot.sharing.WritableView;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** C13 over huge pages: the data lies in them, in both processes, and nothing else changes. */
@EnabledOnOs(value = OS.LINUX, disabledReason = "memfd is Linux's")
class C13HugePagesTest {
  private static final int PAGES = 4;
  private static final long BUFFER_BYTES = 64 << 10;

  @TempDir Path folder;

  @Test
  void anotherProcessReadsFramesInHugePages() throws Exception {
    try (HugePages _ = HugePages.reserve(PAGES)) {
      long free = HugePages.free();
      long page = HugePages.bytes();
      // A little more than three pages: the fourth is rounded up to.
      SizeClass buffers = new SizeClass(BUFFER_BYTES, (int) (3 * page / BUFFER_BYTES) + 1);
      try (BufferPool pool =
              BufferPool.of(SharedMemoryExporter.named("huge").withHugePages(), buffers);
          Broadcast feed = pool.broadcast("feed");
          PoolServer server = PoolServer.serve(pool, folder.resolve("socket"))) {
        assertEquals(free - PAGES, HugePages.free(), "all of the data lies in them");
        assertEquals(page, pageBytes("memfd:huge (deleted)"));
        try (ChildJvm reading =
            ChildJvm.start(
                ReadingProcess.class, server.socket().toString(), "feed", "BLOCK", "0")) {
          reading.expect("joined");
          try (FeedWriter writer = feed.writer()) {
            // Each buffer several times, in each page.
            for (long frame = 0; frame < 3L * buffers.buffers(); frame++) {
              WritableView view = writer.acquire(30, TimeUnit.SECONDS);
              assertNotNull(view);
              Pattern.put(view, frame);
              writer.publish();
            }
          }
          reading.expect("read " + 3L * buffers.buffers());
        }
      }
      Elsewhere.await("all of them came back", () -> HugePages.free() == free);
      assertEquals(0, OpenDescriptors.of("memfd:huge"));
    }
  }

  /** Size of the pages of a mapping. */
  private static long pageBytes(String name) throws Exception {
    List<String> lines = Files.readAllLines(Path.of("/proc/self/smaps"));
    int at = 0;
    while (!lines.get(at).contains(name)) {
      at++;
    }
    while (!lines.get(at).startsWith("KernelPageSize:")) {
      at++;
    }
    String[] parts = lines.get(at).split("\\s+");
    assertTrue(parts[2].equals("kB"), lines.get(at));
    return Long.parseLong(parts[1]) << 10;
  }
}
