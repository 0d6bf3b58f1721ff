package io.entrepot.internal.reach;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.entrepot.flow.Division;
import io.entrepot.flow.FeedReader;
import io.entrepot.flow.FramePort;
import io.entrepot.flow.Overflow;
import io.entrepot.flow.Start;
import io.entrepot.internal.buffers.PoolMemories;
import io.entrepot.internal.flow.FarFeed;
import io.entrepot.internal.memory.Descriptor;
import io.entrepot.internal.memory.Linux;
import io.entrepot.internal.memory.OpenDescriptors;
import io.entrepot.internal.memory.Seal;
import io.entrepot.internal.memory.SharedMemory;
import io.entrepot.internal.reach.WireFormat.Message;
import io.entrepot.internal.reach.WireFormat.PlacedClass;
import io.entrepot.internal.sharing.PoolCore;
import io.entrepot.reach.RemotePool;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.AttachRefusedException;
import io.entrepot.sharing.Attachment;
import io.entrepot.sharing.ColorDescription;
import io.entrepot.sharing.FrameLayout;
import io.entrepot.sharing.Importer;
import io.entrepot.sharing.MappingType;
import io.entrepot.sharing.Offer;
import io.entrepot.sharing.Plane;
import io.entrepot.sharing.RevokedException;
import io.entrepot.sharing.SizeClass;
import io.entrepot.sharing.View;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * C13: what an exporter sends, and writes, an importer survives and reports. Longer than a page:
 * one trap serves all that it may say and write.
 */
class HostileExporterTest {
  private static final String NAME = "trap";
  private static final int BUFFERS = 4;
  private static final long BUFFER_BYTES = 4096;

  /** Where in the exporter's words the record of a buffer has the number of its memory. */
  private static final long MEMORY_OF_FIRST = 384 + 144;

  private static final long RECORD_BYTES = 256;

  /** Where the entries of a ring begin. */
  private static final long ENTRIES = 256;

  /** More than the words of a pool of so few buffers. */
  private static final long WORDS_BYTES = 1 << 20;

  private static final PlacedClass PLACED =
      new PlacedClass(new SizeClass(BUFFER_BYTES, BUFFERS), 0, BUFFER_BYTES);

  @TempDir Path folder;
  private UnixSocket listening;
  private Path path;
  private final List<SharedMemory> memories = new ArrayList<>();

  @BeforeEach
  void listen() {
    assumeTrue(Linux.isAvailable(), "needs Linux on x86-64 or aarch64");
    path = folder.resolve("pool");
    listening = UnixSocket.listen(path, 8);
  }

  @AfterEach
  void nothingIsLeft() {
    if (listening != null) {
      listening.close();
      memories.forEach(SharedMemory::close);
      assertEquals(0, OpenDescriptors.ofMemory(NAME));
    }
  }

  private SharedMemory memory(long byteSize, Seal... seals) {
    SharedMemory memory = SharedMemory.create(NAME, byteSize);
    for (Seal seal : seals) {
      memory.seal(seal);
    }
    memories.add(memory);
    return memory;
  }

  private SharedMemory sealed(long byteSize) {
    return memory(byteSize, Seal.SHRINK, Seal.GROW);
  }

  private static WireFormat.Welcome welcome(
      int lanes, int timelines, int readers, List<PlacedClass> classes) {
    return new WireFormat.Welcome(
        0,
        NAME,
        "exporter",
        false,
        lanes,
        timelines,
        readers,
        List.of(new Offer(MappingType.VIEW, Access.READ, 1, true, false, true, true)),
        classes,
        0);
  }

  private static WireFormat.Welcome welcome(PlacedClass... classes) {
    return welcome(PoolCore.LANES, PoolCore.TIMELINES, PeerDescriptor.READERS, List.of(classes));
  }

  /** What an exporter does once it is greeted. */
  private interface Script {
    void play(RawPeer importer, int request) throws InterruptedException;
  }

