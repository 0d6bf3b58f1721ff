package io.entrepot.internal.reach;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.entrepot.flow.Broadcast;
import io.entrepot.flow.BufferPool;
import io.entrepot.flow.FeedReader;
import io.entrepot.flow.FeedWriter;
import io.entrepot.flow.FramePort;
import io.entrepot.flow.Overflow;
import io.entrepot.internal.memory.ChildJvm;
import io.entrepot.internal.memory.Descriptor;
import io.entrepot.internal.memory.HostileCalls;
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
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** C13: the kernel refuses a reading importer every way to write that there is. */
class WriteAttemptsTest {
  private static final long VALUE = 0x0123_4567_89AB_CDEFL;

  @TempDir Path folder;

  @Test
  void everyWayToWriteIsRefused() throws Exception {
    assumeTrue(Linux.isAvailable(), "needs Linux on x86-64 or aarch64");
    try (BufferPool pool =
            BufferPool.of(SharedMemoryExporter.named("sealed"), new SizeClass(4096, 4));
        Broadcast feed = pool.broadcast("feed");
        FeedReader reader = feed.join("local", Access.READ, Overflow.BLOCK);
        FramePort port = reader.open();
        FeedWriter writer = feed.writer();
        PoolServer server = PoolServer.serve(pool, folder.resolve("pool"))) {
      WritableView written = writer.acquire(10, TimeUnit.SECONDS);
      assertNotNull(written);
      written.putLong(0, VALUE);
      writer.publish();
      View view = port.next(10, TimeUnit.SECONDS);
      assertNotNull(view);
      try (ChildJvm attacker = ChildJvm.start(Attacker.class, server.socket().toString())) {
        attacker.expect("all refused");
      }
      assertEquals(VALUE, view.getLong(0));
    }
  }

  @Test
  void whoIsGrantedOneMemoryWritesToThatAlone() throws Exception {
    assumeTrue(Linux.isAvailable(), "needs Linux on x86-64 or aarch64");
    SharedMemoryExporter writable = SharedMemoryExporter.named("granted").writableBy("attacker");
    try (BufferPool granted = BufferPool.of(writable, new SizeClass(4096, 4));
        Broadcast feed = granted.broadcast("feed");
        PoolServer server = PoolServer.serve(granted, folder.resolve("granted"));
        BufferPool sealed =
            BufferPool.of(SharedMemoryExporter.named("sealed"), new SizeClass(4096, 4));
        PoolServer other = PoolServer.serve(sealed, folder.resolve("sealed"));
        Port port = granted.attach(Importer.viewing("here", Access.WRITE)).open()) {
      try (ChildJvm attacker =
          ChildJvm.start(
              GrantedAttacker.class, server.socket().toString(), other.socket().toString())) {
        attacker.expect("all refused");
        assertEquals("feed", feed.name());
        // The exporter reads what was written, and zeros where a hole was made: nothing kills it.
        long written = 0;
        long holes = 0;
        for (int i = 0; i < 4; i++) {
          try (SharedBuffer buffer = granted.tryAcquire(4096);
              View view = port.map(buffer)) {
            written += view.getLong(0) == VALUE ? 1 : 0;
            holes += view.getLong(0) == 0 ? 1 : 0;
          }
        }
        assertEquals(3, written);
        assertEquals(1, holes);
      }
    }
  }

  /** An importing process that was granted writing, and tries to write to all else. */
  static final class GrantedAttacker {
    private GrantedAttacker() {}

    public static void main(String[] args) throws Exception {
      try (RawPeer old = RawPeer.connect(Path.of(args[0]))) {
        old.say(1, new WireFormat.Hello(0, "a version that knows nothing of grants"));
        if (!(old.answer() instanceof WireFormat.Refused)) {
          Attacker.DONE.add("an old version got in");
        }
      }
      try (RawPeer peer = RawPeer.connect(Path.of(args[0]));
          RawPeer other = RawPeer.connect(Path.of(args[1]));
          Arena arena = Arena.ofConfined()) {
        peer.say(1, new WireFormat.Hello(WireFormat.WRITING, "a test"));
        List<Descriptor> sent = peer.hear().descriptors(2);
        for (Importer refused :
            List.of(
                Importer.viewing("attacker", Access.READ),
                Importer.viewing("reader", Access.READ),
                Importer.viewing("writer", Access.WRITE))) {
          peer.say(2, new WireFormat.Attach(refused));
          WireSocket.Arrival answer = peer.hear();
          answer.descriptors(0);
          if (!(answer.message() instanceof WireFormat.Refused)) {
            Attacker.DONE.add(refused + " was not refused");
          }
        }
        peer.say(3, new WireFormat.Attach(Importer.viewing("attacker", Access.WRITE)));
        WireSocket.Arrival attached = peer.hear();
        int attachment = ((WireFormat.Attached) attached.message()).attachment();
        Descriptor data = attached.descriptors(1).getFirst();
        peer.say(4, new WireFormat.Join(attachment, "feed", Overflow.BLOCK, 2, 0));
        Attacker.writing("control", sent.getFirst().number(), arena);
        Attacker.writing("ring", peer.hear().descriptors(1).getFirst().number(), arena);
        Attacker.writing("other data", other.greet().descriptors(3).getFirst().number(), arena);
        Attacker.resizing("lane", sent.getLast().number());
        Attacker.resizing("data", data.number());
        MemorySegment all = SharedMemory.received(data).map(true, arena);
        for (long at = 0; at < all.byteSize(); at += Long.BYTES) {
          all.set(ValueLayout.JAVA_LONG, at, VALUE);
        }
        long punched =
            SystemCall.FALLOCATE.call(
                data.number(), Attacker.PUNCH_HOLE | Attacker.KEEP_SIZE, 0, Attacker.PAGE);
        System.out.println(
            Attacker.DONE.isEmpty() && punched == 0
                ? "all refused"
                : "not refused: " + Attacker.DONE + ", hole " + punched);
        // Alive, with all of it mapped, while the exporter looks.
        while (System.in.read() >= 0) {
          Thread.onSpinWait();
        }
      }
    }
  }

