package io.entrepot.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.flow.Broadcast;
import io.entrepot.flow.BufferPool;
import io.entrepot.flow.FeedReader;
import io.entrepot.flow.FeedWriter;
import io.entrepot.flow.FramePort;
import io.entrepot.flow.Overflow;
import io.entrepot.internal.memory.FutexGroup;
import io.entrepot.internal.memory.FutexResult;
import io.entrepot.internal.memory.OpenDescriptors;
import io.entrepot.internal.memory.Words;
import io.entrepot.reach.PeerIdentity;
import io.entrepot.reach.PoolServer;
import io.entrepot.reach.RemotePool;
import io.entrepot.reach.SharedFence;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.SharedBuffer;
import io.entrepot.sharing.SharedMemoryExporter;
import io.entrepot.sharing.SizeClass;
import io.entrepot.sync.Fence;
import io.entrepot.sync.FenceArray;
import io.entrepot.sync.FenceChain;
import io.entrepot.sync.FenceError;
import io.entrepot.sync.FenceIssuer;
import io.entrepot.sync.Fences;
import io.entrepot.sync.SignalableFence;
import io.entrepot.sync.SyncDomain;
import io.entrepot.sync.Timeline;
import io.entrepot.sync.Usage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.lang.ref.Reference;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * C13: a fence of one process can be waited for, and protects, in another. Longer than a page, for
 * each is told in both directions.
 */
@EnabledOnOs(value = OS.LINUX, disabledReason = "memfd and futex are Linux's")
class C13FencesTest {
  private static final Duration LONG = Duration.ofSeconds(30);
  private static final int BUFFERS = 4;

  @TempDir Path folder;
  private BufferPool pool;
  private PoolServer server;
  private RemotePool remote;

  @BeforeEach
  void connect() {
    pool = BufferPool.of(SharedMemoryExporter.named("frames"), new SizeClass(4096, BUFFERS));
    server = PoolServer.serve(pool, folder.resolve("pool"));
    remote = RemotePool.connect(server.socket());
    Elsewhere.await("the exporter knows its importer", () -> server.peers().size() == 1);
  }

  @AfterEach
  void close() {
    remote.close();
    server.close();
    pool.close(LONG);
  }

  /** From which side to which a fence goes. */
  enum Way {
    TO_IMPORTER,
    TO_EXPORTER
  }

  private SyncDomain domain(Way way) {
    return way == Way.TO_IMPORTER ? pool.sync() : remote.sync();
  }

  private SyncDomain farDomain(Way way) {
    return way == Way.TO_IMPORTER ? remote.sync() : pool.sync();
  }

  private SharedFence exported(Way way, Fence fence) {
    SharedFence name =
        way == Way.TO_IMPORTER ? server.exportFence(fence) : remote.exportFence(fence);
    return SharedFence.of(name.toBytes());
  }

  private Fence imported(Way way, SharedFence name) {
    return way == Way.TO_IMPORTER
        ? remote.importFence(name)
        : server.importFence(server.peers().getFirst(), name);
  }

  private Fence across(Way way, Fence fence) {
    return imported(way, exported(way, fence));
  }

  private static void assertSignaled(Fence fence, FenceError.Kind kind) {
    assertTrue(fence.await(LONG), fence::toString);
    assertEquals(kind, fence.error().map(FenceError::kind).orElse(null), fence::toString);
  }

  // ---------------------------------------------------------------- waiting

  @ParameterizedTest
  @EnumSource
  void aFenceOfTheOtherSideIsSignaledWhenItIsThere(Way way) {
    try (Timeline timeline = domain(way).timeline("work")) {
      Fence fence = timeline.next();
      Fence far = across(way, fence);
      assertFalse(far.await(Duration.ofMillis(20)));
      assertTrue(far.error().isEmpty());
      AtomicInteger called = new AtomicInteger();
      far.onSignal(called::incrementAndGet);
      timeline.signal(fence.point());
      assertSignaled(far, null);
      assertTrue(far.signalTimeMs() >= timeline.lastSignalMs());
      Elsewhere.await("the callback has run", () -> called.get() == 1);
    }
  }

