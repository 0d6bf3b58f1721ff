package io.entrepot.internal.reach;

import io.entrepot.chaos.Child;
import io.entrepot.internal.flow.FarFeed;
import io.entrepot.internal.memory.Descriptor;
import io.entrepot.internal.memory.Seal;
import io.entrepot.internal.memory.SharedMemory;
import io.entrepot.internal.memory.SystemCallException;
import io.entrepot.internal.reach.WireFormat.Message;
import io.entrepot.internal.reach.WireFormat.PlacedClass;
import io.entrepot.internal.sharing.PoolCore;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.MappingType;
import io.entrepot.sharing.Offer;
import io.entrepot.sharing.SizeClass;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A process that looks like an exporter, and writes whatever it likes into the words that importers
 * read: {@code SOCKET SEED}.
 *
 * <p>Requests are answered as they should be, with what makes no sense, or not at all. Orders:
 * {@code go}; {@code report}, what it did so far.
 */
public final class HostileExporter {
  private static final int BUFFERS = 8;
  private static final long BUFFER_BYTES = 4096;
  private static final long WORDS_BYTES = 1 << 20;
  private static final long RING_BYTES = 1 << 16;
  private static final int WORDS_A_TURN = 1_000;

  /** Where the entries of a ring begin, and how long each is. */
  private static final long ENTRIES = 256;

  private static final long ENTRY_BYTES = 64;

  private final UnixSocket listening;
  private final SplittableRandom random;
  private final AtomicLong importers = new AtomicLong();
  private final AtomicLong written = new AtomicLong();
  private final AtomicLong nonsense = new AtomicLong();

  private HostileExporter(Path socket, long seed) {
    this.listening = UnixSocket.listen(socket, 8);
    this.random = new SplittableRandom(seed);
  }

  public static void main(String[] args) {
    HostileExporter hostile = new HostileExporter(Path.of(args[0]), Long.parseLong(args[1]));
    Child.obey(words -> {
      switch (words[0]) {
        case "go" -> Child.start("hostile", hostile::serveOneAfterTheOther);
        case "report" ->
            Child.say(
                "report "
                    + hostile.importers
                    + " importers, "
                    + hostile.written
                    + " words, "
                    + hostile.nonsense
                    + " answers");
        default -> throw new IllegalArgumentException(words[0]);
      }
    });
  }

  private void serveOneAfterTheOther() throws InterruptedException {
    while (true) {
      try (UnixSocket accepted = listening.accept(TimeUnit.SECONDS.toNanos(1))) {
        if (accepted != null) {
          importers.incrementAndGet();
          serve(new RawPeer(accepted));
        }
      } catch (SystemCallException | IllegalStateException gone) {
        // The importer has had enough.
        Thread.onSpinWait();
      }
    }
  }

  private static SharedMemory sealed(String name, long bytes) {
    return SharedMemory.create(name, bytes);
  }

  private void serve(RawPeer importer) throws InterruptedException {
    try (SharedMemory data = sealed("hostile data", BUFFERS * BUFFER_BYTES);
        SharedMemory control = sealed("hostile words", WORDS_BYTES);
        SharedMemory lane = sealed("hostile lane", WORDS_BYTES);
        SharedMemory ring = sealed("hostile ring", RING_BYTES);
        Arena arena = Arena.ofShared()) {
      List<MemorySegment> all = List.of(data.map(true, arena), control.map(true, arena));
      MemorySegment entries = ring.map(true, arena);
      for (SharedMemory memory : List.of(data, control, lane, ring)) {
        memory.seal(Seal.SHRINK, Seal.GROW);
      }
      AtomicBoolean over = new AtomicBoolean();
      SplittableRandom own = random.split();
      Thread scribbling =
          Child.start(
              "scribbling",
              () -> {
                while (!over.get()) {
                  scribble(all.get(own.nextInt(2)), entries, own);
                }
              });
      try {
        WireSocket.Arrival hello = importer.hear();
        if (hello != null) {
          importer.say(
              hello.request(),
              welcome(),
              data.descriptor(),
              control.descriptor(),
              lane.descriptor());
          answer(importer, ring.descriptor());
        }
      } finally {
        over.set(true);
        scribbling.join();
        importer.close();
      }
    }
  }