  /** An exporter of which one importer is served. */
  private Thread exporter(Script script) {
    return Thread.ofPlatform()
        .name("hostile-exporter")
        .start(() -> {
          try (RawPeer importer = new RawPeer(listening.accept(RawPeer.LONG_NS))) {
            WireSocket.Arrival hello = importer.hear();
            script.play(importer, hello.request());
            while (importer.hear() != null) {
              // Until it leaves.
            }
          } catch (IllegalStateException hungUp) {
            assertInstanceOf(String.class, hungUp.getMessage());
          } catch (InterruptedException | RuntimeException e) {
            throw new AssertionError(e);
          }
        });
  }

  private String refused(Message welcome, Descriptor... sent) throws InterruptedException {
    Thread exporter = exporter((importer, request) -> importer.say(request, welcome, sent));
    String message =
        assertThrows(IllegalStateException.class, () -> RemotePool.connect(path)).getMessage();
    exporter.join();
    return message;
  }

  private String refused(
      Message welcome, SharedMemory data, SharedMemory control, SharedMemory lane)
      throws InterruptedException {
    return refused(welcome, data.descriptor(), control.descriptor(), lane.descriptor());
  }

  @Test
  void whoSaysGoodbyeToTheGreetingCannotBeReached() throws InterruptedException {
    Thread exporter =
        exporter((importer, request) -> importer.say(0, new WireFormat.Goodbye("it is closed")));
    String message =
        assertThrows(UncheckedIOException.class, () -> RemotePool.connect(path)).getMessage();
    assertTrue(message.contains("ended the connection at once: it is closed"), message);
    exporter.join();
  }

  @Test
  void memoryThatCouldShrinkOrIsTooShortIsRefused() throws InterruptedException {
    SharedMemory data = sealed(BUFFERS * BUFFER_BYTES);
    SharedMemory words = sealed(WORDS_BYTES);
    SharedMemory open = memory(WORDS_BYTES);
    SharedMemory half = memory(WORDS_BYTES, Seal.GROW);
    SharedMemory small = sealed(128);
    for (SharedMemory bad : List.of(open, half)) {
      assertTrue(refused(welcome(PLACED), bad, words, words).contains("data"));
      assertTrue(refused(welcome(PLACED), data, bad, words).contains("control"));
      assertTrue(refused(welcome(PLACED), data, words, bad).contains("words"));
    }
    assertTrue(refused(welcome(PLACED), small, words, words).contains("128 bytes"));
    assertTrue(refused(welcome(PLACED), data, small, words).contains("are needed"));
    assertTrue(refused(welcome(PLACED), data, words, small).contains("are needed"));
  }

  private static WireFormat.Welcome granting(long features) {
    WireFormat.Welcome reading = welcome(PLACED);
    return new WireFormat.Welcome(
        features,
        NAME,
        reading.exporter(),
        false,
        reading.lanes(),
        reading.timelines(),
        reading.readers(),
        List.of(Offer.of(MappingType.VIEW, Access.WRITE, 1)),
        reading.classes(),
        reading.memory());
  }

  /** What an importer says that was granted memory for writing. */
  private String refusedGrant(Descriptor... sent) throws InterruptedException {
    SharedMemory words = sealed(WORDS_BYTES);
    Thread exporter =
        exporter((importer, request) -> {
          importer.say(
              request, granting(WireFormat.WRITING), words.descriptor(), words.descriptor());
          importer.say(importer.hear().request(), new WireFormat.Attached(1, 0, 0), sent);
          // Whoever cannot use what it was granted gives it back.
          if (sent.length == 1 && importer.hear() instanceof WireSocket.Arrival back) {
            assertEquals(new WireFormat.Detach(1), back.message());
            importer.say(back.request(), new WireFormat.Done());
          }
        });
    try (RemotePool pool = RemotePool.connect(path)) {
      return assertThrows(
              RuntimeException.class, () -> pool.attach(Importer.viewing("writer", Access.WRITE)))
          .getMessage();
    } finally {
      exporter.join();
    }
  }

  @Test
  void memoryForWritingThatCouldShrinkOrIsTooShortIsRefused() throws InterruptedException {
    long bytes = BUFFERS * BUFFER_BYTES;
    for (SharedMemory bad : List.of(memory(bytes), memory(bytes, Seal.GROW))) {
      String message = refusedGrant(bad.descriptor());
      assertTrue(message.contains("data memory without the seal SHRINK"), message);
    }
    String small = refusedGrant(sealed(bytes - 1).descriptor());
    assertTrue(small.contains("not within " + (bytes - 1) + " bytes"), small);
    String none = refusedGrant();
    assertTrue(none.contains("0 descriptors, not 1"), none);
    Descriptor good = sealed(bytes).descriptor();
    String two = refusedGrant(good, good);
    assertTrue(two.contains("2 descriptors, not 1"), two);
  }

