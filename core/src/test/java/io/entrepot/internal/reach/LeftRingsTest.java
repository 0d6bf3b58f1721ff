package io.entrepot.internal.reach;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.entrepot.flow.Broadcast;
import io.entrepot.flow.BufferPool;
import io.entrepot.flow.Division;
import io.entrepot.flow.FeedReader;
import io.entrepot.flow.FeedWriter;
import io.entrepot.flow.FramePort;
import io.entrepot.flow.Overflow;
import io.entrepot.flow.Start;
import io.entrepot.internal.flow.ExportedPool;
import io.entrepot.internal.flow.HeldLook;
import io.entrepot.internal.flow.RingBroadcast;
import io.entrepot.internal.memory.ChildJvm;
import io.entrepot.internal.memory.Descriptor;
import io.entrepot.internal.memory.Linux;
import io.entrepot.internal.memory.OpenDescriptors;
import io.entrepot.reach.PoolServer;
import io.entrepot.reach.RemotePool;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.Importer;
import io.entrepot.sharing.SharedMemoryExporter;
import io.entrepot.sharing.SizeClass;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * C13: who joins and leaves again and again takes no more memory of the exporter's than at once.
 */
class LeftRingsTest {
  private static final int BUFFERS = 8;
  private static final String RING = "memfd:entrepot ring ";
  private static final long LIMIT_NS = TimeUnit.SECONDS.toNanos(60);

  @TempDir Path folder;
  private BufferPool pool;
  private Broadcast feed;
  private PoolServer server;

  @BeforeEach
  void serve() {
    assumeTrue(Linux.isAvailable(), "needs Linux on x86-64 or aarch64");
    pool = BufferPool.of(SharedMemoryExporter.named("left"), new SizeClass(64, BUFFERS));
    feed = pool.broadcast("feed");
    server = PoolServer.serve(pool, folder.resolve("pool"));
    // Those that importers of other tests had mapped here are the collector's.
    await(() -> {
      System.gc();
      return rings() == 0;
    });
  }

  @AfterEach
  void stop() {
    if (pool != null) {
      server.close();
      feed.close();
      pool.close();
    }
  }

