package io.entrepot.internal.sharing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.entrepot.flow.Broadcast;
import io.entrepot.flow.BufferPool;
import io.entrepot.flow.FeedReader;
import io.entrepot.flow.FeedWriter;
import io.entrepot.flow.FramePort;
import io.entrepot.flow.Overflow;
import io.entrepot.flow.PoolPort;
import io.entrepot.flow.PoolStatistics;
import io.entrepot.internal.buffers.PoolDescriptor;
import io.entrepot.internal.flow.ExportedPool;
import io.entrepot.internal.memory.HeapWords;
import io.entrepot.internal.memory.Linux;
import io.entrepot.internal.memory.Seal;
import io.entrepot.internal.memory.SharedMemory;
import io.entrepot.internal.memory.Words;
import io.entrepot.internal.reach.OpenMemory;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.Exporter;
import io.entrepot.sharing.Offer;
import io.entrepot.sharing.SharedMemoryExporter;
import io.entrepot.sharing.SizeClass;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is seen of a pool from outside is true, and whatever stands there hurts nobody. */
class PoolSightTest {
  private static final String NAME = "sight";

  private static final PoolNotice NOTICE =
      new PoolNotice(
          "pool",
          3,
          4711,
          1_000,
          PoolCore.LANES,
          PoolCore.TIMELINES,
          List.of(new SizeClass(4096, 5), new SizeClass(65536, 2)),
          5 * 4096 + 2 * 65536);

  private static final long WORDS_BYTES =
      PoolDescriptor.byteSize(NOTICE.buffers(), NOTICE.lanes(), NOTICE.timelines());

  @BeforeEach
  void hereOnly() {
    assumeTrue(Linux.isAvailable(), "needs Linux on x86-64 or aarch64");
  }

  /** A control memory that is sealed, and can still be written here. */
  private record Control(SharedMemory memory, Words words) implements AutoCloseable {
    static Control of(long byteSize, Seal... seals) {
      SharedMemory memory = SharedMemory.create(NAME, byteSize);
      Words words = Words.over(memory.map(true, Arena.ofAuto()));
      for (Seal seal : seals) {
        memory.seal(seal);
      }
      return new Control(memory, words);
    }

    /** As the notice says. */
    static Control honest() {
      Control control =
          of(
              PoolNotice.controlBytes(WORDS_BYTES, NOTICE.classes().size()),
              Seal.SHRINK,
              Seal.GROW,
              Seal.FUTURE_WRITE);
      NOTICE.write(control.words);
      return control;
    }

    @Override
    public void close() {
      memory.close();
    }
  }

  /** Words that tell of every look outside of them, and of every store but by a test. */
  private static final class Watched extends HeapWords {
    private boolean readOnly;

    Watched(long byteSize) {
      super(byteSize);
    }

    private void store() {
      if (readOnly) {
        throw new AssertionError("stored to words that are looked at");
      }
    }

    @Override
    public void setPlain(long place, long value) {
      store();
      super.setPlain(place, value);
    }

    @Override
    public void setOpaque(long place, long value) {
      store();
      super.setOpaque(place, value);
    }

    @Override
    public void setRelease(long place, long value) {
      store();
      super.setRelease(place, value);
    }

    @Override
    public void setVolatile(long place, long value) {
      store();
      super.setVolatile(place, value);
    }

    @Override
    public boolean compareAndSet(long place, long expected, long value) {
      store();
      return super.compareAndSet(place, expected, value);
    }

    @Override
    public long getAndAdd(long place, long delta) {
      store();
      return super.getAndAdd(place, delta);
    }
  }

  /** Looks at everything; how many lines there are to say. */
  private static int look(PoolSight pool, PeerSight... peers) {
    List<String> lines = new ArrayList<>();
    try (pool) {
      PoolSight.Numbers now = pool.numbers();
      assertEquals(
          pool.notice().buffers(), now.free() + now.owned() + now.published() + now.retired());
      pool.dump(List.of(peers), 5_000, lines::add);
    } finally {
      List.of(peers).forEach(PeerSight::close);
    }
    return lines.size();
  }

  private static String refused(SharedMemory control) {
    return assertThrows(IllegalStateException.class, () -> PoolSight.of(control)).getMessage();
  }

  @Test
  void aNoticeIsReadAsItWasWritten() {
    try (Control control = Control.honest();
        PoolSight sight = PoolSight.of(control.memory)) {
      assertEquals(NOTICE, sight.notice());
      assertEquals(7, sight.numbers().free());
    }
  }