  @Test
  void anotherMemoryThanTheOneForWritingEndsTheConnection() throws InterruptedException {
    Descriptor good = sealed(BUFFERS * BUFFER_BYTES).descriptor();
    endsGrant(good, new WireFormat.Memory(1), good);
    endsGrant(good, new WireFormat.MemoryGone(0));
  }

  private void endsGrant(Descriptor granted, Message said, Descriptor... sent)
      throws InterruptedException {
    SharedMemory words = sealed(WORDS_BYTES);
    CountDownLatch attached = new CountDownLatch(1);
    Thread exporter =
        exporter((importer, request) -> {
          importer.say(
              request, granting(WireFormat.WRITING), words.descriptor(), words.descriptor());
          importer.say(importer.hear().request(), new WireFormat.Attached(1, 0, 0), granted);
          attached.await();
          importer.say(0, said, sent);
        });
    try (RemotePool pool = RemotePool.connect(path)) {
      Attachment attachment = pool.attach(Importer.viewing("writer", Access.WRITE));
      attached.countDown();
      awaitRevoked(attachment);
      String end = ((ImportedPool) pool).end();
      assertTrue(end.contains("granted for writing, whose memory is never another than 0"), end);
    }
    exporter.join();
  }

  @Test
  void featuresThatAreNotKnownAreRefused() throws InterruptedException {
    SharedMemory words = sealed(WORDS_BYTES);
    Descriptor one = words.descriptor();
    assertTrue(refused(granting(2), one, one, one).contains("features 2"));
    assertTrue(refused(granting(1L << 63 | 1), one, one).contains("features 8000000000000001"));
  }

  @Test
  void buffersOutsideTheMemoryAreRefused() throws InterruptedException {
    SharedMemory data = sealed(BUFFERS * BUFFER_BYTES);
    SharedMemory words = sealed(WORDS_BYTES);
    long max = Long.MAX_VALUE;
    for (PlacedClass bad :
        List.of(
            new PlacedClass(new SizeClass(BUFFER_BYTES, BUFFERS), -8, BUFFER_BYTES),
            new PlacedClass(new SizeClass(BUFFER_BYTES, BUFFERS), 8, BUFFER_BYTES),
            new PlacedClass(new SizeClass(BUFFER_BYTES, BUFFERS), 1, BUFFER_BYTES),
            new PlacedClass(new SizeClass(BUFFER_BYTES, BUFFERS), max, BUFFER_BYTES),
            new PlacedClass(new SizeClass(BUFFER_BYTES, BUFFERS), 0, BUFFER_BYTES - 8),
            new PlacedClass(new SizeClass(BUFFER_BYTES, BUFFERS), 0, -BUFFER_BYTES),
            new PlacedClass(new SizeClass(BUFFER_BYTES, BUFFERS), 0, max),
            new PlacedClass(new SizeClass(BUFFER_BYTES, BUFFERS + 1), 0, BUFFER_BYTES),
            new PlacedClass(new SizeClass(BUFFER_BYTES, Integer.MAX_VALUE), 0, BUFFER_BYTES),
            new PlacedClass(new SizeClass(max, 1), 0, max))) {
      assertTrue(refused(welcome(bad), data, words, words).contains("not within"), bad::toString);
    }
    assertTrue(refused(welcome(), data, words, words).contains("sent 0 buffers"));
  }

