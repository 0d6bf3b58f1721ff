package io.entrepot.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.flow.Broadcast;
import io.entrepot.flow.BufferPool;
import io.entrepot.flow.FeedReader;
import io.entrepot.flow.Overflow;
import io.entrepot.internal.memory.ChildJvm;
import io.entrepot.internal.memory.OpenDescriptors;
import io.entrepot.internal.memory.UsedUpDescriptors;
import io.entrepot.reach.PoolServer;
import io.entrepot.reach.RemotePool;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.SharedMemoryExporter;
import io.entrepot.sharing.SizeClass;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * C13 under a small {@code RLIMIT_NOFILE}: with 0, 1, 2 and more descriptors left, until it works,
 * each attempt fails with the sentence that tells the limit, and leaves nothing behind.
 */
@EnabledOnOs(value = OS.LINUX, disabledReason = "descriptors and their limit are Linux's")
class C13DescriptorLimitTest {
  private static final int LIMIT = 64;
  private static final String SENTENCE = "this process may have " + LIMIT;
  private static final int BUFFERS = 4;

  /** What the data of the pool is called where mappings are listed. */
  private static final String DATA = "memfd:limited (deleted)";

  @TempDir Path folder;

  private static BufferPool pool() {
    return BufferPool.of(SharedMemoryExporter.named("limited"), new SizeClass(4096, BUFFERS));
  }

  /**
   * Tries with more and more descriptors left, in a process of the {@link #LIMIT}.
   *
   * @param operation opens something, which is closed when it works
   * @param attempted looked at after each attempt
   * @return with how many it worked
   */
  private static int leftWhenItWorks(
      Callable<? extends AutoCloseable> operation, Runnable attempted) throws Exception {
    long before = OpenDescriptors.all();
    operation.call().close(); // Loads what is needed.
    // A thread that just waits in a socket closes it a little later.
    eventually("as many descriptors as before", () -> OpenDescriptors.all() == before);
    long mapped = OpenDescriptors.mappingsOf(DATA);
    UsedUpDescriptors used = new UsedUpDescriptors();
    for (int left = 0; ; left++) {
      RuntimeException refused = null;
      used.leave(left);
      try {
        operation.call().close();
      } catch (RuntimeException e) {
        refused = e;
      } finally {
        used.release();
      }
      eventually("as many descriptors as before", () -> OpenDescriptors.all() == before);
      if (OpenDescriptors.mappingsOf(DATA) != mapped) {
        throw new AssertionError("with " + left + " left a mapping was left behind", refused);
      }
      attempted.run();
      if (refused == null) {
        return left;
      }
      String message = refused.getMessage();
      if (!message.contains("RLIMIT_NOFILE") || !message.contains("" + LIMIT)) {
        throw new AssertionError("with " + left + " left", refused);
      }
      System.out.println(left + " left: " + refused);
    }
  }

  /** Waits, in a process that has no JUnit. */
  private static void eventually(String what, Callable<Boolean> condition) throws Exception {
    long startNs = System.nanoTime();
    while (!condition.call()) {
      if (System.nanoTime() - startNs > TimeUnit.SECONDS.toNanos(20)) {
        throw new AssertionError("not so in 20 s: " + what);
      }
      Thread.onSpinWait();
    }
  }

  // ---------------------------------------------------------------- making and serving a pool

  @Test
  void poolsAndServersAreMadeWholeOrNotAtAll() throws IOException {
    try (ChildJvm child =
        ChildJvm.startLimited(LIMIT, Making.class, folder.resolve("socket").toString())) {
      // Data, words, and one to look for room with.
      child.expect("pool made with 3");
      // Socket, directory; the probe of a stale file is not needed.
      child.expect("pool served with 2");
    }
  }

  static final class Making {
    public static void main(String[] args) throws Exception {
      UsedUpDescriptors.prepare(Making.class);
      Path socket = Path.of(args[0]);
      int made =
          leftWhenItWorks(
              () -> {
                BufferPool pool = pool();
                return (AutoCloseable) pool::close;
              },
              () -> {});
      System.out.println("pool made with " + made);
      // Words are unmapped when nobody can reach them any more.
      eventually(
          "no words are left",
          () -> {
            System.gc();
            return OpenDescriptors.mappingsOf("memfd:limited") == 0;
          });
      try (BufferPool pool =
          BufferPool.of(SharedMemoryExporter.named("served"), new SizeClass(4096, BUFFERS))) {
        int served =
            leftWhenItWorks(
                () -> PoolServer.serve(pool, socket),
                () -> {
                  if (Files.exists(socket)) {
                    throw new AssertionError(socket + " was left behind");
                  }
                });
        System.out.println("pool served with " + served);
      }
    }
  }

  // ---------------------------------------------------------------- connecting and joining

