package io.entrepot.internal.reach;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.entrepot.flow.Broadcast;
import io.entrepot.flow.BufferPool;
import io.entrepot.flow.Division;
import io.entrepot.flow.FeedReader;
import io.entrepot.flow.FeedWriter;
import io.entrepot.flow.FramePort;
import io.entrepot.flow.Overflow;
import io.entrepot.internal.flow.ExportedPool;
import io.entrepot.internal.memory.ChildJvm;
import io.entrepot.internal.memory.Linux;
import io.entrepot.internal.memory.OpenDescriptors;
import io.entrepot.internal.memory.Seal;
import io.entrepot.internal.memory.SharedMemory;
import io.entrepot.internal.reach.WireFormat.PlacedClass;
import io.entrepot.internal.sharing.PoolCore;
import io.entrepot.internal.sharing.Replacements;
import io.entrepot.internal.sync.FarProcess;
import io.entrepot.reach.PoolServer;
import io.entrepot.reach.RemotePool;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.Attachment;
import io.entrepot.sharing.Importer;
import io.entrepot.sharing.MappingType;
import io.entrepot.sharing.NativeLease;
import io.entrepot.sharing.Offer;
import io.entrepot.sharing.RevokedException;
import io.entrepot.sharing.SharedMemoryExporter;
import io.entrepot.sharing.SizeClass;
import io.entrepot.sharing.View;
import io.entrepot.sharing.WritableView;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * C13: an exporter that sends memory after memory takes no more of an importer's addresses than its
 * bound, and what is gone is unmapped when nothing looks at it. Longer than a page: the exporter
 * whose memory and words a test writes is here.
 */
class ManyMemoriesTest {
  private static final String NAME = "many";

  /** Name of the data memories, all that importers may map of an exporter again and again. */
  private static final String DATA = "many-data";

  private static final int BUFFERS = 4;
  private static final long BUFFER_BYTES = 4096;
  private static final long BYTES = BUFFERS * BUFFER_BYTES;

  /** Bytes behind the last buffer, which are nobody's. */
  private static final long SURPLUS_BYTES = 1 << 20;

  private static final long WORDS_BYTES = 1 << 20;

  /** Where in the exporter's words the record of a buffer has the number of its memory. */
  private static final long MEMORY_OF_FIRST = 384 + 144;

  private static final long RECORD_BYTES = 256;

  /** Where the entries of a ring begin. */
  private static final long ENTRIES = 256;

  private static final long LIMIT_NS = TimeUnit.SECONDS.toNanos(30);

  @TempDir Path folder;
  private Path path;

  @BeforeEach
  void linux() {
    assumeTrue(Linux.isAvailable(), "needs Linux on x86-64 or aarch64");
    path = folder.resolve("pool");
  }

  @AfterEach
  void nothingIsLeft() throws IOException {
    if (path != null) {
      await(() -> OpenDescriptors.of("memfd:" + NAME) == 0);
      assertEquals(0, OpenDescriptors.mappingsOf("memfd:" + DATA + " "));
    }
  }

