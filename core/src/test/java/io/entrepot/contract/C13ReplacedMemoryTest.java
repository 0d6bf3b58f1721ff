package io.entrepot.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.flow.Broadcast;
import io.entrepot.flow.BufferPool;
import io.entrepot.flow.Division;
import io.entrepot.flow.FeedReader;
import io.entrepot.flow.FeedWriter;
import io.entrepot.flow.FramePort;
import io.entrepot.flow.Overflow;
import io.entrepot.flow.PoolPort;
import io.entrepot.flow.PoolStatistics;
import io.entrepot.flow.Start;
import io.entrepot.internal.memory.ChildJvm;
import io.entrepot.internal.memory.OpenDescriptors;
import io.entrepot.internal.reach.LingeringImporter;
import io.entrepot.reach.PeerIdentity;
import io.entrepot.reach.PoolServer;
import io.entrepot.reach.RemotePool;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.Attachment;
import io.entrepot.sharing.Importer;
import io.entrepot.sharing.NativeLease;
import io.entrepot.sharing.Revocation;
import io.entrepot.sharing.SharedBuffer;
import io.entrepot.sharing.SharedMemoryExporter;
import io.entrepot.sharing.SizeClass;
import io.entrepot.sharing.View;
import io.entrepot.sharing.WritableView;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * C7, C13: after a revocation that another process has not confirmed its memory is replaced, not
 * reused. What it has mapped shows nothing that was acquired later, whatever it does. Longer than a
 * page for the ways in which a process can be cut off, and buffers be in use then.
 */
@EnabledOnOs(value = OS.LINUX, disabledReason = "memfd and signals are Linux's")
class C13ReplacedMemoryTest {
  private static final String NAME = "replaced";
  private static final int BUFFERS = 8;
  private static final long BUFFER_BYTES = 4096;
  private static final Duration DEADLINE = Duration.ofMillis(100);

  /** By which the end of a process has to be known, and all that it saw be gone. */
  private static final Duration SOON = Duration.ofSeconds(1);

  private static final Duration LONG = Duration.ofSeconds(30);

  @TempDir Path folder;
  private BufferPool pool;
  private Broadcast feed;
  private FeedWriter writer;
  private PoolServer server;
  private long frame = 1;

  @BeforeEach
  void serve() {
    serve(SharedMemoryExporter.named(NAME));
  }

  private void serve(SharedMemoryExporter exporter) {
    stop();
    pool = BufferPool.of(exporter, new SizeClass(BUFFER_BYTES, BUFFERS));
    feed = pool.broadcast("feed");
    writer = feed.writer();
    server = PoolServer.serve(pool, folder.resolve("pool"));
  }

  @AfterEach
  void stop() {
    if (pool != null) {
      server.close();
      writer.close();
      feed.close();
      pool.close(LONG);
      pool = null;
      // Threads of connections close what they had a moment later.
      Elsewhere.await(
          "nothing is left open",
          () -> OpenDescriptors.of("memfd:" + NAME) + OpenDescriptors.of("[pidfd]") == 0);
    }
  }

  private void publish() {
    WritableView view = writer.acquire(30, TimeUnit.SECONDS);
    assertNotNull(view, pool::dump);
    // The first word says which frame it is, to who looks at memory.
    Pattern.put(view, frame);
    view.putLong(0, frame++);
    writer.publish();
  }

  private void publish(int frames) {
    for (int i = 0; i < frames; i++) {
      publish();
    }
  }

  private static void check(FramePort port, View view) {
    long expected = port.sequence() + 1;
    if (view.getLong(0) != expected) {
      throw new AssertionError("frame " + expected + " begins with " + view.getLong(0));
    }
    for (long at = Long.BYTES; at < view.byteSize(); at += Long.BYTES) {
      long word = (expected + 1) * 0x9E37_79B9_7F4A_7C15L + at;
      if (view.getLong(at) != word) {
        throw new AssertionError("frame " + expected + " is wrong at " + at);
      }
    }
  }

  private ChildJvm lingering() throws Exception {
    ChildJvm child =
        ChildJvm.start(
            LingeringImporter.class, server.socket().toString(), "feed", "" + BUFFER_BYTES);
    child.expect("mapped");
    return child;
  }

  /** What a process sees in the buffers that it has ever mapped. */
  private static long[] look(ChildJvm child) throws Exception {
    child.say("look");
    return Arrays.stream(child.expectPart("saw ").substring("saw ".length()).split(" "))
        .mapToLong(Long::parseLong)
        .toArray();
  }

  private static long newest(ChildJvm child) throws Exception {
    return LongStream.of(look(child)).max().orElseThrow();
  }

  private static void signal(ChildJvm child, String name) throws Exception {
    assertEquals(
        0,
        new ProcessBuilder("/bin/sh", "-c", "kill -" + name + " " + child.pid()).start().waitFor());
  }

