package io.entrepot.internal.reach;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.entrepot.flow.Broadcast;
import io.entrepot.flow.BufferPool;
import io.entrepot.flow.Feed;
import io.entrepot.flow.FeedReader;
import io.entrepot.flow.FeedWriter;
import io.entrepot.flow.FramePort;
import io.entrepot.flow.Overflow;
import io.entrepot.internal.memory.Linux;
import io.entrepot.internal.memory.OpenDescriptors;
import io.entrepot.reach.PoolServer;
import io.entrepot.reach.RemotePool;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.Attachment;
import io.entrepot.sharing.Exporter;
import io.entrepot.sharing.Importer;
import io.entrepot.sharing.Offer;
import io.entrepot.sharing.SharedMemoryExporter;
import io.entrepot.sharing.SizeClass;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** C11: what an exporter grants when nobody waits for it any more is given back. */
class LateAnswersTest {
  private static final int BUFFERS = 4;

  /** For answers that come. */
  private static final Duration PATIENT = Duration.ofSeconds(20);

  /** For answers that are kept from coming. */
  private static final Duration IMPATIENT = Duration.ofMillis(200);

  private static final String RINGS = "entrepot ring";

  @TempDir Path folder;
  private volatile Duration patience = PATIENT;

  @BeforeEach
  void needsLinux() {
    assumeTrue(Linux.isAvailable(), "needs Linux on x86-64 or aarch64");
  }

  /** An exporter that has to be let on with each attachment, or with each that ends. */
  private record SlowExporter(Exporter below, Semaphore goes, AtomicInteger detached)
      implements Exporter {
    SlowExporter(Exporter below, Semaphore goes) {
      this(below, goes, new AtomicInteger());
    }

    @Override
    public String name() {
      return below.name();
    }

    @Override
    public List<Offer> offers() {
      return below.offers();
    }

    @Override
    public void attach(Importer importer) {
      if (importer.name().equals("slow")) {
        goes.acquireUninterruptibly();
      }
      below.attach(importer);
    }

    @Override
    public void detach(Importer importer) {
      if (importer.name().equals("slow to go")) {
        goes.acquireUninterruptibly();
      }
      below.detach(importer);
      detached.incrementAndGet();
    }

    @Override
    public Backing allocate(List<SizeClass> classes) {
      return below.allocate(classes);
    }
  }

