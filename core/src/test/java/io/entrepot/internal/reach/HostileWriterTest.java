package io.entrepot.internal.reach;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.entrepot.flow.Broadcast;
import io.entrepot.flow.BufferPool;
import io.entrepot.flow.FeedWriter;
import io.entrepot.flow.Overflow;
import io.entrepot.internal.memory.ChildJvm;
import io.entrepot.internal.memory.Descriptor;
import io.entrepot.internal.memory.Linux;
import io.entrepot.internal.memory.SharedMemory;
import io.entrepot.internal.memory.SystemCall;
import io.entrepot.reach.PoolServer;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.Importer;
import io.entrepot.sharing.Port;
import io.entrepot.sharing.SharedBuffer;
import io.entrepot.sharing.SharedMemoryExporter;
import io.entrepot.sharing.SizeClass;
import io.entrepot.sharing.View;
import io.entrepot.sharing.WritableView;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * C13: whoever was granted writing and writes whatever it likes, wherever it can, spoils bytes that
 * are its to spoil, makes others wait in vain, and is rid of by its end.
 */
class HostileWriterTest {
  private static final int BUFFERS = 8;
  private static final int BUFFER_BYTES = 8192;
  private static final long UNDER_ATTACK_NS = TimeUnit.MILLISECONDS.toNanos(1_500);

  @TempDir Path folder;

  @Test
  void nobodyIsHeldUpForEverOrHurt() throws Exception {
    assumeTrue(Linux.isAvailable(), "needs Linux on x86-64 or aarch64");
    SharedMemoryExporter exporter = SharedMemoryExporter.named("granted").writableBy("hostile");
    try (BufferPool pool = BufferPool.of(exporter, new SizeClass(BUFFER_BYTES, BUFFERS));
        Broadcast feed = pool.broadcast("feed");
        PoolServer server = PoolServer.serve(pool, folder.resolve("pool"));
        Port port = pool.attach(Importer.viewing("here", Access.WRITE)).open();
        ChildJvm child = ChildJvm.start(Hostile.class, server.socket().toString());
        FeedWriter writer = feed.writer()) {
      child.expect("scribbling");
      long startNs = System.nanoTime();
      long used = 0;
      while (used == 0 || System.nanoTime() - startNs < UNDER_ATTACK_NS) {
        assertTrue(System.nanoTime() - startNs < TimeUnit.SECONDS.toNanos(20), pool::dump);
        used += use(pool, writer, port, 10);
      }
      child.say("slam");
      // What it is cut off from is nobody's until it is dead.
      long cutOffNs = System.nanoTime();
      while (pool.statistics().quarantined() == 0) {
        assertTrue(System.nanoTime() - cutOffNs < TimeUnit.SECONDS.toNanos(20), pool::dump);
        Thread.onSpinWait();
      }
      assertEquals(BUFFERS, pool.statistics().quarantined());
      assertEquals(0, pool.statistics().free());
      assertNull(pool.acquire(1, 20, TimeUnit.MILLISECONDS));
      child.kill();
      long deadNs = System.nanoTime();
      while (pool.statistics().free() < BUFFERS) {
        assertTrue(System.nanoTime() - deadNs < TimeUnit.SECONDS.toNanos(20), pool::dump);
        Thread.onSpinWait();
      }
      assertEquals(2, use(pool, writer, port, 20_000), "all is as it was");
    }
  }

  /** Writes, publishes, reads and checks sums of a buffer; how much of that could be done. */
  private static int use(BufferPool pool, FeedWriter writer, Port port, long patienceMs) {
    int done = 0;
    try (SharedBuffer buffer = pool.acquire(BUFFER_BYTES, patienceMs, TimeUnit.MILLISECONDS)) {
      if (buffer == null) {
        return done;
      }
      try (WritableView view = port.mapForWriting(buffer, patienceMs, TimeUnit.MILLISECONDS)) {
        if (view != null) {
          view.fill(0, BUFFER_BYTES, (byte) 1);
          view.compareAndSetLong(0, view.getLong(0), 7);
          done++;
        }
      }
      SharedBuffer shared = buffer.share();
      if (!writer.publish(shared, null, 0, 0, TimeUnit.MILLISECONDS)) {
        shared.close();
      }
      try (View view = port.map(buffer, patienceMs, TimeUnit.MILLISECONDS)) {
        if (view != null) {
          view.crc32c(0, BUFFER_BYTES);
          done++;
        }
      } catch (IllegalStateException spoilt) {
        // It may say that it was in the midst of a frame when a thread of its ended.
        assertTrue(spoilt.getMessage().contains("half overwritten"), spoilt.getMessage());
      }
      return done;
    }
  }

  /** An importer that was granted writing: {@code SOCKET}. It scribbles until it is killed. */
  static final class Hostile {
    private static final int PUNCH_HOLE_AND_KEEP_SIZE = 3;
    private static final long PAGE = 4096;

    private Hostile() {}

    public static void main(String[] args) throws Exception {
      try (RawPeer peer = RawPeer.connect(Path.of(args[0]))) {
        peer.say(1, new WireFormat.Hello(WireFormat.WRITING, "hostile"));
        List<Descriptor> sent = peer.hear().descriptors(2);
        peer.say(2, new WireFormat.Attach(Importer.viewing("hostile", Access.WRITE)));
        WireSocket.Arrival attached = peer.hear();
        int attachment = ((WireFormat.Attached) attached.message()).attachment();
        peer.say(3, new WireFormat.Join(attachment, "feed", Overflow.DROP_OLDEST, 4, 0));
        peer.hear().descriptors(1).getFirst().close();
        SharedMemory data = SharedMemory.received(attached.descriptors(1).getFirst());
        SharedMemory lane = SharedMemory.received(sent.getLast());
        for (SharedMemory memory : List.of(data, lane)) {
          Thread.ofPlatform().daemon().start(() -> scribble(memory));
        }
        System.out.println("scribbling");
        System.in.read();
        peer.raw(new byte[] {1});
        while (System.in.read() >= 0) {
          // It goes on, whatever it is told.
          Thread.onSpinWait();
        }
      }
    }

    private static void scribble(SharedMemory memory) {
      MemorySegment words = memory.map(true, Arena.global());
      SplittableRandom random = new SplittableRandom(words.byteSize());
      long pages = words.byteSize() / PAGE;
      while (true) {
        for (int i = 0; i < 1_000; i++) {
          long at = Long.BYTES * random.nextLong(words.byteSize() / Long.BYTES);
          long value = random.nextBoolean() ? random.nextLong(64) : random.nextLong();
          words.set(ValueLayout.JAVA_LONG, at, random.nextInt(4) == 0 ? value : 0);
        }
        int number = memory.descriptor().number();
        SystemCall.FALLOCATE.call(
            number, PUNCH_HOLE_AND_KEEP_SIZE, PAGE * random.nextLong(pages), PAGE);
      }
    }
  }
}