  private void await(BooleanSupplier condition) {
    long startNs = System.nanoTime();
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() - startNs < LIMIT_NS, pool::dump);
      Thread.onSpinWait();
    }
  }

  /** Rings that are mapped in this process, where nobody reads from one. */
  private static long rings() {
    try {
      return OpenDescriptors.mappingsOf(RING);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Joins and leaves the feed as often as each line of its input says, which it answers: of every
   * two readers one starts with what is retained, and some read.
   */
  static final class Joining {
    public static void main(String[] args) throws Exception {
      BufferedReader orders = new BufferedReader(new InputStreamReader(System.in));
      try (RemotePool pool = RemotePool.connect(Path.of(args[0]))) {
        for (String order; (order = orders.readLine()) != null; ) {
          for (int i = 0; i < Integer.parseInt(order); i++) {
            joinWhenThereIsRoom(pool, i);
          }
          System.out.println("left " + order);
        }
      }
    }

    /** Joins again where a thread of the exporter's was stopped at rings that were left. */
    private static void joinWhenThereIsRoom(RemotePool pool, int turn) {
      boolean done = false;
      while (!done) {
        try {
          joinAndLeave(pool, turn);
          done = true;
        } catch (IllegalStateException refused) {
          if (!refused.getMessage().contains("join again later")) {
            throw refused;
          }
        }
      }
    }

    private static void joinAndLeave(RemotePool pool, int turn) {
      try (FeedReader reader =
          pool.feed("feed")
              .join(
                  Importer.viewing("joining", Access.READ),
                  turn % 3 == 0 ? Overflow.BLOCK : Overflow.DROP_OLDEST,
                  1 + turn % BUFFERS,
                  Division.EACH,
                  turn % 2 == 0 ? Start.NEXT : Start.OLDEST)) {
        if (turn % 8 == 0) {
          try (FramePort port = reader.open()) {
            port.next(1, TimeUnit.MILLISECONDS);
          }
        }
      }
    }
  }

  /** Without a collection, which nobody here asks for. */
  @Test
  void oneThatJoinsAndLeavesSomeThousandTimesLeavesNothingBehind() throws Exception {
    feed.retain(2);
    AtomicBoolean over = new AtomicBoolean();
    AtomicLong most = new AtomicLong();
    AtomicReference<Throwable> failed = new AtomicReference<>();
    try (ChildJvm joining = ChildJvm.start(Joining.class, server.socket().toString())) {
      joining.say("500");
      joining.expect("left 500");
      await(() -> rings() == 0);

      Thread publishing =
          Thread.ofPlatform()
              .uncaughtExceptionHandler((_, e) -> failed.set(e))
              .start(() -> publish(over));
      Thread looking =
          Thread.ofPlatform()
              .uncaughtExceptionHandler((_, e) -> failed.set(e))
              .start(() -> {
                while (!over.get()) {
                  most.accumulateAndGet(rings(), Math::max);
                  assertNotNull(pool.dump());
                }
              });
      try {
        joining.say("2000");
        joining.expect("left 2000");
        await(() -> rings() == 0);
      } finally {
        over.set(true);
        publishing.join();
        looking.join();
      }
      if (failed.get() != null) {
        throw new AssertionError(failed.get());
      }
      assertTrue(most.get() <= LeftRings.MOST, most + " rings were mapped");
      assertEquals(0, server.statistics().cutOff());
      assertEquals(0, server.statistics().faults());
      assertEquals(1, server.statistics().connected());
    }
    feed.retain(0);
    await(() -> server.peers().isEmpty() && pool.statistics().free() == BUFFERS);
  }

  private void publish(AtomicBoolean over) {
    try (FeedWriter writer = feed.writer()) {
      while (!over.get()) {
        if (writer.acquire(1, TimeUnit.MILLISECONDS) != null) {
          writer.publish();
        }
      }
    }
  }

  @Test
  void oneThatIsKilledWhileItJoinsLeavesNothingBehind() throws Exception {
    for (int i = 0; i < 3; i++) {
      try (ChildJvm joining = ChildJvm.start(Joining.class, server.socket().toString())) {
        joining.say("50");
        joining.expect("left 50");
        joining.say("1000000");
        await(() -> rings() > 0);
        joining.kill();
      }
      await(() -> server.peers().isEmpty() && rings() == 0);
    }
  }

  /** As one is that a debugger holds, or that has lost its processor for long. */
  @Test
  void whileAThreadIsStoppedAtTheRingsAsManyStandAsMay() throws Exception {
    try (RawPeer peer = RawPeer.connect(server.socket())) {
      peer.greeted();
      int attachment =
          assertInstanceOf(
                  WireFormat.Attached.class,
                  peer.ask(new WireFormat.Attach(Importer.viewing("raw", Access.READ))))
              .attachment();
      WireFormat.Join join = new WireFormat.Join(attachment, "feed", Overflow.DROP_OLDEST, 2, 0);
      try (HeldLook held = HeldLook.at(RingBroadcast.named(((ExportedPool) pool).core(), "feed"))) {
        assertNotNull(held);
        for (int i = 0; i < LeftRings.MOST; i++) {
          joinAndLeave(peer, join);
        }
        assertEquals(LeftRings.MOST, rings());
        String why = assertInstanceOf(WireFormat.Refused.class, peer.ask(join)).text();
        assertTrue(why.contains(LeftRings.MOST + " rings that process "), why);
        assertTrue(why.contains("join again later"), why);
        assertEquals(LeftRings.MOST, rings());
      }
      joinAndLeave(peer, join);
      await(() -> rings() == 0);
    }
  }

  private static void joinAndLeave(RawPeer peer, WireFormat.Join join) throws InterruptedException {
    peer.say(7, join);
    WireSocket.Arrival answer = peer.hear();
    answer.descriptors().forEach(Descriptor::close);
    int ring = assertInstanceOf(WireFormat.Joined.class, answer.message()).ring();
    assertEquals(new WireFormat.Done(), peer.ask(new WireFormat.Leave(ring)));
  }
}
