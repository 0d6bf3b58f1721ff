package io.entrepot.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.flow.Broadcast;
import io.entrepot.flow.BufferPool;
import io.entrepot.flow.FeedWriter;
import io.entrepot.internal.memory.ChildJvm;
import io.entrepot.internal.memory.Unprivileged;
import io.entrepot.reach.PoolServer;
import io.entrepot.reach.RemotePool;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.AttachRefusedException;
import io.entrepot.sharing.Importer;
import io.entrepot.sharing.OutOfBudgetException;
import io.entrepot.sharing.Port;
import io.entrepot.sharing.SecretMemoryExporter;
import io.entrepot.sharing.SharedBuffer;
import io.entrepot.sharing.SizeClass;
import io.entrepot.sharing.View;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** C13: secret memory goes to one importer that is granted writing, and is zeroed behind it. */
@EnabledOnOs(value = OS.LINUX, disabledReason = "memfd_secret is Linux's")
class C13WritingSecretsTest {
  private static final int BUFFERS = 4;
  private static final long LIMIT_SECONDS = 30;

  @TempDir Path folder;
  private final List<MemorySegment> raw = new ArrayList<>();
  private BufferPool pool;
  private Broadcast feed;
  private PoolServer server;
  private Port port;

  private static Importer handling(String name) {
    return Importer.viewing(name, Access.WRITE).handlingConfidential();
  }

  @BeforeEach
  void serve() {
    SecretMemory.require();
    SecretMemoryExporter secret = SecretMemoryExporter.named("secret").writableBy("filler");
    pool =
        BufferPool.of(
            new TappedExporter(secret, all -> raw.addAll(all.buffers())),
            new SizeClass(4096, BUFFERS));
    feed = pool.broadcast("feed");
    server = PoolServer.serve(pool, folder.resolve("pool"));
    port = pool.attach(handling("here")).open();
  }

  @AfterEach
  void close() {
    if (pool != null) {
      port.close();
      feed.close();
      server.close();
      pool.close(Duration.ofSeconds(LIMIT_SECONDS));
    }
  }

  private ChildJvm filler() throws IOException {
    ChildJvm child =
        ChildJvm.start(FillingProcess.class, server.socket().toString(), "feed", "filler");
    child.expect("joined");
    return child;
  }

  private static void order(ChildJvm child, String order, String answer) throws IOException {
    child.say(order);
    String said = child.line();
    while (said.isEmpty() || said.startsWith("WARNING")) {
      // Of the JVM, on the same stream.
      said = child.line();
    }
    assertEquals(answer, said);
  }

  private SharedBuffer publish() {
    try (FeedWriter writer = feed.writer(handling("writer"))) {
      SharedBuffer buffer = pool.acquire(4096, LIMIT_SECONDS, TimeUnit.SECONDS);
      assertTrue(writer.publish(buffer.share(), null, 0, LIMIT_SECONDS, TimeUnit.SECONDS));
      return buffer;
    }
  }

  private boolean isZero(int buffer) {
    return raw.get(buffer)
        .elements(ValueLayout.JAVA_LONG)
        .allMatch(word -> word.get(ValueLayout.JAVA_LONG, 0) == 0);
  }

  /** A frame that the other process has taken and filled. */
  private SharedBuffer filled(ChildJvm child) throws IOException {
    SharedBuffer buffer = publish();
    order(child, "take", "buffer " + buffer.index());
    order(child, "map 30000", "mapped");
    order(child, "put 5", "done");
    return buffer;
  }

  @Test
  void bytesAreGoneWhoeverEndsTheLastUse() throws Exception {
    try (ChildJvm child = filler()) {
      SharedBuffer buffer = filled(child);
      int index = buffer.index();
      order(child, "unmap", "done");
      try (View view = port.map(buffer)) {
        Pattern.check(view, 5);
      }
      buffer.close();
      assertFalse(isZero(index), "the other process holds it");
      order(child, "drop", "done");
      Elsewhere.await("it is zeroed behind the other process", () -> isZero(index));
      order(child, "leave", "left");
    }
    // A feed has one writer in its life, so this is another.
    feed.close();
    feed = pool.broadcast("feed");
    try (ChildJvm child = filler()) {
      SharedBuffer buffer = filled(child);
      order(child, "unmap", "done");
      order(child, "drop", "done");
      assertFalse(isZero(buffer.index()), "this process holds it");
      buffer.close();
      Elsewhere.await("it is zeroed by the last release", () -> isZero(buffer.index()));
    }
  }

  @Test
  void bytesAreGoneBehindAWriterThatIsKilled() throws Exception {
    try (ChildJvm child = filler()) {
      SharedBuffer buffer = filled(child);
      int index = buffer.index();
      buffer.close();
      assertFalse(isZero(index));
      child.kill();
      Elsewhere.await("it is zeroed", () -> isZero(index));
      Elsewhere.await("it is free", () -> pool.statistics().free() == BUFFERS);
      assertEquals(0, pool.statistics().quarantined());
    }
  }

  @Test
  void whoDoesNotHandleSecretsIsRefused() {
    try (RemotePool remote = RemotePool.connect(server.socket())) {
      Importer careless = Importer.viewing("filler", Access.WRITE);
      String table =
          assertThrows(AttachRefusedException.class, () -> remote.attach(careless)).getMessage();
      assertTrue(table.contains("confidential memory, which the importer does not"), table);
      remote.attach(careless.handlingConfidential()).close();
    }
  }

  @Test
  void whoMayNotLockSoMuchIsToldTheNumbers() throws Exception {
    Unprivileged user = Unprivileged.in(folder);
    try (ChildJvm child =
        user.start("ulimit -l 64", Locking.class, user.folder().resolve("socket").toString())) {
      String said = child.expectPart("refused: ");
      for (String part :
          List.of("" + (40 << 10), "may lock " + (64 << 10), "has locked " + (40 << 10))) {
        assertTrue(said.contains(part), () -> "'" + part + "' is not in " + said);
      }
      child.expect("again refused");
      child.expect("nothing is left");
    }
  }

  /** Maps secret memory twice, here and as an importer, which is more than it may lock. */
  static final class Locking {
    public static void main(String[] args) {
      SecretMemoryExporter secret = SecretMemoryExporter.named("secret").writableBy("filler");
      try (BufferPool pool = BufferPool.of(secret, new SizeClass(4096, 10));
          PoolServer server = PoolServer.serve(pool, Path.of(args[0]));
          RemotePool remote = RemotePool.connect(server.socket())) {
        System.out.println("refused: " + refusal(remote).replace('\n', ' '));
        System.out.println(
            refusal(remote).contains("may lock") ? "again refused" : "there is something else");
        // The attachments that stood in vain for a moment are given back by a message.
        awaitNothing(server);
        System.out.println("nothing is left");
      }
    }

    /** Without the assertions of tests, which are not on this process's class path. */
    private static void awaitNothing(PoolServer server) {
      long startNs = System.nanoTime();
      while (!server.attachments().isEmpty()) {
        if (System.nanoTime() - startNs > TimeUnit.SECONDS.toNanos(30)) {
          throw new IllegalStateException("still there: " + server.attachments());
        }
        Thread.onSpinWait();
      }
    }

    private static String refusal(RemotePool remote) {
      try {
        return "not: " + remote.attach(handling("filler"));
      } catch (OutOfBudgetException refused) {
        return refused.getMessage();
      }
    }
  }
}
