package io.entrepot.internal.reach;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.entrepot.flow.Broadcast;
import io.entrepot.flow.BufferPool;
import io.entrepot.flow.FeedReader;
import io.entrepot.flow.FeedWriter;
import io.entrepot.flow.FramePort;
import io.entrepot.flow.Overflow;
import io.entrepot.flow.Start;
import io.entrepot.internal.memory.Descriptor;
import io.entrepot.internal.memory.Linux;
import io.entrepot.internal.memory.OpenDescriptors;
import io.entrepot.internal.memory.SharedMemory;
import io.entrepot.internal.memory.SystemCall;
import io.entrepot.internal.sharing.PoolCore;
import io.entrepot.reach.PeerIdentity;
import io.entrepot.reach.PeerStatistics;
import io.entrepot.reach.PoolServer;
import io.entrepot.reach.RemotePool;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.Attachment;
import io.entrepot.sharing.Importer;
import io.entrepot.sharing.SharedMemoryExporter;
import io.entrepot.sharing.SizeClass;
import io.entrepot.sharing.View;
import io.entrepot.sharing.WritableView;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * C13: whatever an importing process sends or writes, it harms itself alone. Longer than a page:
 * each way to be hostile is tried here, and nothing may be left behind any of them.
 */
class HostileImporterTest {
  private static final int BUFFERS = 8;
  private static final String NAME = "hostage";

  /**
   * A word that says, as a tenant's, that the lane is in use, and, as a slot's, that it is full.
   */
  private static final long USED_AND_MAPPED = 1;

  private static final int BUFFER_SHIFT = 2;

  /** Where the lanes lie: behind the header and the buffers. */
  private static final long LANES_OFFSET = 384 + 256L * BUFFERS;

  private static final long LANES_BYTES = 256L * PoolCore.LANES;

  private static final long RECORD_BYTES = 128;

  /** Which record is for a backlog. */
  private static final int BACKLOG = 1;

  /** A word that says, as a buffer's, that it is held. */
  private static final long HELD = 1L << 20 | 1L << 3 | 2;

  @TempDir Path folder;
  private BufferPool pool;
  private Broadcast feed;
  private PoolServer server;
  private final AtomicReference<Throwable> uncaught = new AtomicReference<>();
  private Thread.UncaughtExceptionHandler before;
  private long number;

  @BeforeEach
  void serve() {
    assumeTrue(Linux.isAvailable(), "needs Linux on x86-64 or aarch64");
    before = Thread.getDefaultUncaughtExceptionHandler();
    Thread.setDefaultUncaughtExceptionHandler((thread, thrown) -> uncaught.set(thrown));
    pool = BufferPool.of(SharedMemoryExporter.named(NAME), new SizeClass(4096, BUFFERS));
    feed = pool.broadcast("feed");
    server = PoolServer.serve(pool, folder.resolve("pool"));
  }

  @AfterEach
  void nothingIsLeft() throws InterruptedException {
    if (server == null) {
      return;
    }
    Thread.setDefaultUncaughtExceptionHandler(before);
    eventually(() -> server.peers().isEmpty(), () -> "peers " + server.peers());
    eventually(() -> pool.statistics().free() == BUFFERS, pool::dump);
    honestPeersAreServed();
    eventually(() -> server.peers().isEmpty(), () -> "peers " + server.peers());
    eventually(() -> pool.statistics().free() == BUFFERS, pool::dump);
    eventually(() -> threads("entrepot-peer-") == 0, () -> "threads of peers are left");
    eventually(() -> OpenDescriptors.of("entrepot peer") == 0, () -> "lanes are left");
    eventually(() -> OpenDescriptors.of("entrepot ring") == 0, () -> "rings are left");
    assertTrue(!pool.dump().contains("hostile"), pool::dump);
    server.close();
    feed.close();
    pool.close();
    assertEquals(0, OpenDescriptors.of(NAME));
    assertEquals(null, uncaught.get());
  }