  @Test
  void otherLayoutsAndOtherDescriptorsAreRefused() throws InterruptedException {
    SharedMemory data = sealed(BUFFERS * BUFFER_BYTES);
    SharedMemory words = sealed(WORDS_BYTES);
    Descriptor one = data.descriptor();
    List<PlacedClass> placed = List.of(PLACED);
    for (int wrong : new int[] {0, -1, 1, Integer.MAX_VALUE}) {
      assertTrue(
          refused(welcome(wrong, PoolCore.TIMELINES, 64, placed), data, words, words)
              .contains("another version"));
      assertTrue(
          refused(welcome(PoolCore.LANES, wrong, 64, placed), data, words, words)
              .contains("another version"));
      assertTrue(
          refused(welcome(PoolCore.LANES, PoolCore.TIMELINES, wrong, placed), data, words, words)
              .contains("another version"));
    }
    assertTrue(refused(welcome(PLACED)).contains("0 descriptors, not 3"));
    assertTrue(refused(welcome(PLACED), one, one).contains("2 descriptors, not 3"));
    assertTrue(refused(welcome(PLACED), one, one, one, one).contains("4 descriptors, not 3"));
    assertTrue(refused(new WireFormat.Done()).contains("Done"));
    refused(new WireFormat.Done(), one);
    refused(new WireFormat.Hello(0, "hello, hello"));
  }

  @Test
  void anExporterThatAnswersNonsenseToRequestsIsFoundOut() throws InterruptedException {
    for (Message nonsense :
        List.of(
            new WireFormat.Done(),
            new WireFormat.Attached(1, 1, 0),
            new WireFormat.Attached(1, -1, 0),
            new WireFormat.Attached(1, 0, 5),
            new WireFormat.Detach(2))) {
      try (Trap trap = new Trap(request -> nonsense)) {
        assertThrows(
            AttachRefusedException.class,
            () -> trap.pool.attach(Importer.viewing("reader", Access.READ)));
      }
    }
  }

  @Test
  void answersToNothingAreDroppedWithWhatCameWithThem() throws InterruptedException {
    SharedMemory surplus = sealed(8192);
    try (Trap trap = new Trap(request -> new WireFormat.Attached(1, 0, 0))) {
      for (int i = 0; i < 100; i++) {
        // Numbers of requests that nobody has made.
        trap.importer.say(1000 + i, new WireFormat.Joined(i), surplus.descriptor());
        trap.importer.say(0, new WireFormat.Revoke(i, -5));
      }
      trap.pool.attach(Importer.viewing("reader", Access.READ)).close();
    }
  }

  @Test
  void anotherMemoryThatIsNotAsItShouldBeEndsTheConnection() throws InterruptedException {
    SharedMemory good = sealed(BUFFERS * BUFFER_BYTES);
    SharedMemory open = memory(BUFFERS * BUFFER_BYTES, Seal.GROW);
    SharedMemory small = sealed(BUFFERS * BUFFER_BYTES - 1);
    refusedAfter("1 descriptors, not 0", new WireFormat.MemoryGone(0), good.descriptor());
    refusedAfter("let go of memory 1", new WireFormat.MemoryGone(1));
    refusedAfter("0 descriptors, not 1", new WireFormat.Memory(1));
    refusedAfter(
        "2 descriptors, not 1", new WireFormat.Memory(1), good.descriptor(), good.descriptor());
    refusedAfter("without the seal SHRINK", new WireFormat.Memory(1), open.descriptor());
    refusedAfter("not within", new WireFormat.Memory(1), small.descriptor());
    refusedAfter("each is sent once", new WireFormat.Memory(0), good.descriptor());
    refusedAfter("each is sent once", new WireFormat.Memory(-1), good.descriptor());
  }

  private void refusedAfter(String why, Message said, Descriptor... sent)
      throws InterruptedException {
    try (Trap trap = new Trap(HostileExporterTest::honest)) {
      Attachment attachment = trap.pool.attach(Importer.viewing("reader", Access.READ));
      trap.importer.say(0, said, sent);
      // It takes this process for gone: nothing of it may be looked at any more.
      awaitRevoked(attachment);
      assertTrue(trap.end().contains(why), trap.end());
    }
  }

  @Test
  void noMoreMemoriesThanThereCanBeAreMapped() throws InterruptedException {
    SharedMemory good = sealed(BUFFERS * BUFFER_BYTES);
    try (Trap trap = new Trap(HostileExporterTest::honest)) {
      Attachment attachment = trap.pool.attach(Importer.viewing("reader", Access.READ));
      // The first is there already, so the last of these is one too many.
      for (int number = 1; number <= 2 * PoolMemories.MOST_MAPPED; number++) {
        trap.importer.say(0, new WireFormat.Memory(number), good.descriptor());
      }
      awaitRevoked(attachment);
      assertTrue(trap.end().contains("16 may, and take 16 times"), trap.end());
    }
  }