  @Test
  void anImporterAtItsLimitIsToldAndCanGoOn() throws Exception {
    try (BufferPool pool = pool();
        Broadcast feed = pool.broadcast("feed");
        PoolServer server = PoolServer.serve(pool, folder.resolve("socket"))) {
      try (ChildJvm child =
          ChildJvm.startLimited(LIMIT, Importing.class, server.socket().toString(), feed.name())) {
        // The socket; the process behind it; data, words and lane.
        child.expect("connected with 5");
        // The ring.
        child.expect("joined with 1");
        Elsewhere.await("earlier connections have ended", () -> server.peers().size() == 1);
        Elsewhere.await("no attachment is left", () -> server.attachments().isEmpty());
        child.endInput();
        assertEquals("", child.rest());
      }
      Elsewhere.await("nobody is left", () -> server.peers().isEmpty());
      assertEquals(BUFFERS, pool.statistics().free(), pool::dump);
    }
  }

  static final class Importing {
    public static void main(String[] args) throws Exception {
      UsedUpDescriptors.prepare(Importing.class);
      Path socket = Path.of(args[0]);
      int connected = leftWhenItWorks(() -> RemotePool.connect(socket), () -> {});
      System.out.println("connected with " + connected);
      try (RemotePool pool = RemotePool.connect(socket)) {
        int joined =
            leftWhenItWorks(
                () -> pool.feed(args[1]).join("reader", Access.READ, Overflow.BLOCK),
                () -> {
                  if (!pool.isConnected()) {
                    throw new AssertionError("the connection is lost: " + pool);
                  }
                });
        System.out.println("joined with " + joined);
        while (System.in.read() >= 0) {
          // Until the test closes it.
        }
      }
    }
  }

  // ---------------------------------------------------------------- accepting

  @Test
  void anExporterAtItsLimitTellsItsPeersAndCanGoOn() throws Exception {
    Path socket = folder.resolve("socket");
    try (ChildJvm exporter = ChildJvm.startLimited(LIMIT, Exporting.class, socket.toString())) {
      exporter.expect("serving");
      try (RemotePool pool = RemotePool.connect(socket)) {
        join(pool).close();
      }
      ask(exporter, "settle");
      ask(exporter, "left 0");
      Elsewhere<RemotePool> waiting = Elsewhere.start(() -> RemotePool.connect(socket));
      exporter.expectPart("cannot take another process now: accept4() failed with EMFILE (24): ");
      ask(exporter, "left 20");
      waiting.result().close();

      // The connection; the process behind it; its words, and one to look for room with.
      for (int left = 1; left < 4; left++) {
        ask(exporter, "settle");
        ask(exporter, "left " + left);
        IllegalStateException refused =
            assertThrows(IllegalStateException.class, () -> RemotePool.connect(socket));
        assertTrue(refused.getMessage().contains("pool 'limited'"), refused::getMessage);
        assertTrue(refused.getMessage().contains(SENTENCE), refused::getMessage);
      }
      ask(exporter, "settle");
      ask(exporter, "left 4");
      try (RemotePool pool = RemotePool.connect(socket)) {
        for (int left = 0; left < 2; left++) {
          ask(exporter, "left " + left);
          IllegalStateException refused =
              assertThrows(IllegalStateException.class, () -> join(pool));
          assertTrue(refused.getMessage().contains("pool 'limited'"), refused::getMessage);
          assertTrue(refused.getMessage().contains(SENTENCE), refused::getMessage);
          assertTrue(pool.isConnected());
        }
        ask(exporter, "left 2");
        join(pool).close();
      }
      // As many descriptors as before, and every buffer free.
      ask(exporter, "settle");
      exporter.endInput();
      exporter.expect("all free");
      assertEquals("", exporter.rest());
    }
    assertTrue(Files.notExists(socket));
  }

  private static FeedReader join(RemotePool pool) {
    return pool.feed("feed").join("reader", Access.READ, Overflow.BLOCK);
  }

  private static void ask(ChildJvm exporter, String command) throws IOException {
    exporter.say(command);
    exporter.expect("done: " + command);
  }

  /** Serves a pool, and does what it is told with its descriptors. */
  static final class Exporting {
    public static void main(String[] args) throws Exception {
      UsedUpDescriptors.prepare(Exporting.class);
      UsedUpDescriptors used = new UsedUpDescriptors();
      try (BufferPool pool = pool();
          Broadcast feed = pool.broadcast("feed");
          PoolServer server = PoolServer.serve(pool, Path.of(args[0]));
          BufferedReader input = new BufferedReader(new InputStreamReader(System.in))) {
        OpenDescriptors.all();
        long before = OpenDescriptors.all();
        System.out.println("serving");
        String command;
        while ((command = input.readLine()) != null) {
          used.release();
          if (command.equals("settle")) {
            eventually(
                "as many descriptors as before",
                () -> server.peers().isEmpty() && OpenDescriptors.all() == before);
          } else {
            used.leave(Integer.parseInt(command.substring(command.indexOf(' ') + 1)));
          }
          System.out.println("done: " + command);
        }
        if (pool.statistics().free() != BUFFERS || !feed.name().equals("feed")) {
          throw new AssertionError(pool.dump());
        }
        System.out.println("all free");
      }
    }
  }
}