  private static long threads(String name) {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith(name))
        .count();
  }

  private static void eventually(BooleanSupplier condition, Supplier<String> otherwise) {
    long startNs = System.nanoTime();
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() - startNs < TimeUnit.SECONDS.toNanos(30), otherwise);
      Thread.onSpinWait();
    }
  }

  private void publish(FeedWriter writer) {
    WritableView view = writer.acquire(20, TimeUnit.SECONDS);
    assertNotNull(view, pool::dump);
    for (long at = 0; at < view.byteSize(); at += 512) {
      view.putLong(at, number);
    }
    number++;
    writer.publish();
  }

  private static void check(View view, long expected) {
    for (long at = 0; at < view.byteSize(); at += 512) {
      assertEquals(expected, view.getLong(at));
    }
  }

  private void honestPeersAreServed() {
    try (RemotePool imported = RemotePool.connect(server.socket());
        FeedReader reader = imported.feed("feed").join("honest", Access.READ, Overflow.BLOCK);
        FramePort port = reader.open();
        FeedWriter writer = feed.writer()) {
      for (int i = 0; i < 3 * BUFFERS; i++) {
        publish(writer);
        View view = port.next(10, TimeUnit.SECONDS);
        assertNotNull(view, imported::dump);
        check(view, number - 1);
      }
    }
  }

  private RawPeer peer() throws InterruptedException {
    return RawPeer.connect(server.socket());
  }

  private static WireFormat.Attach attach() {
    return new WireFormat.Attach(Importer.viewing("hostile", Access.READ));
  }

  private static byte[] with(byte[] message, int at, int... values) {
    byte[] changed = message.clone();
    for (int i = 0; i < values.length; i++) {
      changed[at + i] = (byte) values[i];
    }
    return changed;
  }

  @Test
  void whatIsNoMessageEndsItsSenderAlone() throws InterruptedException {
    byte[] attach = WireFormat.encode(2, attach());
    List<byte[]> all =
        List.of(
            new byte[] {1},
            new byte[1000],
            new byte[WireFormat.MAX_BYTES],
            Arrays.copyOf(attach, 11),
            Arrays.copyOf(attach, attach.length - 1),
            Arrays.copyOf(attach, attach.length + 1),
            with(attach, 0, 0),
            with(attach, 4, WireFormat.VERSION + 1),
            with(attach, 6, 99),
            with(attach, 6, 0xFF, 0xFF),
            with(attach, 8, 0xFF, 0xFF, 0xFF, 0x7F),
            with(attach, 8, 0, 0, 0, 0x80),
            // A name that is longer than the message, and one that is no UTF-8.
            with(attach, 16, 0xFF, 0xFF),
            with(attach, 18, 0xC0, 0x80));
    for (byte[] bytes : all) {
      try (RawPeer early = peer();
          RawPeer late = peer().greeted()) {
        early.raw(bytes);
        late.raw(bytes);
        assertNotNull(early.farewell(), () -> Arrays.toString(Arrays.copyOf(bytes, 40)));
        assertNotNull(late.farewell(), () -> Arrays.toString(Arrays.copyOf(bytes, 40)));
      }
    }
  }

  @Test
  void whatIsNotForAnExporterOrNotItsTurnEndsItsSenderAlone() throws InterruptedException {
    try (RawPeer early = peer()) {
      early.say(1, attach());
      assertTrue(early.farewell().contains("no greeting"));
    }
    List<WireFormat.Message> all =
        List.of(
            new WireFormat.Hello(0, "again"),
            new WireFormat.Done(),
            new WireFormat.Joined(1),
            new WireFormat.Revoke(1, 1),
            new WireFormat.Goodbye("no, goodbye to you"),
            new WireFormat.Detach(1),
            new WireFormat.Detach(-1),
            new WireFormat.Leave(Integer.MIN_VALUE),
            new WireFormat.LetGo(1, true, List.of(), List.of()),
            new WireFormat.Join(1, "feed", Overflow.BLOCK, 1, 0));
    for (WireFormat.Message message : all) {
      try (RawPeer late = peer().greeted()) {
        late.say(1, message);
        assertNotNull(late.farewell(), message::toString);
      }
    }
  }

  @Test
  void requestsThatCannotBeMetAreRefusedOrEndTheirSender() throws InterruptedException {
    try (RawPeer peer = peer().greeted()) {
      int attachment = assertInstanceOf(WireFormat.Attached.class, peer.ask(attach())).attachment();
      for (int depth : new int[] {0, -1, BUFFERS + 1, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
        assertInstanceOf(
            WireFormat.Refused.class,
            peer.ask(new WireFormat.Join(attachment, "feed", Overflow.BLOCK, depth, 0)));
      }
      for (String name : new String[] {"", "x".repeat(1024), "no\0ne"}) {
        assertInstanceOf(
            WireFormat.Refused.class,
            peer.ask(new WireFormat.Join(attachment, name, Overflow.BLOCK, 1, 0)));
      }
      // It still stands; reader records that are not there, or taken, and leaving twice end it.
      WireFormat.Join join = new WireFormat.Join(attachment, "feed", Overflow.BLOCK, 1, 0);
      int ring = assertInstanceOf(WireFormat.Joined.class, peer.ask(join)).ring();
      assertInstanceOf(WireFormat.Done.class, peer.ask(new WireFormat.Leave(ring)));
      assertInstanceOf(WireFormat.Joined.class, peer.ask(join));
      peer.say(9, join);
      assertTrue(peer.farewell().contains("in use already"));
    }
    for (int reader : new int[] {-1, PeerDescriptor.READERS, Integer.MAX_VALUE}) {
      try (RawPeer peer = peer().greeted()) {
        int attachment =
            assertInstanceOf(WireFormat.Attached.class, peer.ask(attach())).attachment();
        peer.say(9, new WireFormat.Join(attachment, "feed", Overflow.BLOCK, 1, reader));
        assertNotNull(peer.farewell());
      }
    }
    // Of a late reader the record for its backlog: none, none there, the same; or one too many.
    for (int backlog : new int[] {-1, PeerDescriptor.READERS, Integer.MIN_VALUE, 0}) {
      assertJoinEndsIt(Start.OLDEST, backlog);
    }
    for (int backlog : new int[] {0, 1, -2}) {
      assertJoinEndsIt(Start.NEXT, backlog);
    }
    try (RawPeer peer = peer().greeted()) {
      int attachment = assertInstanceOf(WireFormat.Attached.class, peer.ask(attach())).attachment();
      WireFormat.Join join =
          new WireFormat.Join(attachment, "feed", Overflow.BLOCK, 1, 0, Start.NEWEST, 1);
      int ring = assertInstanceOf(WireFormat.Joined.class, peer.ask(join)).ring();
      assertInstanceOf(WireFormat.Done.class, peer.ask(new WireFormat.Leave(ring)));
      assertInstanceOf(WireFormat.Joined.class, peer.ask(join));
      peer.say(9, new WireFormat.Join(attachment, "feed", Overflow.BLOCK, 1, 1));
      assertTrue(peer.farewell().contains("in use already"));
    }
    try (RawPeer peer = peer().greeted();
        RawPeer other = peer().greeted()) {
      int attachment = assertInstanceOf(WireFormat.Attached.class, peer.ask(attach())).attachment();
      // Another's number.
      other.say(9, new WireFormat.Detach(attachment));
      assertNotNull(other.farewell());
      assertInstanceOf(WireFormat.Done.class, peer.ask(new WireFormat.Detach(attachment)));
      peer.say(9, new WireFormat.Detach(attachment));
      assertNotNull(peer.farewell());
    }
  }

  private void assertJoinEndsIt(Start start, int backlog) throws InterruptedException {
    try (RawPeer peer = peer().greeted()) {
      int attachment = assertInstanceOf(WireFormat.Attached.class, peer.ask(attach())).attachment();
      peer.say(9, new WireFormat.Join(attachment, "feed", Overflow.BLOCK, 1, 0, start, backlog));
      assertNotNull(peer.farewell(), () -> start + " with record " + backlog);
    }
  }

  @Test
  void aProcessHasSoManyAttachmentsAndNoMore() throws InterruptedException {
    try (RawPeer peer = peer().greeted()) {
      for (int i = 0; i < ServedPeer.MAX_ATTACHMENTS; i++) {
        assertInstanceOf(WireFormat.Attached.class, peer.ask(attach()));
      }
      for (int i = 0; i < 10; i++) {
        WireFormat.Refused refused = assertInstanceOf(WireFormat.Refused.class, peer.ask(attach()));
        assertTrue(refused.text().contains("256"), refused.text());
      }
      assertInstanceOf(WireFormat.Done.class, peer.ask(new WireFormat.Detach(1)));
      assertInstanceOf(WireFormat.Attached.class, peer.ask(attach()));
    }
  }

  @Test
  void descriptorsThatNobodyAskedForAreClosed() throws InterruptedException {
    try (SharedMemory memory = SharedMemory.create("smuggled", 4096)) {
      Descriptor one = memory.descriptor();
      try (RawPeer early = peer();
          RawPeer late = peer().greeted();
          RawPeer wild = peer().greeted()) {
        early.say(1, new WireFormat.Hello(0, "here"), one, one, one);
        late.say(1, attach(), one, one);
        wild.raw(new byte[] {1, 2, 3}, one, one, one, one);
        assertNotNull(early.farewell());
        assertNotNull(late.farewell());
        assertNotNull(wild.farewell());
      }
      assertEquals(1, OpenDescriptors.of("smuggled"));
    }
  }

  @Test
  @SuppressWarnings("try") // closing is what ends the flood, which is waited for
  void onePeerThatDoesNotReadHoldsNobodyUp() throws InterruptedException {
    try (RawPeer deaf = peer().greeted()) {
      assertInstanceOf(WireFormat.Attached.class, deaf.ask(attach()));
      Attachment attachment = server.attachments().getFirst();
      Thread flood =
          Thread.ofPlatform()
              .start(() -> {
                try {
                  while (deaf.say(1, attach())) {
                    // Answers pile up until the exporter is tired of it.
                  }
                } catch (InterruptedException | IllegalStateException e) {
                  // The test is over.
                }
              });
      long startNs = System.nanoTime();
      pool.revoke(attachment, Duration.ofMillis(100));
      honestPeersAreServed();
      assertTrue(System.nanoTime() - startNs < TimeUnit.SECONDS.toNanos(20));
      deaf.hangUp();
      flood.join();
    }
  }

  @Test
  void crowdsThatSayNothingAreTurnedAway() throws InterruptedException {
    List<RawPeer> crowd = new ArrayList<>();
    try {
      long startNs = System.nanoTime();
      while (server.statistics().refused() < 40) {
        // The first are sent away for their silence when the last are late: then more come.
        assertTrue(System.nanoTime() - startNs < TimeUnit.SECONDS.toNanos(60), "nobody is refused");
        crowd.add(peer());
        assertTrue(server.peers().size() <= SocketServer.MAX_PEERS, () -> "" + server.peers());
      }
    } finally {
      crowd.forEach(RawPeer::close);
    }
  }

  /** A peer with all its words, that reads a feed. */
  private final class Scribbler implements AutoCloseable {
    private final RawPeer peer;
    private final SharedMemory lane;
    private final MemorySegment words;

    Scribbler(Overflow overflow) throws InterruptedException {
      this(overflow, Start.NEXT, WireFormat.Join.NONE);
    }

    /** One that has what was retained by another record of its own. */
    Scribbler(Overflow overflow, Start start, int backlog) throws InterruptedException {
      peer = peer();
      List<Descriptor> sent = peer.greet().descriptors(3);
      sent.get(0).close();
      sent.get(1).close();
      lane = SharedMemory.received(sent.get(2));
      words = lane.map(true, Arena.ofAuto());
      int attachment = assertInstanceOf(WireFormat.Attached.class, peer.ask(attach())).attachment();
      assertInstanceOf(
          WireFormat.Joined.class,
          peer.ask(new WireFormat.Join(attachment, "feed", overflow, BUFFERS, 0, start, backlog)));
    }

    /** Where its only reader record lies, or its first. */
    long cursor() {
      return words.byteSize() - RECORD_BYTES * PeerDescriptor.READERS;
    }

    /** Where the record for its backlog lies. */
    long backlogCursor() {
      return cursor() + RECORD_BYTES * BACKLOG;
    }

    /** Everything but its reader's record. */
    void fill(long value) {
      fill(0, cursor(), value);
    }

    void fill(long from, long bytes, long value) {
      for (long at = from; at < from + bytes; at += 8) {
        words.set(ValueLayout.JAVA_LONG, at, value);
      }
    }

    @Override
    public void close() {
      peer.close();
      lane.close();
    }
  }

  @Test
  void wordsAtRandomHarmNobodyElse() throws Exception {
    try (Scribbler wild = new Scribbler(Overflow.DROP_OLDEST);
        FeedReader reader = feed.join("local", Access.READ, Overflow.BLOCK);
        FramePort port = reader.open();
        FeedWriter writer = feed.writer()) {
      AtomicBoolean over = new AtomicBoolean();
      Thread scribbling =
          Thread.ofPlatform()
              .start(() -> {
                SplittableRandom random = new SplittableRandom(1);
                while (!over.get()) {
                  long at = random.nextLong(wild.words.byteSize() / 8) * 8;
                  wild.words.set(ValueLayout.JAVA_LONG, at, random.nextLong());
                }
              });
      try {
        for (int i = 0; i < 2_000; i++) {
          publish(writer);
          check(port.next(10, TimeUnit.SECONDS), number - 1);
          port.unmap();
          if (i % 100 == 0) {
            pool.dump();
            pool.statistics();
          }
        }
      } finally {
        over.set(true);
        scribbling.join();
      }
    }
  }

  @Test
  void aCursorThatIsAheadOrBackClosesItsRingAlone() throws Exception {
    for (long nonsense : new long[] {-1, 10_000, Long.MAX_VALUE, Long.MIN_VALUE}) {
      try (Scribbler wild = new Scribbler(Overflow.BLOCK);
          FeedWriter writer = feed.writer()) {
        publish(writer);
        wild.words.set(ValueLayout.JAVA_LONG, wild.cursor(), nonsense);
        // More than its ring takes, which nobody reads: it is closed, so nobody waits for it.
        for (int i = 0; i < 3 * BUFFERS; i++) {
          publish(writer);
        }
        assertInstanceOf(WireFormat.Attached.class, wild.peer.ask(attach()));
      }
    }
  }

  @Test
  void aCursorInABacklogThatIsAheadOrBackClosesThatAlone() throws Exception {
    PeerStatistics before = server.statistics();
    long[] all = {-1, 3, 10_000, Long.MAX_VALUE, Long.MIN_VALUE};
    for (Overflow overflow : Overflow.values()) {
      for (long nonsense : all) {
        feed.retain(2);
        try (FeedWriter writer = feed.writer()) {
          publish(writer);
          publish(writer);
          try (Scribbler wild = new Scribbler(overflow, Start.OLDEST, BACKLOG)) {
            feed.retain(0);
            assertEquals(BUFFERS - 2, pool.statistics().free(), "both are in its backlog");
            wild.words.set(ValueLayout.JAVA_LONG, wild.backlogCursor(), nonsense);
            eventually(() -> pool.statistics().free() == BUFFERS, pool::dump);
            // Its other ring takes frames as before.
            publish(writer);
            assertEquals(BUFFERS - 1, pool.statistics().free());
            wild.words.set(ValueLayout.JAVA_LONG, wild.cursor(), 1);
            eventually(() -> pool.statistics().free() == BUFFERS, pool::dump);
            assertInstanceOf(WireFormat.Attached.class, wild.peer.ask(attach()));
          }
        }
      }
    }
    eventually(() -> server.peers().isEmpty(), () -> "peers " + server.peers());
    long times = (long) all.length * Overflow.values().length;
    assertEquals(before.faults() + times, server.statistics().faults());
  }

  @Test
  void wordsAtRandomInTheRecordsOfLateJoinersHarmNobodyElse() throws Exception {
    feed.retain(2);
    // One that lets the others wait is evicted.
    feed.stallLimit(Duration.ofMillis(20));
    try (FeedReader reader = feed.join("local", Access.READ, Overflow.BLOCK);
        FramePort port = reader.open();
        FeedWriter writer = feed.writer()) {
      SplittableRandom random = new SplittableRandom(3);
      for (int i = 0; i < 30; i++) {
        // One that drops the newest may keep all that it was given.
        Overflow overflow = i % 2 == 0 ? Overflow.BLOCK : Overflow.DROP_OLDEST;
        try (Scribbler wild = new Scribbler(overflow, Start.OLDEST, BACKLOG)) {
          for (int times = 0; times < 20; times++) {
            long at = wild.cursor() + 8 * random.nextLong(2 * RECORD_BYTES / 8);
            wild.words.set(ValueLayout.JAVA_LONG, at, random.nextLong(-2, 8));
            publish(writer);
            check(port.next(10, TimeUnit.SECONDS), number - 1);
            port.unmap();
          }
        }
      }
    }
    feed.retain(0);
  }

  @Test
  void holesInItsWordsHarmNobody() throws Exception {
    int punchHoleAndKeepSize = 3;
    try (Scribbler wild = new Scribbler(Overflow.DROP_OLDEST);
        FeedReader reader = feed.join("local", Access.READ, Overflow.BLOCK);
        FramePort port = reader.open();
        FeedWriter writer = feed.writer()) {
      for (int i = 0; i < 100; i++) {
        wild.fill(-1);
        long punched =
            SystemCall.FALLOCATE.call(
                wild.lane.descriptor().number(), punchHoleAndKeepSize, 0, wild.words.byteSize());
        assertEquals(0, punched);
        publish(writer);
        check(port.next(10, TimeUnit.SECONDS), number - 1);
      }
    }
  }

  @Test
  void aPeerMayEndBetweenAnyTwoMessages() throws InterruptedException {
    List<WireFormat.Message> all =
        List.of(
            new WireFormat.Hello(0, "short-lived"),
            attach(),
            new WireFormat.Join(1, "feed", Overflow.BLOCK, 2, 0),
            new WireFormat.Leave(2),
            new WireFormat.Detach(1));
    for (int steps = 0; steps <= all.size(); steps++) {
      for (int times = 0; times < 10; times++) {
        try (RawPeer peer = peer()) {
          for (WireFormat.Message message : all.subList(0, steps)) {
            peer.say(1, message);
          }
        }
      }
    }
  }

  @Test
  void whatAPeerSaysThatItHoldsComesBackAtItsEviction() throws Exception {
    try (Scribbler greedy = new Scribbler(Overflow.DROP_OLDEST);
        FeedWriter writer = feed.writer()) {
      for (long kind = 0; kind < 8; kind++) {
        greedy.fill(kind << 61 | kind << 32 | kind | 1);
      }
      greedy.fill(-1);
      pool.dump();
      pool.revoke(server.attachments().getFirst(), Duration.ofMillis(50));
      assertNotNull(greedy.peer.farewell());
      for (int i = 0; i < 3 * BUFFERS; i++) {
        publish(writer);
      }
    }
  }

  @Test
  void aProcessThatIsEvictedGivesBackAllThatItsWordsSay() throws Exception {
    PeerStatistics before = server.statistics();
    try (Scribbler greedy = new Scribbler(Overflow.DROP_OLDEST);
        FeedWriter writer = feed.writer()) {
      // Every lane in use, every slot full; then every buffer held.
      greedy.fill(USED_AND_MAPPED | 3 << BUFFER_SHIFT);
      publishUntilNoneIsLeft(writer);
      greedy.fill(HELD);
      publishUntilNoneIsLeft(writer);
      assertEquals(1, server.evict(server.peers().getFirst()));
      assertNotNull(greedy.peer.farewell());
      for (int i = 0; i < 3 * BUFFERS; i++) {
        publish(writer);
      }
      assertEquals(0, server.evict(new PeerIdentity(1, 2, 3)));
      // Its buffers come back before it is counted, and an eviction waits for two seconds at most.
      eventually(() -> server.peers().isEmpty(), () -> "peers " + server.peers());
      assertEquals(before.evicted() + 1, server.statistics().evicted());
      assertEquals(before.admitted() + 1, server.statistics().admitted());
    }
  }

  private void publishUntilNoneIsLeft(FeedWriter writer) {
    for (int i = 0; i < BUFFERS && writer.acquire(1, TimeUnit.MILLISECONDS) != null; i++) {
      writer.publish();
    }
  }

  @Test
  void slotsThatNameWhatIsNotThereKeepNothing() throws Exception {
    try (Scribbler wild = new Scribbler(Overflow.DROP_OLDEST);
        FeedWriter writer = feed.writer()) {
      for (long buffer : new long[] {BUFFERS, BUFFERS + 1, 64, (1 << 20) - 1}) {
        wild.fill(LANES_OFFSET, LANES_BYTES, USED_AND_MAPPED | buffer << BUFFER_SHIFT);
        for (int i = 0; i < 3 * BUFFERS; i++) {
          publish(writer);
        }
        pool.dump();
      }
    }
  }

  @Test
  void whoHasAttachedNothingKeepsNothing() throws Exception {
    try (RawPeer early = peer();
        FeedWriter writer = feed.writer()) {
      List<Descriptor> sent = early.greet().descriptors(3);
      try (SharedMemory lane = SharedMemory.received(sent.get(2))) {
        MemorySegment words = lane.map(true, Arena.ofAuto());
        for (long at = 0; at < words.byteSize(); at += 8) {
          words.set(ValueLayout.JAVA_LONG, at, HELD);
        }
        for (int i = 0; i < 3 * BUFFERS; i++) {
          publish(writer);
        }
      } finally {
        sent.get(0).close();
        sent.get(1).close();
      }
    }
  }

  @Test
  void whatBecomesOfProcessesIsCounted() throws Exception {
    PeerStatistics before = server.statistics();
    try (RawPeer wild = peer().greeted()) {
      wild.raw(new byte[] {1});
      assertNotNull(wild.farewell());
    }
    try (Scribbler wild = new Scribbler(Overflow.BLOCK);
        FeedWriter writer = feed.writer()) {
      wild.words.set(ValueLayout.JAVA_LONG, wild.cursor(), -1);
      for (int i = 0; i < 3 * BUFFERS; i++) {
        publish(writer);
      }
    }
    eventually(() -> server.peers().isEmpty(), () -> "peers " + server.peers());
    PeerStatistics after = server.statistics();
    assertEquals(before.admitted() + 2, after.admitted());
    assertEquals(before.cutOff() + 1, after.cutOff());
    assertEquals(before.left() + 1, after.left());
    assertEquals(before.faults() + 1, after.faults());
    assertEquals(before.evicted(), after.evicted());
    assertEquals(0, after.connected());
  }
}