  @Test
  void aMemoryThatComesLateIsWaitedForAndOneThatNeverComesIsReported() throws Exception {
    SharedMemory other = memory(BUFFERS * BUFFER_BYTES);
    put(other.map(true, Arena.ofAuto()), 2 * BUFFER_BYTES, 77);
    other.seal(Seal.SHRINK, Seal.GROW);
    try (Trap trap = new Trap(HostileExporterTest::honest);
        FeedReader reader = trap.pool.feed("feed").join("reader", Access.READ, Overflow.BLOCK);
        FramePort port = reader.open()) {
      trap.lies(2, 1);
      trap.publish(0, 2);
      Thread sending =
          Thread.ofPlatform()
              .start(() -> {
                // Not before somebody waits for it.
                while (waiting(Thread.currentThread()) == 0) {
                  Thread.onSpinWait();
                }
                try {
                  trap.importer.say(0, new WireFormat.Memory(1), other.descriptor());
                } catch (InterruptedException e) {
                  throw new AssertionError(e);
                }
              });
      assertEquals(77, port.next(20, TimeUnit.SECONDS).getLong(0));
      sending.join();
      // A view that is open, of a memory that is taken from under it: no crash, and no data.
      trap.importer.say(0, new WireFormat.MemoryGone(1));
      trap.lies(3, 5);
      trap.publish(1, 3);
      Thread ending =
          Thread.ofPlatform()
              .start(() -> {
                while (waiting(Thread.currentThread()) == 0) {
                  Thread.onSpinWait();
                }
                trap.importer.hangUp();
              });
      String message =
          assertThrows(IllegalStateException.class, () -> port.next(20, TimeUnit.SECONDS))
              .getMessage();
      assertTrue(message.contains("lies in memory 5"), message);
      ending.join();
    }
  }

  /** Threads that wait for a memory to come. */
  private static long waiting(Thread except) {
    return Thread.getAllStackTraces().entrySet().stream()
        .filter(thread -> thread.getKey() != except)
        .filter(thread ->
            thread.getKey().getState() == Thread.State.TIMED_WAITING
                && List.of(thread.getValue()).toString().contains("PoolMemories.await"))
        .count();
  }

  private static void awaitRevoked(Attachment attachment) {
    long startNs = System.nanoTime();
    while (!attachment.isRevoked()) {
      assertTrue(System.nanoTime() - startNs < TimeUnit.SECONDS.toNanos(10), "never revoked");
      Thread.onSpinWait();
    }
  }

  @Test
  void aRevocationThatComesBeforeItsAttachmentWasStoredIsHeard() throws InterruptedException {
    try (Trap trap = new Trap(request -> new WireFormat.Attached(300, 0, 0))) {
      // Others around it, that are none of this process's.
      for (int number = 200; number < 400; number++) {
        trap.importer.say(0, new WireFormat.Revoke(number, TimeUnit.SECONDS.toNanos(5)));
      }
      Attachment attachment = trap.pool.attach(Importer.viewing("reader", Access.READ));
      awaitRevoked(attachment);
      attachment.close();
    }
  }

  /** A pool whose exporter's words the test writes. */
  private final class Trap implements AutoCloseable {
    private final Thread thread;
    private final MemorySegment control;
    private final MemorySegment producer;
    private volatile RawPeer importer;
    private final RemotePool pool;

    Trap(Function<Message, Message> answers) {
      this(answers, memory(1 << 16));
    }

    Trap(Function<Message, Message> answers, SharedMemory ring) {
      producer = ring.map(true, Arena.ofAuto());
      SharedMemory data = sealed(BUFFERS * BUFFER_BYTES);
      SharedMemory words = memory(WORDS_BYTES);
      control = words.map(true, Arena.ofAuto());
      words.seal(Seal.SHRINK, Seal.GROW);
      ring.seal(Seal.SHRINK, Seal.GROW);
      SharedMemory lane = sealed(WORDS_BYTES);
      thread =
          exporter((peer, request) -> {
            importer = peer;
            peer.say(
                request, welcome(PLACED), data.descriptor(), words.descriptor(), lane.descriptor());
            WireSocket.Arrival asked;
            while ((asked = peer.hear()) != null) {
              Message answer = answers.apply(asked.message());
              if (answer instanceof WireFormat.Joined) {
                peer.say(asked.request(), answer, ring.descriptor());
              } else {
                peer.say(asked.request(), answer);
              }
            }
          });
      pool = RemotePool.connect(path);
    }