  private static WireFormat.Welcome welcome() {
    return new WireFormat.Welcome(
        0,
        "trap",
        "hostile",
        false,
        PoolCore.LANES,
        PoolCore.TIMELINES,
        PeerDescriptor.READERS,
        List.of(new Offer(MappingType.VIEW, Access.READ, 1, true, false, true, true)),
        List.of(new PlacedClass(new SizeClass(BUFFER_BYTES, BUFFERS), 0, BUFFER_BYTES)),
        0);
  }

  private void answer(RawPeer importer, Descriptor ring) throws InterruptedException {
    for (WireSocket.Arrival asked; (asked = importer.hear()) != null; ) {
      asked.descriptors().forEach(Descriptor::close);
      if (asked.message() instanceof WireFormat.Join && random.nextInt(8) != 0) {
        importer.say(asked.request(), new WireFormat.Joined(random.nextInt()), ring);
      } else if (random.nextInt(8) != 0) {
        importer.say(asked.request(), honest(asked.message()));
      } else {
        nonsense.incrementAndGet();
        if (!slam(importer, asked.request(), ring)) {
          return;
        }
        importer.say(asked.request(), honest(asked.message()));
      }
    }
  }

  private static Message honest(Message asked) {
    return asked instanceof WireFormat.Attach
        ? new WireFormat.Attached(1, 0, 0)
        : new WireFormat.Done();
  }

  /** Something that makes no sense; false where it hangs up, too. */
  private boolean slam(RawPeer importer, int request, Descriptor ring) throws InterruptedException {
    switch (random.nextInt(7)) {
      case 0 -> importer.say(request, new WireFormat.Attached(1, random.nextInt(), 0), ring);
      case 1 -> importer.say(request, new WireFormat.Revoke(1, random.nextLong()));
      case 2 -> importer.say(request, new WireFormat.Goodbye("nothing to say"));
      case 3 -> importer.say(0, new WireFormat.Memory(random.nextLong(4)), ring);
      case 4 -> importer.say(0, new WireFormat.MemoryGone(random.nextLong(4)));
      case 5 -> {
        byte[] garbage = new byte[1 + random.nextInt(300)];
        random.nextBytes(garbage);
        importer.raw(garbage, ring);
      }
      default -> {
        return false;
      }
    }
    return true;
  }

  private void scribble(MemorySegment words, MemorySegment ring, SplittableRandom own) {
    for (int i = 0; i < WORDS_A_TURN; i++) {
      put(words, 8 * own.nextLong(words.byteSize() / 8), own.nextLong());
      long wild = own.nextBoolean() ? own.nextLong() : own.nextLong(16);
      // Rings of all depths begin at 0, and the backlogs behind them at as many places.
      long from = own.nextBoolean() ? 0 : FarFeed.FarRing.producerBytes(1 + own.nextInt(8));
      long entry = from + ENTRIES + ENTRY_BYTES * own.nextLong(16);
      put(ring, entry, own.nextBoolean() ? wild : own.nextLong(64));
      put(ring, entry + 8, own.nextLong(8) << 20 | own.nextLong(BUFFERS + 1));
      put(ring, entry + 8 * (2 + own.nextLong(4)), wild);
      if (own.nextInt(8) == 0) {
        put(ring, from + 8 * own.nextLong(32), own.nextLong(64));
      }
      if (own.nextInt(64) == 0) {
        put(ring, 8 * own.nextLong(ring.byteSize() / 8), own.nextLong());
      }
    }
    written.addAndGet(WORDS_A_TURN);
  }

  private static void put(MemorySegment at, long offset, long value) {
    at.set(ValueLayout.JAVA_LONG, offset, value);
  }
}