  private Attachment attachmentOf(ChildJvm child) {
    return server.attachments().stream()
        .filter(attachment -> attachment.importer().name().equals(LingeringImporter.NAME))
        .findFirst()
        .orElseThrow(() -> new AssertionError(child + " among " + server.attachments()));
  }

  private PeerIdentity peer(ChildJvm child) {
    return server.peers().stream()
        .filter(peer -> peer.pid() == child.pid())
        .findFirst()
        .orElseThrow();
  }

  private void await(Duration limit, BooleanSupplier condition) {
    long startNs = System.nanoTime();
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() - startNs < limit.toNanos(), pool::dump);
      Thread.onSpinWait();
    }
  }

  private static long mappingsOf(long pid) {
    try (Stream<String> lines = Files.lines(Path.of("/proc/" + pid + "/maps"))) {
      return lines.filter(line -> line.contains("memfd:" + NAME + " ")).count();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** An honest reader in a process of its own: it fails unless each frame is right. */
  private ChildJvm honest() throws Exception {
    ChildJvm child = ChildJvm.start(Honest.class, server.socket().toString());
    child.expect("joined");
    return child;
  }

  /** Reads to the end of the feed and says how many frames; all of them were right. */
  static final class Honest {
    public static void main(String[] args) throws Exception {
      try (RemotePool pool = RemotePool.connect(Path.of(args[0]));
          FeedReader reader = pool.feed("feed").join("honest", Access.READ, Overflow.BLOCK);
          FramePort port = reader.open()) {
        System.out.println("joined");
        long count = 0;
        while (port.next(30, TimeUnit.SECONDS) instanceof View view) {
          check(port, view);
          count++;
        }
        System.out.println("read " + count);
        System.in.read();
      }
    }
  }

  // ---------------------------------------------------------------- replaced

  @Test
  void aStoppedProcessThatWakesSeesNothingThatWasAcquiredAfterItsRevocation() throws Exception {
    try (ChildJvm honest = honest();
        ChildJvm stopped = lingering()) {
      publish(3 * BUFFERS);
      assertEquals(frame - 1, newest(stopped), "it sees what is published while it may");
      signal(stopped, "STOP");
      Revocation revocation = pool.revoke(attachmentOf(stopped), DEADLINE);
      assertFalse(revocation.isComplete(), revocation::toString);
      long last = frame - 1;
      publish(20 * BUFFERS);
      PoolStatistics after = pool.statistics();
      assertEquals(1, after.replacements());
      assertEquals(1, after.oldMemories());
      assertEquals(BUFFERS * BUFFER_BYTES, after.oldBytes());
      assertTrue(pool.dump().contains("may be seen by [process " + stopped.pid()), pool::dump);
      signal(stopped, "CONT");
      assertEquals(last, newest(stopped), pool::dump);

      // Nobody keeps the old memory but the process itself, which still counts.
      await(SOON, () -> OpenDescriptors.of("memfd:" + NAME) == 1);
      assertEquals(1, OpenDescriptors.mappingsOf("memfd:" + NAME + " "));
      await(SOON, () -> mappingsOf(honest.pid()) == 1);
      publish(BUFFERS);
      assertEquals(1, pool.statistics().oldMemories());
      stopped.kill();
      await(SOON, () -> pool.statistics().oldMemories() == 0);
      assertEquals(0, pool.statistics().oldBytes());

      writer.close();
      honest.expect("read " + (frame - 1));
      honest.endInput();
      writer = feed.writer();
    }
    await(SOON, () -> pool.statistics().free() == BUFFERS);
  }

  @Test
  void whatIsKeptOrFreeMovesWhatIsOwnedOrLeasedStaysWhereItIs() throws Exception {
    try (ChildJvm cutOff = lingering();
        PoolPort keeping = pool.open("keeping");
        PoolPort owning = pool.open("owning")) {
      assertNotNull(keeping.acquire(1, TimeUnit.SECONDS));
      keeping.release();
      WritableView owned = owning.acquire(1, TimeUnit.SECONDS);
      Attachment library = pool.attach(Importer.leasing("library", Access.WRITE));
      SharedBuffer held = pool.tryAcquire(8);
      NativeLease lease = library.lease(held);
      long address = lease.address();
      server.evict(peer(cutOff));
      WritableView kept = keeping.acquire(30, TimeUnit.SECONDS);
      kept.putLong(0, 1000);
      owned.putLong(0, 10);
      assertEquals(10, newest(cutOff), "what was owned before has not moved under its owner");
      assertEquals(1000, kept.getLong(0));
      try (SharedBuffer later = pool.tryAcquire(8);
          WritableView view = keeping.port().mapForWriting(later);
          WritableView before = keeping.port().mapForWriting(held)) {
        view.putLong(0, 4000);
        before.putLong(0, 11);
        assertEquals(address, lease.address());
        assertEquals(11, newest(cutOff), "the reference still leads where its lease does");
      }
      // The port gives it back, keeps it, and takes it again: elsewhere.
      owning.release();
      WritableView again = owning.acquire(1, TimeUnit.SECONDS);
      again.putLong(0, 2000);
      kept.putLong(0, 3000);
      assertEquals(11, newest(cutOff));
      assertEquals(1, pool.statistics().oldMemories());
      lease.close();
      held.close();
      library.close();
    }
  }

  @Test
  void aRevocationThatIsConfirmedReplacesNothing() throws Exception {
    try (ChildJvm honest = honest()) {
      publish(BUFFERS);
      Revocation revocation = pool.revoke(server.attachments().getFirst(), LONG);
      assertTrue(revocation.isComplete(), revocation::toString);
      publish(BUFFERS);
      honest.kill();
      await(SOON, () -> server.peers().isEmpty());
      assertEquals(0, pool.statistics().replacements());
      assertEquals(0, pool.statistics().oldMemories());
      assertEquals(0, pool.statistics().withheld());
    }
  }

  @Test
  void oneThatIsKilledReplacesNothing() throws Exception {
    try (ChildJvm killed = lingering()) {
      publish(BUFFERS);
      killed.kill();
      await(SOON, () -> server.peers().isEmpty());
      publish(3 * BUFFERS);
      assertEquals(0, pool.statistics().replacements());
    }
  }

  @Test
  void aServerThatIsClosedHasMemoryReplacedWhenABufferIsWanted() throws Exception {
    try (ChildJvm left = lingering()) {
      publish(BUFFERS);
      long last = frame - 1;
      server.close();
      assertEquals(0, pool.statistics().replacements());
      publish(3 * BUFFERS);
      assertEquals(1, pool.statistics().replacements());
      assertEquals(last, newest(left));
    }
  }

  @Test
  void anotherProcessIsSentOldMemoryInWhichRetainedFramesLie() throws Exception {
    feed.retain(4);
    try (ChildJvm cutOff = lingering()) {
      publish(4);
      server.evict(peer(cutOff));
      publish(2);
      try (RemotePool late = RemotePool.connect(server.socket());
          FeedReader reader =
              late.feed("feed")
                  .join(
                      Importer.viewing("late", Access.READ),
                      Overflow.BLOCK,
                      8,
                      Division.EACH,
                      Start.OLDEST);
          FramePort port = reader.open()) {
        for (long expected = 3; expected <= 6; expected++) {
          View view = port.next(30, TimeUnit.SECONDS);
          assertNotNull(view, pool::dump);
          assertEquals(expected, view.getLong(0));
          check(port, view);
        }
      }
      assertEquals(4, newest(cutOff));
    }
  }

  @Test
  void oneThatIsKilledWhileMemoryIsReplacedLosesNobodyABuffer() throws Exception {
    try (ChildJvm honest = honest();
        ChildJvm killed = honest();
        ChildJvm cutOff = lingering()) {
      publish(2 * BUFFERS);
      server.evict(peer(cutOff));
      killed.kill();
      publish(10 * BUFFERS);
      cutOff.kill();
      await(SOON, () -> pool.statistics().oldMemories() == 0);
      writer.close();
      honest.expect("read " + (frame - 1));
      honest.endInput();
      writer = feed.writer();
      await(SOON, () -> pool.statistics().free() == BUFFERS);
    }
  }

  // ---------------------------------------------------------------- not replaced

  @Test
  void whereNothingMayBeReplacedNobodyGetsABufferUntilTheProcessHasEnded() throws Exception {
    serve(SharedMemoryExporter.named(NAME).withReplacements(0));
    try (ChildJvm cutOff = lingering();
        PoolPort port = pool.open("owner")) {
      publish(BUFFERS);
      assertNotNull(port.acquire(1, TimeUnit.SECONDS));
      port.release();
      server.evict(peer(cutOff));
      assertNull(port.acquire(50, TimeUnit.MILLISECONDS), pool::dump);
      assertNull(pool.acquire(8, 50, TimeUnit.MILLISECONDS));
      assertNull(writer.acquire(50, TimeUnit.MILLISECONDS));
      await(SOON, () -> pool.statistics().withheld() == BUFFERS);
      assertEquals(0, pool.statistics().free());
      assertEquals(0, pool.statistics().replacements());
      String why = pool.dump();
      assertTrue(why.contains("withheld memory 0"), why);
      assertTrue(why.contains("process " + cutOff.pid()), why);
      assertTrue(why.contains("withReplacements"), why);
      cutOff.kill();
      await(SOON, () -> pool.statistics().withheld() == 0);
      assertNotNull(port.acquire(1, TimeUnit.SECONDS));
      publish(BUFFERS);
    }
  }

  @Test
  void memoryIsReplacedAgainAndAgainUpToItsBound() throws Exception {
    try (ChildJvm honest = honest();
        ChildJvm first = lingering();
        ChildJvm second = lingering();
        ChildJvm third = lingering()) {
      List<ChildJvm> all = List.of(first, second, third);
      long[] last = new long[all.size()];
      for (int i = 0; i < all.size(); i++) {
        publish(2 * BUFFERS);
        last[i] = frame - 1;
        server.evict(peer(all.get(i)));
        if (i < SharedMemoryExporter.DEFAULT_REPLACEMENTS) {
          for (ChildJvm other : all.subList(i + 1, all.size())) {
            other.expect("sent " + (i + 1));
          }
          publish(2 * BUFFERS);
          assertEquals(i + 1, pool.statistics().oldMemories());
        }
      }
      assertNull(writer.acquire(50, TimeUnit.MILLISECONDS), pool::dump);
      await(SOON, () -> pool.statistics().withheld() == BUFFERS);
      // It alone has seen the newest, in which buffers are handed out again.
      third.kill();
      publish(10 * BUFFERS);
      assertEquals(last[0], newest(first));
      assertEquals(last[1], newest(second), "it was sent the second, too");
      assertEquals(2, pool.statistics().replacements());
      second.kill();
      await(SOON, () -> pool.statistics().oldMemories() == 1);
      writer.close();
      honest.expect("read " + (frame - 1));
      honest.endInput();
      writer = feed.writer();
    }
  }

  @Test
  void oneThatWasCutOffComesAgainAsOftenAsItsMemoryCanBeReplaced() throws Exception {
    try (ChildJvm again = lingering()) {
      for (int i = 0; i < SharedMemoryExporter.DEFAULT_REPLACEMENTS; i++) {
        publish(BUFFERS);
        assertEquals(frame - 1, newest(again));
        server.evict(peer(again));
        publish(BUFFERS);
        again.say("again");
        if (i + 1 < SharedMemoryExporter.DEFAULT_REPLACEMENTS) {
          again.expect("mapped");
        }
      }
      String refused = again.expectPart("refused");
      assertTrue(refused.contains("refuses process " + again.pid()), refused);
      // Others are taken as before.
      RemotePool.connect(server.socket()).close();
      again.kill();
      await(SOON, () -> pool.statistics().oldMemories() == 0);
      lingering().close();
    }
  }

  @Test
  void whereThereIsNoRoomTheNumbersAreToldAndItGoesOnWhenTheProcessHasEnded() throws Exception {
    long limit = 320L << 20;
    try (MemoryGroup group = MemoryGroup.limitedTo(limit);
        ChildJvm exporter = ChildJvm.start(Grouped.class, folder.resolve("grouped").toString())) {
      group.add(exporter.pid());
      exporter.say("serve");
      exporter.expect("serving feed");
      try (ChildJvm cutOff =
          ChildJvm.start(
              LingeringImporter.class,
              folder.resolve("grouped").toString(),
              "feed",
              "" + Grouped.BYTES)) {
        cutOff.expect("mapped");
        exporter.say("evict");
        String why = exporter.expectPart("withheld memory 0");
        assertTrue(why.contains("" + limit), why);
        assertTrue(why.contains("" + Grouped.BYTES * Grouped.COUNT), why);
        assertTrue(why.contains(group.path().toString()), why);
        exporter.expect("none");
        cutOff.kill();
        exporter.say("acquire");
        exporter.expect("a buffer");
      }
      exporter.endInput();
      assertEquals("", exporter.rest());
    }
  }

  /** An exporter with too little memory to replace what it has. */
  static final class Grouped {
    static final long BYTES = 25L << 20;
    static final int COUNT = 8;

    public static void main(String[] args) throws Exception {
      BufferedReader orders = new BufferedReader(new InputStreamReader(System.in));
      orders.readLine();
      try (BufferPool pool =
              BufferPool.of(SharedMemoryExporter.named("grouped"), new SizeClass(BYTES, COUNT));
          Broadcast feed = pool.broadcast("feed");
          PoolServer server = PoolServer.serve(pool, Path.of(args[0]))) {
        System.out.println("serving " + feed.name());
        orders.readLine();
        server.evict(server.peers().getFirst());
        boolean isNone = pool.acquire(8, 500, TimeUnit.MILLISECONDS) == null;
        System.out.println(pool.dump());
        System.out.println(isNone ? "none" : "one");
        orders.readLine();
        try (SharedBuffer buffer = pool.acquire(8, 30, TimeUnit.SECONDS)) {
          System.out.println(buffer == null ? "none" : "a buffer");
        }
      }
    }
  }
}
