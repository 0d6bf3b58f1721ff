package io.entrepot.internal.reach;

import io.entrepot.chaos.Child;
import io.entrepot.flow.Overflow;
import io.entrepot.flow.Start;
import io.entrepot.internal.memory.Descriptor;
import io.entrepot.internal.memory.SharedMemory;
import io.entrepot.internal.memory.SystemCall;
import io.entrepot.internal.memory.SystemCallException;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.Importer;
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
 * A process that imports a pool and does to it what it can: {@code SOCKET SEED FEED...}.
 *
 * <p>It attaches as {@code hostile} and joins all feeds, writes words all over its lane, likely
 * ones and wild ones, and punches holes in it, until it ends the connection by a message that is
 * none, or by one that is not its turn, or is evicted. Then it comes again. Orders: {@code go};
 * {@code report}, what it did so far.
 */
public final class HostileImporter {
  private static final int PUNCH_HOLE_AND_KEEP_SIZE = 3;
  private static final long LONGEST_NS = TimeUnit.MILLISECONDS.toNanos(100);
  private static final int WORDS_A_TURN = 1_000;
  private static final int MAX_GARBAGE = 300;
  private static final long PAGE = 4096;

  private final Path socket;
  private final List<String> feeds;
  private final SplittableRandom random;
  private final AtomicLong connections = new AtomicLong();
  private final AtomicLong written = new AtomicLong();
  private final AtomicLong holes = new AtomicLong();
  private final AtomicLong messages = new AtomicLong();

  private HostileImporter(Path socket, long seed, List<String> feeds) {
    this.socket = socket;
    this.feeds = feeds;
    this.random = new SplittableRandom(seed);
  }

  public static void main(String[] args) {
    HostileImporter hostile =
        new HostileImporter(
            Path.of(args[0]), Long.parseLong(args[1]), List.of(args).subList(2, args.length));
    Child.obey(words -> {
      switch (words[0]) {
        case "go" -> Child.start("hostile", hostile::attackAgainAndAgain);
        case "report" ->
            Child.say(
                "report "
                    + hostile.connections
                    + " connections, "
                    + hostile.written
                    + " words, "
                    + hostile.holes
                    + " holes, "
                    + hostile.messages
                    + " messages");
        default -> throw new IllegalArgumentException(words[0]);
      }
    });
  }

  private void attackAgainAndAgain() throws InterruptedException {
    while (true) {
      try (RawPeer peer = RawPeer.connect(socket)) {
        WireSocket.Arrival welcome = peer.greet();
        if (welcome != null && welcome.message() instanceof WireFormat.Welcome) {
          connections.incrementAndGet();
          attack(peer, welcome.descriptors(3));
        }
      } catch (SystemCallException | IllegalStateException gone) {
        // It was evicted in the middle of something: that is what it is for.
        Thread.onSpinWait();
      }
    }
  }

  private void attack(RawPeer peer, List<Descriptor> sent) throws InterruptedException {
    sent.get(0).close();
    sent.get(1).close();
    try (SharedMemory lane = SharedMemory.received(sent.get(2));
        Arena arena = Arena.ofShared()) {
      MemorySegment words = lane.map(true, arena);
      join(peer);
      AtomicBoolean over = new AtomicBoolean();
      SplittableRandom own = random.split();
      Thread punching = Child.start("punching", () -> punch(lane, words.byteSize(), own, over));
      long forNs = random.nextLong(LONGEST_NS);
      long startNs = System.nanoTime();
      do {
        scribble(words);
      } while (System.nanoTime() - startNs < forNs);
      leaveWithASlam(peer);
      over.set(true);
      punching.join();
    }
  }

  /** All that the exporter answers is of no interest, but must be read lest it waits. */
  private void join(RawPeer peer) throws InterruptedException {
    WireFormat.Attach attach = new WireFormat.Attach(Importer.viewing("hostile", Access.READ));
    int record = 0;
    for (String feed : feeds) {
      if (peer.ask(attach) instanceof WireFormat.Attached(int attachment, int _, int _)) {
        // Not so often one for which the writer has to wait.
        Overflow overflow =
            random.nextInt(8) == 0 ? Overflow.BLOCK : Overflow.values()[1 + random.nextInt(2)];
        Start start = Start.values()[random.nextInt(3)];
        int depth = 1 + random.nextInt(8);
        int ring = record++;
        int backlog = start == Start.NEXT ? WireFormat.Join.NONE : record++;
        peer.ask(new WireFormat.Join(attachment, feed, overflow, depth, ring, start, backlog));
      }
    }
  }

  private void scribble(MemorySegment words) {
    long cursors = words.byteSize() - 128L * PeerDescriptor.READERS;
    int kind = random.nextInt(4);
    for (int i = 0; i < WORDS_A_TURN; i++) {
      long at =
          kind == 0
              ? cursors + 8L * random.nextLong(64)
              : 8 * random.nextLong(words.byteSize() / 8);
      long value =
          switch (kind) {
            case 0 -> random.nextLong(64);
            case 1 -> random.nextLong(8) << 61 | random.nextLong(16) << 32 | random.nextLong(16);
            case 2 -> 0;
            default -> random.nextLong();
          };
      words.set(ValueLayout.JAVA_LONG, at, value);
    }
    written.addAndGet(WORDS_A_TURN);
  }

  private void punch(SharedMemory lane, long bytes, SplittableRandom own, AtomicBoolean over) {
    while (!over.get()) {
      long offset = own.nextLong(bytes / PAGE + 1) * PAGE;
      long length = PAGE * (1 + own.nextLong(bytes / PAGE + 1));
      int number = lane.descriptor().take();
      try {
        SystemCall.FALLOCATE.call(number, PUNCH_HOLE_AND_KEEP_SIZE, offset, length);
      } finally {
        lane.descriptor().giveBack();
      }
      holes.incrementAndGet();
      Thread.yield();
    }
  }

  private void leaveWithASlam(RawPeer peer) throws InterruptedException {
    byte[] bytes =
        switch (random.nextInt(4)) {
          case 0 -> {
            byte[] garbage = new byte[1 + random.nextInt(MAX_GARBAGE)];
            random.nextBytes(garbage);
            yield garbage;
          }
          case 1 -> {
            byte[] changed =
                WireFormat.encode(
                    3, new WireFormat.Join(1, feeds.getFirst(), Overflow.BLOCK, 1, 0));
            changed[random.nextInt(changed.length)] = (byte) random.nextInt();
            yield changed;
          }
          case 2 -> WireFormat.encode(4, new WireFormat.Leave(random.nextInt()));
          default -> WireFormat.encode(5, new WireFormat.Layout(random.nextLong()));
        };
    for (int times = random.nextInt(4); times > 0; times--) {
      peer.raw(bytes);
      messages.incrementAndGet();
    }
  }
}