    /** Why the connection has ended. */
    String end() {
      return ((ImportedPool) pool).end();
    }

    /** Has the exporter say in which memory a buffer lies. */
    void lies(int buffer, long memory) {
      put(control, MEMORY_OF_FIRST + buffer * RECORD_BYTES, memory);
    }

    /** Has a frame in the ring. */
    void publish(long position, int buffer) {
      long entry = ENTRIES + 64 * position;
      put(producer, entry + 8, 1L << 20 | buffer);
      put(producer, entry + 16, position);
      put(producer, entry + 40, BUFFER_BYTES);
      put(producer, 0, position + 1);
      put(producer, entry, position + 1);
    }

    @Override
    public void close() {
      pool.close();
      // Which ends when its importer has; uninterrupted, as tests are.
      while (thread.isAlive()) {
        Thread.onSpinWait();
      }
    }
  }

  private static Message honest(Message asked) {
    return switch (asked) {
      case WireFormat.Attach _ -> new WireFormat.Attached(1, 0, 0);
      case WireFormat.Join _ -> new WireFormat.Joined(2);
      default -> new WireFormat.Done();
    };
  }

  private static void put(MemorySegment at, long offset, long value) {
    at.set(ValueLayout.JAVA_LONG, offset, value);
  }

  @Test
  void entriesThatNameWhatIsNotThereAreReported() throws InterruptedException {
    long[][] bad = {
      {BUFFERS, 0, 8},
      {(1 << 20) - 1, 0, 8},
      {0, -1, 8},
      {0, 0, -8},
      {0, 0, BUFFER_BYTES + 1},
      {0, Long.MAX_VALUE, 8},
      {0, 8, Long.MAX_VALUE},
      {0, 1, Long.MIN_VALUE},
    };
    for (long[] entry : bad) {
      try (Trap trap = new Trap(HostileExporterTest::honest);
          FeedReader reader =
              trap.pool.feed("feed").join("reader", Access.READ, Overflow.BLOCK, BUFFERS);
          FramePort port = reader.open()) {
        // An entry: published, handle, sequence, timestamp, valid range; then the head.
        put(trap.producer, 256 + 8, entry[0]);
        put(trap.producer, 256 + 32, entry[1]);
        put(trap.producer, 256 + 40, entry[2]);
        put(trap.producer, 0, 1);
        put(trap.producer, 256, 1);
        String message =
            assertThrows(IllegalStateException.class, () -> port.next(1, TimeUnit.SECONDS))
                .getMessage();
        assertTrue(message.contains("does not have"), message);
      }
    }
  }

  // ---------------------------------------------------------------- what was published before

  /** Where the backlog's words lie: behind those of a ring of that depth. */
  private static final long BACKLOG = FarFeed.FarRing.producerBytes(BUFFERS);

  private static FeedReader late(Trap trap) {
    return trap.pool
        .feed("feed")
        .join(
            Importer.viewing("late", Access.READ),
            Overflow.BLOCK,
            BUFFERS,
            Division.EACH,
            Start.OLDEST);
  }

  /** A frame of the first buffer. */
  private static void push(Trap trap, long ring, long number) {
    long entry = ring + 256 + 64 * number;
    put(trap.producer, entry + 16, number);
    put(trap.producer, entry + 40, BUFFER_BYTES);
    put(trap.producer, ring, number + 1);
    put(trap.producer, entry, number + 1);
  }

  @Test
  void aRingWithoutRoomForABacklogIsRefused() throws InterruptedException {
    SharedMemory single = sealed(BACKLOG);
    try (Trap trap = new Trap(HostileExporterTest::honest, single)) {
      for (int times = 0; times < PeerDescriptor.READERS; times++) {
        String message = assertThrows(IllegalStateException.class, () -> late(trap)).getMessage();
        assertTrue(message.contains(BACKLOG + " bytes, " + 2 * BACKLOG + " are"), message);
      }
      trap.pool.feed("feed").join("reader", Access.READ, Overflow.BLOCK, BUFFERS).close();
    }
  }