  private static void await(String what, BooleanSupplier condition) {
    long startNs = System.nanoTime();
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() - startNs < TimeUnit.SECONDS.toNanos(20), what);
      Thread.onSpinWait();
    }
  }

  private RemotePool connect(PoolServer server) {
    return ImportedPool.connect(server.socket(), () -> patience);
  }

  /** Does what asks for an answer that is kept from coming. */
  private String unanswered(Executable request) {
    patience = IMPATIENT;
    try {
      return assertThrows(UncheckedIOException.class, request).getMessage();
    } finally {
      patience = PATIENT;
    }
  }

  private static Importer reading(String name) {
    return Importer.viewing(name, Access.READ);
  }

  private static List<String> names(PoolServer server) {
    return server.attachments().stream().map(of -> of.importer().name()).sorted().toList();
  }

  @Test
  void anAttachmentThatIsGrantedTooLateIsDetached() {
    Semaphore goes = new Semaphore(0);
    SlowExporter slow = new SlowExporter(SharedMemoryExporter.named("slow pool"), goes);
    try (BufferPool pool = BufferPool.of(slow, new SizeClass(64, BUFFERS));
        PoolServer server = PoolServer.serve(pool, folder.resolve("pool"));
        RemotePool remote = connect(server)) {
      for (int round = 0; round < 3; round++) {
        String message = unanswered(() -> remote.attach(reading("slow")));
        assertTrue(message.contains("did not answer Attach within 200 ms"), message);
        goes.release();
        // Nothing else is asked meanwhile: it is the late answer that is answered.
        int rounds = round + 1;
        await("detached", () -> slow.detached.get() == rounds);
        assertEquals(List.of(), names(server));
      }
      try (Attachment quick = remote.attach(reading("quick"))) {
        assertNotNull(quick);
        assertEquals(List.of("quick"), names(server));
      }
      assertEquals(List.of(), pool.holders());
      assertEquals(0, server.statistics().cutOff());
      assertEquals(4, pool.statistics().attaches(), "three of them came late");
    }
  }

  @Test
  void memoryThatIsGrantedTooLateIsClosedAndCanBeHadAgain() {
    Semaphore goes = new Semaphore(0);
    SlowExporter slow =
        new SlowExporter(SharedMemoryExporter.named("granted late").writableBy("slow"), goes);
    try (BufferPool pool = BufferPool.of(slow, new SizeClass(64, BUFFERS));
        PoolServer server = PoolServer.serve(pool, folder.resolve("pool"));
        RemotePool remote = connect(server)) {
      Importer writing = Importer.viewing("slow", Access.WRITE);
      long before = OpenDescriptors.of("granted late");
      assertTrue(before > 0, "the exporter's own is counted");
      for (int round = 0; round < 3; round++) {
        unanswered(() -> remote.attach(writing));
        goes.release();
        int rounds = round + 1;
        await("detached", () -> slow.detached.get() == rounds);
        await("closed", () -> OpenDescriptors.of("granted late") == before);
      }
      goes.release();
      try (Attachment attachment = remote.attach(writing)) {
        assertEquals(Access.WRITE, attachment.granted().access());
        assertEquals(before, OpenDescriptors.of("granted late"), "mapped, and closed");
      }
      assertEquals(0, server.statistics().cutOff());
    }
  }

  @Test
  void severalThatWereGivenUpAreAllDetached() {
    Semaphore goes = new Semaphore(0);
    SlowExporter slow = new SlowExporter(SharedMemoryExporter.named("slow pool"), goes);
    try (BufferPool pool = BufferPool.of(slow, new SizeClass(64, BUFFERS));
        PoolServer server = PoolServer.serve(pool, folder.resolve("pool"));
        RemotePool remote = connect(server)) {
      for (int i = 0; i < 3; i++) {
        unanswered(() -> remote.attach(reading("slow")));
      }
      goes.release(3);
      await("detached", () -> slow.detached.get() == 3);
      assertEquals(List.of(), names(server));
      remote.attach(reading("quick")).close();
      assertEquals(0, server.statistics().cutOff());
    }
  }

  @Test
  void aRingThatIsGrantedTooLateIsLeftBeforeItsRecordsAreUsedAgain() throws Exception {
    try (BufferPool pool =
            BufferPool.of(SharedMemoryExporter.named("pool"), new SizeClass(64, BUFFERS));
        Broadcast feed = pool.broadcast("feed");
        FeedWriter writer = feed.writer();
        PoolServer server = PoolServer.serve(pool, folder.resolve("pool"));
        RemotePool remote = connect(server)) {
      long before = OpenDescriptors.of(RINGS);
      Feed far = remote.feed("feed");
      // The feed takes no reader while somebody has its lock.
      synchronized (feed) {
        for (int i = 0; i < 2; i++) {
          unanswered(() -> far.join("late", Access.READ, Overflow.BLOCK, 2));
        }
      }
      await("left", () -> names(server).isEmpty());
      try (FeedReader reader = far.join("reader", Access.READ, Overflow.BLOCK, 2);
          FramePort port = reader.open()) {
        for (long i = 0; i < 20; i++) {
          // A ring that nobody reads would hold the writer up, and its frames with it.
          writer.acquire(10, TimeUnit.SECONDS).putLong(0, i);
          writer.publish();
          assertEquals(i, port.next(10, TimeUnit.SECONDS).getLong(0));
        }
        assertEquals(0, reader.dropped());
      }
      await("descriptors are closed", () -> OpenDescriptors.of(RINGS) == before);
      assertEquals(0, server.statistics().cutOff());
      assertEquals(1, server.statistics().connected());
    }
  }

  @Test
  void recordsOfJoinsThatWereGivenUpAreNotLost() throws Exception {
    try (BufferPool pool =
            BufferPool.of(SharedMemoryExporter.named("pool"), new SizeClass(64, BUFFERS));
        Broadcast feed = pool.broadcast("feed");
        PoolServer server = PoolServer.serve(pool, folder.resolve("pool"));
        RemotePool remote = connect(server)) {
      Feed far = remote.feed("feed");
      synchronized (feed) {
        unanswered(() -> far.join("late", Access.READ, Overflow.BLOCK, 2));
      }
      await("left", () -> names(server).isEmpty());
      List<FeedReader> readers = new ArrayList<>();
      for (int i = 0; i < PeerDescriptor.READERS; i++) {
        readers.add(far.join("reader " + i, Access.READ, Overflow.DROP_OLDEST, 2));
      }
      String message =
          assertThrows(
                  IllegalStateException.class,
                  () -> far.join("one more", Access.READ, Overflow.DROP_OLDEST, 2))
              .getMessage();
      assertTrue(message.contains("all " + PeerDescriptor.READERS + " readers"), message);
      readers.forEach(FeedReader::close);
    }
  }

  @Test
  void readersWhoseLeavingIsAnsweredTooLateKeepNoRecords() {
    try (BufferPool pool =
            BufferPool.of(SharedMemoryExporter.named("pool"), new SizeClass(64, BUFFERS));
        Broadcast feed = pool.broadcast("feed");
        PoolServer server = PoolServer.serve(pool, folder.resolve("pool"));
        RemotePool remote = connect(server)) {
      Feed far = remote.feed("feed");
      FeedReader leaving = far.join("leaving", Access.READ, Overflow.BLOCK, 2);
      FeedReader ported = far.join("ported", Access.READ, Overflow.BLOCK, 2);
      FramePort port = ported.open();
      // The feed lets no reader go while somebody has its lock.
      synchronized (feed) {
        unanswered(leaving::close);
        unanswered(port::close);
      }
      leaving.close();
      ported.close();
      await("left", () -> names(server).isEmpty());
      List<FeedReader> readers = new ArrayList<>();
      for (int i = 0; i < PeerDescriptor.READERS; i++) {
        readers.add(far.join("reader " + i, Access.READ, Overflow.DROP_OLDEST, 2));
      }
      readers.forEach(FeedReader::close);
      assertEquals(0, server.statistics().cutOff());
    }
  }

  @Test
  void aPoolThatIsClosedWhileNobodyAnswersLeavesNoConnection() {
    Semaphore goes = new Semaphore(0);
    SlowExporter slow = new SlowExporter(SharedMemoryExporter.named("slow pool"), goes);
    try (BufferPool pool = BufferPool.of(slow, new SizeClass(64, BUFFERS));
        PoolServer server = PoolServer.serve(pool, folder.resolve("pool"))) {
      RemotePool remote = connect(server);
      remote.attach(reading("slow to go"));
      String message = unanswered(remote::close);
      assertTrue(message.contains("did not answer Detach within 200 ms"), message);
      assertFalse(remote.isConnected());
      goes.release();
      await("the connection has ended", () -> server.statistics().connected() == 0);
      assertEquals(List.of(), names(server));
    }
  }
}