  @ParameterizedTest
  @EnumSource
  void whatIsSignaledAlreadyIsSignaledAtOnce(Way way) {
    try (Timeline timeline = domain(way).timeline("work")) {
      Fence fence = timeline.next();
      Fence failing = timeline.next();
      SharedFence name = exported(way, fence);
      timeline.signal(fence.point());
      timeline.signal(failing.point(), FenceError.cancelled("not wanted"));
      Fence far = imported(way, name);
      assertTrue(far.isSignaled());
      assertTrue(far.error().isEmpty());
      assertNull(far.onSignal(() -> {}));
      Fence farFailed = across(way, failing);
      assertTrue(farFailed.isSignaled());
      assertSignaled(farFailed, FenceError.Kind.CANCELLED);
    }
  }

  @ParameterizedTest
  @EnumSource
  void eachPointHasItsOwnErrorWhoeverLooksWhen(Way way) {
    try (Timeline timeline = domain(way).timeline("work")) {
      List<SharedFence> names = new ArrayList<>();
      for (int i = 0; i < 7; i++) {
        names.add(exported(way, timeline.next()));
      }
      long first = timeline.issued() - 6;
      List<Fence> pending = names.stream().map(name -> imported(way, name)).toList();
      timeline.signal(first);
      timeline.signal(first + 1, FenceError.failed("broken"));
      timeline.signal(first + 2);
      timeline.signal(first + 4, FenceError.cancelled("both"));
      timeline.signal(first + 5);
      timeline.signal(first + 6, new FenceError(FenceError.Kind.TIMED_OUT, "late"));
      List<Fence> after = names.stream().map(name -> imported(way, name)).toList();
      FenceError.Kind[] expected = {
        null,
        FenceError.Kind.FAILED,
        null,
        FenceError.Kind.CANCELLED,
        FenceError.Kind.CANCELLED,
        null,
        FenceError.Kind.TIMED_OUT
      };
      for (int i = 0; i < expected.length; i++) {
        assertSignaled(pending.get(i), expected[i]);
        assertSignaled(after.get(i), expected[i]);
      }
      String text = pending.get(1).error().orElseThrow().message();
      assertTrue(text.contains("process " + ProcessHandle.current().pid()), text);
    }
  }

  @ParameterizedTest
  @EnumSource
  void ofErrorsThatAreForgottenOneTellsOfAnErrorRatherThanOfNone(Way way) {
    try (Timeline timeline = domain(way).timeline("work")) {
      Fence fine = timeline.next();
      Fence failed = timeline.next();
      timeline.signal(fine.point());
      for (long point = failed.point(); point < failed.point() + 20; point++) {
        timeline.signal(point, FenceError.cancelled("again and again"));
        timeline.issue();
      }
      timeline.signal(timeline.issued());
      assertSignaled(across(way, failed), FenceError.Kind.FAILED);
      assertSignaled(across(way, timeline.fence(timeline.issued())), null);
      assertSignaled(across(way, timeline.fence(timeline.issued() - 1)), FenceError.Kind.CANCELLED);
    }
  }

  @ParameterizedTest
  @EnumSource
  void pointsMayBeImportedInAnyOrderAndAgain(Way way) {
    try (Timeline timeline = domain(way).timeline("work");
        Timeline other = domain(way).timeline("other")) {
      List<Fence> fences = new ArrayList<>();
      LongStream.range(0, 6).forEach(i -> fences.add(timeline.next()));
      Fence last = across(way, fences.get(5));
      Fence third = across(way, fences.get(2));
      Fence fifth = across(way, fences.get(4));
      Fence first = across(way, fences.get(0));
      Fence ofOther = across(way, other.next());
      Fence lastAgain = across(way, fences.get(5));
      timeline.signal(fences.get(2).point());
      assertSignaled(third, null);
      assertSignaled(first, null);
      assertFalse(fifth.isSignaled());
      other.signal(other.issued());
      assertSignaled(ofOther, null);
      assertFalse(fifth.isSignaled());
      timeline.signal(fences.get(4).point());
      assertSignaled(fifth, null);
      assertFalse(last.isSignaled());
      timeline.signal(fences.get(5).point());
      assertSignaled(last, null);
      assertSignaled(lastAgain, null);
    }
  }