  @Test
  void entriesOfABacklogThatNameWhatIsNotThereAreReported() throws InterruptedException {
    try (Trap trap = new Trap(HostileExporterTest::honest);
        FeedReader reader = late(trap);
        FramePort port = reader.open()) {
      push(trap, BACKLOG, 0);
      put(trap.producer, BACKLOG + 256 + 8, BUFFERS);
      String message =
          assertThrows(IllegalStateException.class, () -> port.next(1, TimeUnit.SECONDS))
              .getMessage();
      assertTrue(message.contains("does not have"), message);
    }
  }

  @Test
  void aBacklogWhoseWordsMakeNoSenseKeepsNobodyFromWhatIsPublished() throws InterruptedException {
    // Closed, dropped to wherever, or with a head and no entries: place and value.
    long[][] all = {
      {152, 0}, {144, 1}, {144, -1}, {128, 7}, {128, Long.MAX_VALUE}, {128, -1}, {0, -1}, {0, 9}
    };
    for (long[] word : all) {
      try (Trap trap = new Trap(HostileExporterTest::honest);
          FeedReader reader = late(trap);
          FramePort port = reader.open()) {
        put(trap.producer, BACKLOG + word[0], word[1]);
        push(trap, 0, 0);
        View view = port.next(10, TimeUnit.MINUTES);
        assertNotNull(view, () -> word[0] + ": " + word[1]);
        assertEquals(0, view.getLong(0));
        assertNull(port.next(1, TimeUnit.MILLISECONDS));
      }
    }
  }