  private static void await(BooleanSupplier condition) {
    long startNs = System.nanoTime();
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() - startNs < LIMIT_NS, "waited in vain");
      Thread.onSpinWait();
    }
  }

  /** A line of a process's mappings. */
  private record Mapped(long from, long to, String text) {
    static Mapped of(String line) {
      String[] range = line.substring(0, line.indexOf(' ')).split("-");
      return new Mapped(
          Long.parseUnsignedLong(range[0], 16), Long.parseUnsignedLong(range[1], 16), line);
    }

    static List<Mapped> all(long pid) {
      try {
        return Files.readAllLines(Path.of("/proc/" + pid + "/maps")).stream()
            .map(Mapped::of)
            .toList();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    boolean isData() {
      return text.contains("memfd:" + DATA + " ");
    }

    /** Whether it is as what is left of a memory that was taken from under somebody. */
    boolean isHollow() {
      return text.contains(" r--p 00000000 00:00 0");
    }

    long byteSize() {
      return to - from;
    }
  }

  private static long ownPid() {
    return ProcessHandle.current().pid();
  }

  private static long dataBytes(long pid) {
    return Mapped.all(pid).stream().filter(Mapped::isData).mapToLong(Mapped::byteSize).sum();
  }

  private static long hollowBytes(long pid) {
    return Mapped.all(pid).stream().filter(Mapped::isHollow).mapToLong(Mapped::byteSize).sum();
  }

  private static boolean isMapped(long address) {
    return Mapped.all(ownPid()).stream()
        .anyMatch(mapped -> mapped.from <= address && address < mapped.to);
  }

  // ---------------------------------------------------------------- an exporter of the test's

  /** An exporter that says what the test says, beside honest answers. */
  private final class Flood implements AutoCloseable {
    private final UnixSocket listening = UnixSocket.listen(path, 1);
    private final Thread thread;
    private final RemotePool pool;
    private final MemorySegment control;
    private final MemorySegment producer;
    private volatile RawPeer importer;

    Flood(Offer offer) {
      SharedMemory words = SharedMemory.create(NAME + " words", WORDS_BYTES);
      SharedMemory ring = SharedMemory.create(NAME + " ring", 1 << 16);
      control = words.map(true, Arena.ofAuto());
      producer = ring.map(true, Arena.ofAuto());
      words.seal(Seal.SHRINK, Seal.GROW);
      ring.seal(Seal.SHRINK, Seal.GROW);
      thread =
          Thread.ofPlatform()
              .name("flooding-exporter")
              .start(() -> {
                try (words;
                    ring) {
                  serve(offer, words, ring);
                } catch (IllegalStateException hungUp) {
                  assertNotNull(hungUp.getMessage());
                } catch (InterruptedException e) {
                  throw new AssertionError(e);
                }
              });
      pool = RemotePool.connect(path);
    }

    private void serve(Offer offer, SharedMemory words, SharedMemory ring)
        throws InterruptedException {
      try (RawPeer peer = new RawPeer(listening.accept(RawPeer.LONG_NS));
          SharedMemory first = memory(0);
          SharedMemory lane = SharedMemory.create(NAME + " lane", WORDS_BYTES)) {
        lane.seal(Seal.SHRINK, Seal.GROW);
        importer = peer;
        peer.say(
            peer.hear().request(),
            welcome(offer),
            first.descriptor(),
            words.descriptor(),
            lane.descriptor());
        for (WireSocket.Arrival asked; (asked = peer.hear()) != null; ) {
          switch (asked.message()) {
            case WireFormat.Attach _ -> peer.say(asked.request(), new WireFormat.Attached(1, 0, 0));
            case WireFormat.Join _ ->
                peer.say(asked.request(), new WireFormat.Joined(2), ring.descriptor());
            default -> peer.say(asked.request(), new WireFormat.Done());
          }
        }
      }
    }

    private WireFormat.Welcome welcome(Offer offer) {
      return new WireFormat.Welcome(
          0,
          NAME,
          "exporter",
          false,
          PoolCore.LANES,
          PoolCore.TIMELINES,
          PeerDescriptor.READERS,
          List.of(offer),
          List.of(new PlacedClass(new SizeClass(BUFFER_BYTES, BUFFERS), 0, BUFFER_BYTES)),
          0);
    }

    /** A memory whose buffers begin with its number; longer than they need. */
    private static SharedMemory memory(long number) {
      SharedMemory memory = SharedMemory.create(DATA, BYTES + SURPLUS_BYTES);
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment bytes = memory.map(true, arena);
        for (long at = 0; at < BYTES; at += BUFFER_BYTES) {
          bytes.set(ValueLayout.JAVA_LONG, at, number);
        }
      }
      memory.seal(Seal.SHRINK, Seal.GROW);
      return memory;
    }

    boolean send(long number) throws InterruptedException {
      try (SharedMemory memory = memory(number)) {
        return importer.say(0, new WireFormat.Memory(number), memory.descriptor());
      }
    }

    boolean take(long number) throws InterruptedException {
      return importer.say(0, new WireFormat.MemoryGone(number));
    }

    /** Returns when all that was said was heard: an answer comes behind it. */
    void heard() {
      String answer =
          assertThrows(IllegalStateException.class, () -> ((ImportedPool) pool).layout(1))
              .getMessage();
      assertTrue(answer.contains("answered a question"), answer);
    }

    /** Has a frame of a buffer that lies in a memory be there to be read. */
    void publish(long position, int buffer, long memory) {
      put(control, MEMORY_OF_FIRST + buffer * RECORD_BYTES, memory);
      long entry = ENTRIES + 64 * position;
      put(producer, entry + 8, 1L << 20 | buffer);
      put(producer, entry + 16, position);
      put(producer, entry + 40, BUFFER_BYTES);
      put(producer, 0, position + 1);
      put(producer, entry, position + 1);
    }

    private static void put(MemorySegment at, long offset, long value) {
      at.set(ValueLayout.JAVA_LONG, offset, value);
    }

    @Override
    public void close() {
      pool.close();
      await(() -> !thread.isAlive());
      listening.close();
    }
  }

  private static final Offer VIEWS = Offer.of(MappingType.VIEW, Access.READ, 1);
  private static final Offer LEASES = Offer.of(MappingType.NATIVE_POINTER, Access.READ, 1);

  private static void awaitRevoked(Attachment attachment) {
    await(attachment::isRevoked);
  }

  @Test
  void oneThatSendsMoreThanThereCanBeIsBelievedNoMore() throws Exception {
    int most = ImportedMemory.MAX_MAPPED;
    try (Flood flood = new Flood(VIEWS)) {
      Attachment attachment = flood.pool.attach(Importer.viewing("reader", Access.READ));
      for (int number = 1; number < most; number++) {
        flood.send(number);
      }
      flood.heard();
      assertEquals(most * BYTES, dataBytes(ownPid()), "no more of each than its buffers need");
      flood.send(most);
      awaitRevoked(attachment);
      String end = ((ImportedPool) flood.pool).end();
      assertTrue(end.contains("sent memory " + most + " while " + most + " with"), end);
      assertTrue(end.contains(most + " may, and take " + most + " times " + BYTES), end);
    }
  }

  @Test
  void memoryThatIsGoneIsUnmappedHoweverOftenItIsReplaced() throws Exception {
    try (Flood flood = new Flood(VIEWS)) {
      long before = hollowBytes(ownPid());
      int times = 500;
      for (int number = 1; number <= times; number++) {
        flood.send(number);
        flood.take(number - 1);
      }
      flood.heard();
      assertEquals(BYTES, dataBytes(ownPid()));
      long grown = hollowBytes(ownPid()) - before;
      assertTrue(grown < times / 10 * BYTES, grown + " bytes stand");
      assertTrue(flood.pool.isConnected());
    }
  }

  @Test
  void aViewOfMemoryThatIsTakenFromUnderItShowsNothingMore() throws Exception {
    try (Flood flood = new Flood(VIEWS);
        FeedReader reader =
            flood.pool.feed("feed").join("reader", Access.READ, Overflow.BLOCK, BUFFERS);
        FramePort port = reader.open()) {
      flood.send(7);
      flood.publish(0, 2, 7);
      View view = port.next(20, TimeUnit.SECONDS);
      assertEquals(7, view.getLong(0));
      View kept = port.keep();
      flood.publish(1, 1, 0);
      View other = port.next(20, TimeUnit.SECONDS);
      flood.take(7);
      flood.heard();
      String why = assertThrows(RevokedException.class, () -> kept.getLong(0)).getMessage();
      assertTrue(why.contains("taken the memory back"), why);
      assertEquals(0, other.getLong(0), "what lies elsewhere is shown as before");
      assertEquals(BYTES, dataBytes(ownPid()));
      kept.close();
      // The same number once more, which an honest exporter never gives, is as good as another.
      flood.send(7);
      flood.publish(2, 2, 7);
      assertEquals(7, port.next(20, TimeUnit.SECONDS).getLong(0));
    }
  }

  @Test
  @SuppressWarnings("restricted")
  void aLeaseKeepsMemoryThatIsGoneMappedUntilItEnds() throws Exception {
    int most = ImportedMemory.MAX_MAPPED;
    try (Flood flood = new Flood(LEASES)) {
      FeedReader reader =
          flood
              .pool
              .feed("feed")
              .join(
                  Importer.leasing("library", Access.READ), Overflow.BLOCK, BUFFERS, Division.EACH);
      FramePort port = reader.open();
      flood.send(7);
      flood.publish(0, 2, 7);
      NativeLease lease = port.nextLease(20, TimeUnit.SECONDS);
      MemorySegment library = MemorySegment.ofAddress(lease.address()).reinterpret(BUFFER_BYTES);
      assertEquals(7, library.get(ValueLayout.JAVA_LONG, 0));
      flood.take(7);
      // Whatever is said of where it lies.
      flood.publish(1, 2, 0);
      flood.heard();
      assertEquals(library.address(), lease.address());
      assertEquals(0, library.get(ValueLayout.JAVA_LONG, 0), "no data, and no fall");
      assertEquals(BYTES, dataBytes(ownPid()), "its pages are given back");
      lease.close();
      assertFalse(isMapped(library.address()));

      flood.send(8);
      flood.publish(1, 3, 8);
      NativeLease last = port.nextLease(20, TimeUnit.SECONDS);
      flood.take(8);
      for (int number = 11; number < 10 + most; number++) {
        flood.send(number);
      }
      Attachment attachment = reader.attachment();
      awaitRevoked(attachment);
      String end = ((ImportedPool) flood.pool).end();
      assertTrue(end.contains((most - 1) + " with buffers in them stand here and 1 that"), end);
      last.close();
      port.close();
      reader.close();
    }
  }

  // ---------------------------------------------------------------- an honest exporter

  private static final int ROUNDS = 50;
  private static final long HONEST_BYTES = 64 << 10;

  /** Reads to the end of the feed, says {@code joined} and how many frames it has {@code read}. */
  static final class Honest {
    public static void main(String[] args) throws Exception {
      try (RemotePool pool = RemotePool.connect(Path.of(args[0]));
          FeedReader reader = pool.feed("feed").join("honest", Access.READ, Overflow.BLOCK);
          FramePort port = reader.open()) {
        System.out.println("joined");
        long count = 0;
        while (port.next(60, TimeUnit.SECONDS) instanceof View view) {
          if (view.getLong(0) != count || view.getLong(HONEST_BYTES - Long.BYTES) != count) {
            throw new AssertionError("frame " + count + " is " + view.getLong(0));
          }
          count++;
        }
        System.out.println("read " + count);
        System.in.read();
      }
    }
  }

  /** A process that has been cut off without a word. */
  private record CutOff(Process process) implements FarProcess {
    static CutOff start() throws IOException {
      return new CutOff(new ProcessBuilder("sleep", "600").start());
    }

    @Override
    public boolean isAlive() {
      return process.isAlive();
    }

    void kill() throws InterruptedException {
      process.destroyForcibly().waitFor();
    }

    @Override
    public void close() {
      // It is the test that ends it.
    }
  }

  /** Each sees the newest when it is cut off, and dies then, or two rounds later. */
  @Test
  void anHonestExporterReplacesItsMemoryAsOftenAsItHasTo() throws Exception {
    Deque<CutOff> seeing = new ArrayDeque<>();
    try (BufferPool pool =
            BufferPool.of(SharedMemoryExporter.named(DATA), new SizeClass(HONEST_BYTES, BUFFERS));
        Broadcast feed = pool.broadcast("feed");
        PoolServer server = PoolServer.serve(pool, path);
        ChildJvm honest = ChildJvm.start(Honest.class, server.socket().toString())) {
      honest.expect("joined");
      Replacements replacements = ((ExportedPool) pool).core().replacements();
      long frames = 0;
      long early = 0;
      try (FeedWriter writer = feed.writer()) {
        for (int round = 0; round < ROUNDS; round++) {
          if (seeing.size() == SharedMemoryExporter.DEFAULT_REPLACEMENTS) {
            seeing.removeFirst().kill();
          }
          CutOff cutOff = CutOff.start();
          seeing.add(cutOff);
          replacements.expose(
              cutOff,
              "process " + cutOff.process.pid(),
              Set.of(replacements.mapped().getLast().getKey()),
              true);
          frames = publish(writer, frames);
          if (round % 3 == 0) {
            seeing.removeLast().kill();
          }
          frames = publish(writer, frames);
          assertTrue(server.statistics().connected() == 1, pool::dump);
          if (round == ROUNDS / 10) {
            early = hollowBytes(honest.pid());
          }
        }
      }
      honest.expect("read " + frames);
      assertTrue(pool.statistics().replacements() > ROUNDS / 2, pool::dump);
      long grown = hollowBytes(honest.pid()) - early;
      assertTrue(grown < ROUNDS / 5 * BUFFERS * HONEST_BYTES, grown + " bytes stand");
    } finally {
      for (CutOff left : seeing) {
        left.kill();
      }
    }
  }

  private static long publish(FeedWriter writer, long first) {
    long next = first;
    for (int i = 0; i < 2 * BUFFERS; i++, next++) {
      WritableView view = writer.acquire(60, TimeUnit.SECONDS);
      assertNotNull(view);
      view.putLong(0, next);
      view.putLong(HONEST_BYTES - Long.BYTES, next);
      writer.publish();
    }
    return next;
  }
}