  @Test
  void aLongNameIsCutAndHarmsNothing() {
    String name = "ä".repeat(400);
    try (Control control = Control.honest()) {
      new PoolNotice(name, 1, 1, 1, PoolCore.LANES, PoolCore.TIMELINES, NOTICE.classes(), 1)
          .write(control.words);
      try (PoolSight sight = PoolSight.of(control.memory)) {
        assertEquals("ä".repeat(192), sight.notice().name());
        assertEquals(7, sight.notice().buffers());
      }
    }
  }

  @Test
  void aPoolWithTheLongestNameIsSeenByAllOfIt() {
    String name = "n".repeat(249);
    try (BufferPool pool =
        BufferPool.of(SharedMemoryExporter.named(name), new SizeClass(4096, 2))) {
      List<OpenMemory> seen =
          OpenMemory.of(ProcessHandle.current().pid(), SharedSlabs.WORDS_OF + "nnn");
      assertEquals(1, seen.size(), pool::name);
      assertEquals(249, seen.getFirst().name().length());
      try (SharedMemory control = seen.getFirst().open();
          PoolSight sight = PoolSight.of(control)) {
        assertEquals(name, sight.notice().name());
      }
    }
    assertEquals("ä".repeat(124), SharedMemory.nameOf("ä".repeat(125)));
  }

  @Test
  void eachSealIsNeeded() {
    Seal[] seals = {Seal.SHRINK, Seal.GROW, Seal.FUTURE_WRITE};
    for (Seal missing : seals) {
      Seal[] others = List.of(seals).stream().filter(seal -> seal != missing).toArray(Seal[]::new);
      try (Control control = Control.of(8192, others)) {
        NOTICE.write(control.words);
        assertTrue(refused(control.memory).contains("not sealed against " + missing));
      }
    }
  }

  @Test
  void sizesThatHoldNoPoolAreRefused() {
    for (long byteSize : new long[] {1, 8, 504, 513, 4095}) {
      try (Control control =
          new Control(SharedMemory.create(NAME, byteSize), Words.offHeap(Words.WORD_BYTES))) {
        control.memory.seal(Seal.SHRINK, Seal.GROW, Seal.FUTURE_WRITE);
        assertTrue(
            refused(control.memory).startsWith("its " + byteSize + " bytes are no whole number"));
      }
    }
    try (Control control = Control.of(4096, Seal.SHRINK, Seal.GROW, Seal.FUTURE_WRITE)) {
      assertEquals(
          "its notice begins with 0x0, which is no pool's", refused(control.memory), "no magic");
    }
  }

  @Test
  void everyWordOfANoticeMayBeWrong() {
    try (Control control = Control.honest()) {
      assertTrue(refusals(control.words, () -> look(PoolSight.of(control.memory))) > 100);
    }
    assertEquals(0, mappings(), "what was refused is not mapped any more");
    Watched words = new Watched(PoolNotice.controlBytes(WORDS_BYTES, NOTICE.classes().size()));
    NOTICE.write(words);
    Runnable look =
        () -> {
          words.readOnly = true;
          try {
            look(new PoolSight(Arena.ofConfined(), words));
          } finally {
            words.readOnly = false;
          }
        };
    assertTrue(refusals(words, look) > 100);
  }

  /** Puts odd values into each word of a notice, one by one; how often it was refused. */
  private static int refusals(Words words, Runnable look) {
    long[] values = {
      0,
      1,
      -1,
      2,
      8,
      64,
      255,
      1L << 16,
      1L << 20,
      1L << 31,
      1L << 32,
      1L << 62,
      Long.MIN_VALUE,
      Long.MAX_VALUE
    };
    int refused = 0;
    long end = words.base() + words.byteSize();
    for (long place = words.base() + WORDS_BYTES; place < end; place += Words.WORD_BYTES) {
      long right = words.getPlain(place);
      for (long value : values) {
        words.setPlain(place, value);
        try {
          look.run();
        } catch (IllegalStateException wrong) {
          assertTrue(wrong.getMessage().startsWith("its notice "), wrong.getMessage());
          refused++;
        }
      }
      words.setPlain(place, right);
    }
    look.run();
    return refused;
  }