  @Test
  void layoutsWithoutEndAreNotLearned() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    FrameLayout layout =
        new FrameLayout(1, 0, 8, 8, List.of(new Plane(0, 8, 8, 8)), ColorDescription.UNSPECIFIED);
    Function<Message, Message> answers =
        request -> {
          if (request instanceof WireFormat.Layout) {
            asked.incrementAndGet();
            return new WireFormat.LayoutIs(layout);
          }
          return honest(request);
        };
    try (Trap trap = new Trap(answers);
        FeedReader reader =
            trap.pool.feed("feed").join("reader", Access.READ, Overflow.BLOCK, BUFFERS);
        FramePort port = reader.open()) {
      put(trap.producer, 256 + 40, BUFFER_BYTES);
      put(trap.producer, 0, 1);
      for (long number : new long[] {-1, Long.MIN_VALUE, 1025, 1L << 32 | 1, Long.MAX_VALUE}) {
        put(trap.producer, 256 + 48, number);
        put(trap.producer, 256, 1);
        String message =
            assertThrows(IllegalStateException.class, () -> port.next(1, TimeUnit.SECONDS))
                .getMessage();
        assertTrue(message.contains("layout " + number + " of the exporter's"), message);
        assertTrue(message.contains("not within 0 to 1024"), message);
      }
      assertEquals(0, asked.get(), "nothing was asked for");
      put(trap.producer, 256 + 48, 1024);
      assertNotNull(port.next(1, TimeUnit.SECONDS));
      assertEquals(layout, port.layout());
      assertEquals(1, asked.get());
    }
  }

  @Test
  void aLayoutIsNotToBeHadFromAnExporterThatIsGone() throws Exception {
    AtomicReference<Trap> dying = new AtomicReference<>();
    Function<Message, Message> answers =
        asked -> {
          if (asked instanceof WireFormat.Layout) {
            dying.get().importer.hangUp();
          }
          return honest(asked);
        };
    try (Trap trap = new Trap(answers)) {
      dying.set(trap);
      assertNull(((ImportedPool) trap.pool).layout(7), "the frame is there to be read without");
      assertFalse(trap.pool.isConnected());
    }
  }

  @Test
  void anExporterThatHangsUpAndLivesMayOverwriteWhatIsMapped() throws Exception {
    try (Trap trap = new Trap(HostileExporterTest::honest);
        FeedReader reader =
            trap.pool.feed("feed").join("reader", Access.READ, Overflow.BLOCK, BUFFERS);
        FramePort port = reader.open()) {
      put(trap.producer, 256 + 40, BUFFER_BYTES);
      put(trap.producer, 0, 1);
      put(trap.producer, 256, 1);
      View view = port.next(1, TimeUnit.SECONDS);
      assertEquals(0, view.getLong(0));
      trap.importer.hangUp();
      long startNs = System.nanoTime();
      assertThrows(
          RevokedException.class,
          () -> {
            while (System.nanoTime() - startNs < TimeUnit.SECONDS.toNanos(10)) {
              view.getLong(0);
            }
          });
    }
  }

  /** Its fences end when nothing is shown any more: until then it goes on with the work. */
  @Test
  void whatAnExporterThatHangsUpAndLivesIsWritingIsNotShown() throws Exception {
    long record = 384 + 256L * BUFFERS + 256L * PoolCore.LANES + 128L * 3;
    try (Trap trap = new Trap(HostileExporterTest::honest);
        FeedReader reader =
            trap.pool.feed("feed").join("reader", Access.READ, Overflow.BLOCK, BUFFERS);
        FramePort port = reader.open()) {
      // A point that is issued, a fence of it in the first slot, and that there are fences.
      put(trap.control, record + 8, 1);
      put(trap.control, 384 + 192, 1L << 62 | 3L << 46 | 1);
      put(trap.control, 384 + 136, 1);
      put(trap.producer, 256 + 40, BUFFER_BYTES);
      put(trap.producer, 0, 1);
      put(trap.producer, 256, 1);
      assertNull(port.next(1, TimeUnit.MILLISECONDS));
      trap.importer.hangUp();
      assertThrows(RevokedException.class, () -> port.next(30, TimeUnit.SECONDS));
    }
  }

  @Test
  void wordsAtRandomNeitherCrashNorHoldTheReader() throws InterruptedException {
    try (Trap trap = new Trap(HostileExporterTest::honest)) {
      readWhileScribbling(
          trap, trap.pool.feed("feed").join("reader", Access.READ, Overflow.BLOCK, BUFFERS));
    }
    // Another ring: what was scribbled into the first may say that its reader is cut off.
    try (Trap trap = new Trap(HostileExporterTest::honest)) {
      readWhileScribbling(trap, late(trap));
    }
  }

  private static void readWhileScribbling(Trap trap, FeedReader joined)
      throws InterruptedException {
    try (FeedReader reader = joined;
        FramePort port = reader.open()) {
      AtomicBoolean over = new AtomicBoolean();
      Thread scribbling =
          Thread.ofPlatform()
              .start(() -> {
                SplittableRandom random = new SplittableRandom(2);
                while (!over.get()) {
                  scribble(trap, random);
                }
              });
      try {
        long startNs = System.nanoTime();
        while (System.nanoTime() - startNs < TimeUnit.MILLISECONDS.toNanos(700)) {
          long lookNs = System.nanoTime();
          read(port);
          assertTrue(System.nanoTime() - lookNs < TimeUnit.SECONDS.toNanos(20));
        }
      } finally {
        over.set(true);
        scribbling.join();
      }
    }
  }

  /** Plausible words as often as wild ones, so that all ways are gone. */
  private static void scribble(Trap trap, SplittableRandom random) {
    long wild = random.nextBoolean() ? random.nextLong() : random.nextLong(16);
    put(trap.control, random.nextLong(trap.control.byteSize() / 8) * 8, random.nextLong());
    long ring = random.nextBoolean() ? 0 : BACKLOG;
    long entry = ring + 256 + 64 * random.nextLong(8);
    put(trap.producer, entry, wild);
    put(trap.producer, entry + 8, random.nextLong(8) << 20 | random.nextLong(BUFFERS + 1));
    put(trap.producer, entry + 8 * (2 + random.nextLong(4)), wild);
    if (random.nextInt(8) == 0) {
      put(trap.producer, ring + 8 * random.nextLong(32), random.nextLong(16));
    }
  }

  private static void read(FramePort port) {
    try {
      View view = port.next(1, TimeUnit.MILLISECONDS);
      if (view != null) {
        view.getLong(0);
      }
    } catch (IllegalStateException told) {
      assertInstanceOf(String.class, told.getMessage());
    }
  }
}