  /** An importing process that tries to write to all it was sent; says what it could do. */
  static final class Attacker {
    private static final int READ = 1;
    private static final int WRITE = 2;
    private static final int MAP_SHARED = 1;
    private static final int F_ADD_SEALS = 1033;
    private static final int F_SEAL_WRITE = 8;
    private static final int KEEP_SIZE = 1;
    private static final int PUNCH_HOLE = 2;
    private static final int ZERO_RANGE = 16;
    private static final int AT_FDCWD = -100;
    private static final int O_RDWR = 2;
    private static final long PAGE = 4096;

    private static final List<String> DONE = new ArrayList<>();

    private Attacker() {}

    public static void main(String[] args) throws InterruptedException {
      try (RawPeer peer = RawPeer.connect(Path.of(args[0]));
          Arena arena = Arena.ofConfined()) {
        List<Descriptor> sent = peer.greet().descriptors(3);
        peer.say(2, new WireFormat.Attach(Importer.viewing("attacker", Access.READ)));
        if (!(peer.answer() instanceof WireFormat.Attached(int attachment, int _, int _))) {
          throw new AssertionError("not attached");
        }
        peer.say(3, new WireFormat.Join(attachment, "feed", Overflow.BLOCK, 2, 0));
        Descriptor ring = peer.hear().descriptors(1).getFirst();
        writing("data", sent.get(0).number(), arena);
        writing("control", sent.get(1).number(), arena);
        writing("ring", ring.number(), arena);
        // Its own words it may write, but not make shorter, which would kill the exporter.
        resizing("lane", sent.get(2).number());
        mapsForReading(sent.get(0));
        System.out.println(DONE.isEmpty() ? "all refused" : "not refused: " + DONE);
      }
    }

    private static void mustFail(String what, long result) {
      if (result >= 0 || result < -PAGE) {
        DONE.add(what + ": " + result);
      }
    }

    private static void writing(String name, int number, Arena arena) {
      MemorySegment junk = arena.allocate(PAGE, 8).fill((byte) 0x55);
      mapping(name, number);
      mustFail(name + " write", HostileCalls.write(number, junk.address(), 8));
      mustFail(name + " pwrite", HostileCalls.pwrite(number, junk.address(), 8, 0));
      mustFail(name + " punch", SystemCall.FALLOCATE.call(number, PUNCH_HOLE | KEEP_SIZE, 0, PAGE));
      mustFail(name + " zero", SystemCall.FALLOCATE.call(number, ZERO_RANGE, 0, PAGE));
      resizing(name, number);
      // A descriptor of the same memory that was opened anew, for reading and writing.
      MemorySegment path = arena.allocateFrom("/proc/self/fd/" + number);
      long again = SystemCall.OPENAT.call(AT_FDCWD, path.address(), O_RDWR, 0);
      if (again >= 0) {
        mapping(name + " anew", (int) again);
        mustFail(name + " anew write", HostileCalls.write((int) again, junk.address(), 8));
        resizing(name + " anew", (int) again);
      }
    }

    private static void mapping(String name, int number) {
      mustFail(name + " mmap", SystemCall.MMAP.call(0, PAGE, READ | WRITE, MAP_SHARED, number, 0));
      long mapped = SystemCall.MMAP.call(0, PAGE, READ, MAP_SHARED, number, 0);
      if (mapped < 0 && mapped > -PAGE) {
        DONE.add(name + " could not even be read: " + mapped);
      } else {
        mustFail(name + " mprotect", HostileCalls.mprotect(mapped, PAGE, READ | WRITE));
      }
    }

    private static void resizing(String name, int number) {
      mustFail(name + " shrink", SystemCall.FTRUNCATE.call(number, 0));
      mustFail(name + " grow", SystemCall.FTRUNCATE.call(number, 1L << 30));
      mustFail(name + " seals", SystemCall.FCNTL.call(number, F_ADD_SEALS, F_SEAL_WRITE));
    }

    /** What is refused is not refused for want of a right descriptor. */
    private static void mapsForReading(Descriptor data) {
      try (Arena arena = Arena.ofConfined();
          SharedMemory memory = SharedMemory.received(data)) {
        if (memory.map(false, arena).byteSize() < PAGE) {
          DONE.add("the data cannot be read");
        }
      }
    }
  }
}