  @Test
  void wordsMayBeAnything() {
    SplittableRandom random = new SplittableRandom(7);
    Watched words = new Watched(PoolNotice.controlBytes(WORDS_BYTES, NOTICE.classes().size()));
    Watched peer = new Watched(WORDS_BYTES);
    NOTICE.write(words);
    int most = 0;
    for (int round = 0; round < 1_000; round++) {
      // Few bits make plausible words, many make none.
      int bits = random.nextInt(1, 65);
      for (long place = 0; place < WORDS_BYTES; place += Words.WORD_BYTES) {
        words.setPlain(place, random.nextLong() >>> random.nextInt(bits));
        peer.setPlain(place, random.nextLong() >>> random.nextInt(bits));
      }
      words.readOnly = true;
      peer.readOnly = true;
      PoolSight pool = new PoolSight(Arena.ofConfined(), words);
      most = Math.max(most, look(pool, pool.peer("peer", Arena.ofConfined(), peer)));
      words.readOnly = false;
      peer.readOnly = false;
    }
    assertTrue(most >= NOTICE.buffers(), "lines " + most);
  }

  @Test
  void aPeersMemoryIsHeldAgainstItsPool() {
    try (Control control = Control.honest();
        Control unsealed = Control.of(WORDS_BYTES, Seal.SHRINK);
        Control small = Control.of(WORDS_BYTES - 8, Seal.SHRINK, Seal.GROW);
        PoolSight sight = PoolSight.of(control.memory)) {
      for (Control wrong : List.of(unsealed, small)) {
        assertThrows(IllegalStateException.class, () -> sight.peer("peer", wrong.memory));
      }
    }
  }

  /** How many mappings for reading there are of a memory of this test. */
  private static long mappings() {
    try (Stream<String> lines = Files.lines(Path.of("/proc/self/maps"))) {
      return lines
          .filter(line -> line.contains(" r--s ") && line.contains("/memfd:" + NAME + " "))
          .count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void numbersAreThoseOfThePool() {
    try (BufferPool pool =
            BufferPool.of(SharedMemoryExporter.named("numbers"), new SizeClass(4096, 8));
        Broadcast feed = pool.broadcast("feed");
        FeedReader reader = feed.join("reader", Access.READ, Overflow.BLOCK);
        FramePort port = reader.open()) {
      SharedMemory control = ((SharedSlabs) ((ExportedPool) pool).core().backing()).control();
      agree(pool, control);
      for (int round = 0; round < 3; round++) {
        // Each has the lane of the one before.
        try (FeedWriter writer = feed.writer();
            PoolPort owner = pool.open("owner")) {
          for (int i = 0; i < 5; i++) {
            writer.acquire(1, TimeUnit.SECONDS);
            writer.publish();
            port.next(1, TimeUnit.SECONDS);
            agree(pool, control);
          }
          for (int i = 0; i < 4; i++) {
            owner.tryAcquire();
            agree(pool, control);
            owner.release();
          }
          pool.tryAcquire(100).close();
          writer.acquire(1, TimeUnit.SECONDS);
          agree(pool, control);
        }
        agree(pool, control);
      }
      assertEquals(15, pool.statistics().publishes());
      assertEquals(33, pool.statistics().acquires());
      port.unmap();
    }
  }

  private static void agree(BufferPool pool, SharedMemory control) {
    PoolStatistics says = pool.statistics();
    try (PoolSight sight = PoolSight.of(control)) {
      PoolSight.Numbers seen = sight.numbers();
      assertEquals(
          List.of(says.acquires(), says.publishes(), says.maps(), says.waits(), says.timeouts()),
          List.of(seen.acquires(), seen.publishes(), seen.maps(), seen.waits(), seen.timeouts()));
      assertEquals(
          List.of((long) says.free(), (long) says.maxInUse(), (long) says.openMappings()),
          List.of((long) seen.free(), seen.mostInUse(), seen.openMappings()),
          pool::dump);
    }
  }

  @Test
  void memoryWithoutRoomForWordsIsGivenBack() {
    AtomicBoolean closed = new AtomicBoolean();
    Exporter exporter =
        new Exporter() {
          @Override
          public String name() {
            return "no words";
          }

          @Override
          public List<Offer> offers() {
            return List.of();
          }

          @Override
          public Backing allocate(List<SizeClass> classes) {
            return new SharedBacking() {
              @Override
              public Words words(long byteSize) {
                throw new IllegalStateException("no room for " + byteSize + " bytes");
              }

              @Override
              public List<MemorySegment> buffers() {
                return List.of(Arena.ofAuto().allocate(64));
              }

              @Override
              public void close() {
                closed.set(true);
              }
            };
          }
        };
    assertThrows(IllegalStateException.class, () -> BufferPool.of(exporter, new SizeClass(64, 1)));
    assertTrue(closed.get());
  }
}