  @ParameterizedTest
  @EnumSource
  void anImportedFenceIsOneLikeAnyOther(Way way) {
    try (Timeline timeline = domain(way).timeline("work");
        Timeline own = farDomain(way).timeline("own")) {
      Fence far = across(way, timeline.next());
      Fence merged = Fences.merge("both", far, own.next());
      own.signal(own.issued());
      assertFalse(merged.isSignaled());
      assertEquals(-1, Fences.awaitAny(Duration.ofMillis(5), far));
      timeline.signal(timeline.issued());
      assertSignaled(merged, null);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aLazyIssuerIsToldWhenItsFenceIsExported(Way way) {
    AtomicLong told = new AtomicLong();
    FenceIssuer issuer =
        new FenceIssuer() {
          @Override
          public void enableSignaling(long point) {
            told.set(point);
          }
        };
    try (Timeline timeline = domain(way).timeline("lazy", issuer)) {
      Fence fence = timeline.next();
      Fence far = across(way, fence);
      assertEquals(fence.point(), told.get());
      timeline.signal(fence.point());
      assertSignaled(far, null);
    }
  }

  // ---------------------------------------------------------------- protection

  @Test
  void anExportersFenceInAnImportersReservationKeepsTheBuffer() throws Exception {
    try (Timeline timeline = pool.sync().timeline("work");
        Broadcast feed = pool.broadcast("feed");
        FeedReader reader = remote.feed("feed").join("reader", Access.READ, Overflow.BLOCK);
        FeedWriter writer = feed.writer();
        FramePort port = reader.open()) {
      writer.acquire(30, TimeUnit.SECONDS);
      writer.publish();
      Fence far = across(Way.TO_IMPORTER, timeline.next());
      try (SharedBuffer buffer = port.nextBuffer(30, TimeUnit.SECONDS)) {
        buffer.reservation().add(far, Usage.READ);
      }
      assertEquals(BUFFERS - 1, pool.statistics().free(), pool::dump);
      timeline.signal(timeline.issued());
      assertSignaled(far, null);
      assertEquals(BUFFERS, pool.statistics().free(), pool::dump);
    }
  }

  @Test
  void anImportersFenceInTheExportersReservationKeepsTheBuffer() {
    try (Timeline timeline = remote.sync().timeline("work")) {
      Fence far = across(Way.TO_EXPORTER, timeline.next());
      protect(far);
      assertEquals(BUFFERS - 1, pool.statistics().free(), pool::dump);
      assertTrue(
          pool.dump().contains("fences of process " + ProcessHandle.current().pid()), pool::dump);
      timeline.signal(timeline.issued());
      assertSignaled(far, null);
      assertEquals(BUFFERS, pool.statistics().free(), pool::dump);
    }
  }

  private void protect(Fence far) {
    try (SharedBuffer buffer = pool.acquire(4096, 30, TimeUnit.SECONDS)) {
      buffer.reservation().add(far, Usage.READ);
    }
  }

  @Test
  void aTimelineThatIsClosedThereEndsWaitingAndNotProtection() {
    Timeline timeline = remote.sync().timeline("work");
    Fence fence = timeline.next();
    Fence far = across(Way.TO_EXPORTER, fence);
    protect(far);
    timeline.close();
    assertSignaled(far, FenceError.Kind.ISSUER_CLOSED);
    Fence imported = across(Way.TO_EXPORTER, fence);
    assertTrue(imported.isSignaled());
    assertSignaled(imported, FenceError.Kind.ISSUER_CLOSED);
    protect(imported);
    assertEquals(BUFFERS - 2, pool.statistics().free(), pool::dump);
    timeline.signal(fence.point());
    Elsewhere.await("its work has ended after all", () -> pool.statistics().free() == BUFFERS);
  }

  // ---------------------------------------------------------------- what is refused

  @ParameterizedTest
  @EnumSource
  void whatIsNoPointOfThePoolIsNotExported(Way way) {
    try (SignalableFence own = SignalableFence.create("own");
        Timeline timeline = domain(way).timeline("work");
        Timeline foreign = SyncDomain.create(1).timeline("foreign")) {
      List<Fence> members = List.of(timeline.next(), own.fence());
      assertRefused(way, FenceArray.of("all", members), "export each fence of Fences.unwrap");
      assertRefused(way, own.fence(), "issue a point on a timeline of this pool");
      assertRefused(way, foreign.next(), "of another sync domain");
      assertRefused(way, Fence.signaled(), "signaled for ever");
      assertRefused(
          way, FenceChain.first("chain", 1, members.get(0)), "export each fence of Fences.unwrap");
    }
  }

  private void assertRefused(Way way, Fence fence, String why) {
    var refused = assertThrows(IllegalArgumentException.class, () -> exported(way, fence));
    assertTrue(refused.getMessage().contains(why), refused::getMessage);
  }

  @ParameterizedTest
  @EnumSource
  void namesThatNameNothingAreNotImported(Way way) {
    try (Timeline timeline = domain(way).timeline("work")) {
      SharedFence name = exported(way, timeline.next());
      long domain = name.domain();
      assertNotImported(way, new SharedFence(domain, 1 << 20, 1), "not within 0 to");
      assertNotImported(way, new SharedFence(domain, Integer.MAX_VALUE, 1), "not within 0 to");
      assertNotImported(way, new SharedFence(domain, name.timeline(), 2), "was not issued: 1 to 1");
      assertNotImported(
          way, new SharedFence(domain, name.timeline(), Long.MAX_VALUE), "was not issued: 1 to 1");
      assertNotImported(way, new SharedFence(domain + 1, name.timeline(), 1), "is not of process");
      timeline.signal(1);
    }
    assertNoTimelineIsLeft(way);
  }

  private void assertNotImported(Way way, SharedFence name, String why) {
    var refused = assertThrows(IllegalArgumentException.class, () -> imported(way, name));
    assertTrue(refused.getMessage().contains(why), refused::getMessage);
  }

  @Test
  void bytesThatAreNoNameAreRefused() {
    byte[] bytes = new SharedFence(5, 6, 7).toBytes();
    assertEquals(new SharedFence(5, 6, 7), SharedFence.of(bytes));
    assertThrows(IllegalArgumentException.class, () -> SharedFence.of(new byte[0]));
    assertThrows(IllegalArgumentException.class, () -> SharedFence.of(new byte[25]));
    assertThrows(IllegalArgumentException.class, () -> SharedFence.of(new byte[24]));
    for (int at : new int[] {0, 3, 7, 23}) {
      byte[] changed = bytes.clone();
      changed[at] = (byte) 0x80;
      assertThrows(IllegalArgumentException.class, () -> SharedFence.of(changed));
    }
    assertThrows(IllegalArgumentException.class, () -> new SharedFence(0, 0, 1));
    assertThrows(IllegalArgumentException.class, () -> new SharedFence(1, -1, 1));
    assertThrows(IllegalArgumentException.class, () -> new SharedFence(1, 0, 0));
  }

  @Test
  void aProcessThatIsNotConnectedHasNoFences() {
    SharedFence name = new SharedFence(1, 0, 1);
    PeerIdentity nobody = new PeerIdentity(1, 0, 0);
    assertThrows(IllegalStateException.class, () -> server.importFence(nobody, name));
  }

  // ---------------------------------------------------------------- many

  @ParameterizedTest
  @EnumSource
  void thousandsOfImportsLeaveNothingBehind(Way way) {
    try (Timeline timeline = domain(way).timeline("work")) {
      for (int round = 0; round < 20; round++) {
        List<Fence> far = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
          far.add(across(way, timeline.next()));
        }
        timeline.signal(timeline.issued() - 100);
        for (Fence fence : far.subList(0, 400)) {
          assertSignaled(fence, null);
        }
        assertFalse(far.get(400).isSignaled());
        timeline.signal(timeline.issued());
        assertSignaled(far.getLast(), null);
      }
    }
    assertNoTimelineIsLeft(way);
  }

  /** All timelines can be had but one, which a connection keeps for the next import. */
  private void assertNoTimelineIsLeft(Way way) {
    Elsewhere.await("timelines come back", () -> free(farDomain(way)) >= 255);
  }

  private static int free(SyncDomain domain) {
    List<Timeline> all = new ArrayList<>();
    try {
      while (true) {
        all.add(domain.timeline("filling"));
      }
    } catch (IllegalStateException full) {
      return all.size();
    } finally {
      all.forEach(Timeline::close);
    }
  }

  @ParameterizedTest
  @EnumSource
  void whoLooksAtTheOtherSideAllocatesNothing(Way way) {
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    try (Timeline timeline = domain(way).timeline("work")) {
      Set<Thread> others = Thread.getAllStackTraces().keySet();
      Fence far = across(way, timeline.next());
      Thread looking =
          Thread.getAllStackTraces().keySet().stream()
              .filter(thread -> thread.getName().equals("entrepot-fences"))
              .filter(thread -> !others.contains(thread))
              .findFirst()
              .orElseThrow();
      int[] looks = new int[1];
      Elsewhere.await(
          "it allocates nothing",
          () -> {
            // Again and again, for what was compiled may be thrown away.
            if (looks[0]++ % 20 == 0) {
              compileSystemCalls();
            }
            long before = threads.getThreadAllocatedBytes(looking.threadId());
            assertFalse(far.await(Duration.ofMillis(200)));
            return before == threads.getThreadAllocatedBytes(looking.threadId());
          });
      timeline.signal(1);
      assertSignaled(far, null);
    }
  }

  /**
   * Interpreted ones allocate; who sleeps makes so few of them that they would stay that. Both ways
   * in which they end: one that was never seen makes the compiler begin again. Few of those that
   * sleep, for whoever does so on a busy machine waits for its turn.
   */
  private static void compileSystemCalls() {
    FutexGroup one = new FutexGroup(1);
    Words word = Words.offHeap(Words.WORD_BYTES);
    for (int i = 0; i < 40_000; i++) {
      int expected = i % 64 == 0 ? 0 : 1;
      one.clear();
      one.add(word.base(), expected);
      assertEquals(
          expected == 0 ? FutexResult.TIMED_OUT : FutexResult.VALUE_CHANGED, one.tryAwait(1));
    }
    Reference.reachabilityFence(word);
  }

  // ---------------------------------------------------------------- ends

  @Test
  void aClosedImportersPendingImportsAreLost() {
    try (Timeline timeline = pool.sync().timeline("work")) {
      Fence signaled = across(Way.TO_IMPORTER, timeline.next());
      Fence pending = across(Way.TO_IMPORTER, timeline.next());
      SharedFence name = exported(Way.TO_IMPORTER, timeline.fence(2));
      timeline.signal(1);
      remote.close();
      assertSignaled(signaled, null);
      assertSignaled(pending, FenceError.Kind.ISSUER_LOST);
      assertThrows(IllegalStateException.class, () -> remote.importFence(name));
      timeline.signal(2);
    }
  }

  /** Its lanes for points of the exporter's are given back to nobody. */
  @Test
  void aClosedImportersPendingImportsKeepNoMemory() {
    String name = "imported once";
    try (BufferPool own = BufferPool.of(SharedMemoryExporter.named(name), new SizeClass(64, 1));
        Timeline timeline = own.sync().timeline("work");
        PoolServer serving = PoolServer.serve(own, folder.resolve("left"))) {
      importOneAndLeave(serving, timeline.next());
      Elsewhere.await(
          "the importer's mapping of the words has ended, the exporter's stays",
          () -> {
            System.gc();
            return wordsMapped(name) == 1;
          });
    }
  }

  private static void importOneAndLeave(PoolServer serving, Fence fence) {
    Fence pending;
    try (RemotePool leaving = RemotePool.connect(serving.socket())) {
      assertEquals(2, wordsMapped(leaving.name()));
      pending = leaving.importFence(serving.exportFence(fence));
    }
    assertSignaled(pending, FenceError.Kind.ISSUER_LOST);
  }

  private static long wordsMapped(String pool) {
    try {
      return OpenDescriptors.mappingsOf("entrepot words of " + pool);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void aClosedServersPendingImportsAreLostOnBothSides() {
    try (Timeline there = remote.sync().timeline("there");
        Timeline here = pool.sync().timeline("here")) {
      Fence ofImporter = across(Way.TO_EXPORTER, there.next());
      Fence ofExporter = across(Way.TO_IMPORTER, here.next());
      server.close();
      assertSignaled(ofImporter, FenceError.Kind.ISSUER_LOST);
      assertSignaled(ofExporter, FenceError.Kind.ISSUER_LOST);
      here.signal(1);
      there.signal(1);
    }
  }

  @Test
  void anEvictedImporterKeepsItsBuffersUntilItSaysThatItsWorkIsDone() {
    try (Timeline timeline = remote.sync().timeline("work")) {
      Fence far = across(Way.TO_EXPORTER, timeline.next());
      protect(far);
      server.evict(server.peers().getFirst());
      assertSignaled(far, FenceError.Kind.ISSUER_LOST);
      assertEquals(BUFFERS - 1, pool.statistics().free(), pool::dump);
      timeline.signal(1);
      Elsewhere.await("its work is done", () -> pool.statistics().free() == BUFFERS);
    }
  }

  @Test
  void whoKnowsThatAnEvictedImportersWorkIsDoneMaySaySo() {
    try (Timeline timeline = remote.sync().timeline("work")) {
      Fence far = across(Way.TO_EXPORTER, timeline.next());
      protect(far);
      server.evict(server.peers().getFirst());
      assertSignaled(far, FenceError.Kind.ISSUER_LOST);
      assertEquals(BUFFERS - 1, pool.statistics().free(), pool::dump);
      assertEquals(1, pool.sync().settle(far.timelineName()));
      assertEquals(BUFFERS, pool.statistics().free(), pool::dump);
    }
  }
}
