package io.entrepot.chaos;

import io.entrepot.flow.Broadcast;
import io.entrepot.flow.BufferPool;
import io.entrepot.flow.Division;
import io.entrepot.flow.FeedWriter;
import io.entrepot.flow.Overflow;
import io.entrepot.reach.PeerIdentity;
import io.entrepot.reach.PoolServer;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.Attachment;
import io.entrepot.sharing.ColorDescription;
import io.entrepot.sharing.FrameLayout;
import io.entrepot.sharing.Importer;
import io.entrepot.sharing.Plane;
import io.entrepot.sharing.SharedBuffer;
import io.entrepot.sharing.SharedMemoryExporter;
import io.entrepot.sharing.SizeClass;
import io.entrepot.sharing.WritableView;
import io.entrepot.sync.Fence;
import io.entrepot.sync.FenceError;
import io.entrepot.sync.Timeline;
import io.entrepot.sync.Usage;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;

/**
 * A process that exports a pool with two feeds, writes to both as fast as it can, and reads one
 * itself: {@code SOCKET NAME STALL_LIMIT_MS}. Both retain frames for late joiners as it goes.
 *
 * <p>It evicts importers that are called {@value #HOSTILE} when it gets no buffer for a while.
 *
 * <p>Orders: {@code go}; {@code pause}; {@code gone PID NS}, wait until nothing is left of a dead
 * process; {@code revoke IMPORTER MS}; {@code account PEERS WRITERS}, wait until all buffers are
 * free, and look for what else is left; {@code end}, close everything.
 *
 * <p>Beside it there is a {@link GrantedPool}, which rests unless it is told to {@code go granted};
 * {@code writer-gone PID NS PHASE SEQUENCE} tells of the end of its importer, and what that was at.
 *
 * <p>Told to {@code fence}, it names a fence that ends when it pauses, or dies. Told to {@code
 * import PID FENCE}, it has a fence of that process keep a buffer, which ends with an error when
 * that process is gone, and without one before the next {@code account}.
 */
final class ExportingProcess {
  /** Frames of both feeds are in these. */
  static final int BUFFERS = 32;

  static final long BUFFER_BYTES = 8 << 10;
  static final String HOSTILE = "hostile";
  static final List<String> FEEDS = List.of("left", "right");

  private static final int RETAINED = 4;
  private static final long TURN_MS = 20;

  /** Without a buffer for so long, importers that are known to be hostile are evicted. */
  private static final long STARVED_NS = TimeUnit.MILLISECONDS.toNanos(100);

  /** Nobody can be without a buffer for so long. */
  private static final long LOST_NS = TimeUnit.SECONDS.toNanos(20);

  /** How long what should come at once is waited for; the test decides what is too long. */
  private static final long PATIENCE_NS = TimeUnit.SECONDS.toNanos(20);

  private static final FrameLayout LAYOUT =
      new FrameLayout(
          FrameLayout.fourcc("YU12"),
          FrameLayout.LINEAR,
          64,
          16,
          List.of(new Plane(0, 64, 64, 16)),
          new ColorDescription(1, 1, 1, true));

  private final BufferPool pool;
  private final List<Broadcast> feeds = new ArrayList<>();
  private final PoolServer server;
  private final GrantedPool granted;
  private final Timeline timeline;

  /** Fences of importing processes, by their numbers. */
  private final Map<Long, CrossedFence> imported = new HashMap<>();

  /** Connected processes of which a fence was imported, for which a handle is kept. */
  private final Set<Long> watched = new HashSet<>();

  private final Gate writing = new Gate();
  private final Gate reading = new Gate();
  private final AtomicLong published = new AtomicLong();
  private final AtomicLong verified = new AtomicLong();
  private final AtomicLong evictions = new AtomicLong();
  private final List<Thread> writers = new ArrayList<>();
  private final Footprint footprint = new Footprint();
  private volatile boolean over;

  private ExportingProcess(Path socket, String name, Duration stallLimit) {
    // One that is cut off comes again and again, and each time it sees the memory that there is.
    SharedMemoryExporter exporter = SharedMemoryExporter.named(name).withReplacements(100_000);
    pool = BufferPool.of(exporter, new SizeClass(BUFFER_BYTES, BUFFERS));
    for (String feed : FEEDS) {
      Broadcast made = pool.broadcast(feed);
      made.stallLimit(stallLimit);
      feeds.add(made);
    }
    timeline = pool.sync().timeline("exporter");
    server = PoolServer.serve(pool, socket);
    granted = new GrantedPool(granted(socket), name + "-granted", stallLimit);
  }

  /** Where the pool is served that an importer may write to. */
  static Path granted(Path socket) {
    return socket.resolveSibling(socket.getFileName() + "-granted");
  }

  public static void main(String[] args) {
    ExportingProcess process =
        new ExportingProcess(Path.of(args[0]), args[1], Duration.ofMillis(Long.parseLong(args[2])));
    process.begin();
    Child.obey(process::obey);
  }

  private void begin() {
    for (Broadcast feed : feeds) {
      writing.enter();
      writers.add(Child.start("writer", () -> write(feed)));
    }
    Broadcast feed = feeds.getFirst();
    Reading near =
        new Reading(
            feed.join(
                Importer.viewing("near", Access.READ), Overflow.DROP_OLDEST, 4, Division.EACH),
            Overflow.DROP_OLDEST,
            Reading.Use.HOLDS,
            new Stamp(pool.name(), feed.name()),
            reading,
            new SplittableRandom(1),
            verified,
            null);
    reading.enter();
    writers.add(Child.start("near", near::read));
    granted.begin();
  }

  private static long sinceMs(long startNs) {
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNs);
  }

  private void write(Broadcast feed) throws InterruptedException {
    Stamp stamp = new Stamp(pool.name(), feed.name());
    try (FeedWriter writer = feed.writer()) {
      long lastNs = System.nanoTime();
      for (long sequence = 0; !over; ) {
        if (writing.isClosed()) {
          writing.pass();
          lastNs = System.nanoTime();
          continue;
        }
        WritableView view = writer.acquire(TURN_MS, TimeUnit.MILLISECONDS);
        if (view == null) {
          starve(System.nanoTime() - lastNs);
          continue;
        }
        lastNs = System.nanoTime();
        stamp.put(view, sequence);
        writer.layout(sequence % 64 == 0 ? LAYOUT : null);
        writer.publish(-sequence);
        published.incrementAndGet();
        sequence++;
      }
    } finally {
      writing.leave();
    }
  }

  /** One of several writers evicts, the others are served with it. */
  private synchronized void starve(long forNs) {
    if (forNs > LOST_NS) {
      throw new AssertionError("no buffer for " + LOST_NS / 1_000_000_000 + " s\n" + pool.dump());
    }
    if (forNs > STARVED_NS) {
      for (Attachment attachment : server.attachments()) {
        if (attachment.importer().name().equals(HOSTILE) && !attachment.isRevoked()) {
          pool.revoke(attachment, Duration.ofMillis(1));
          evictions.incrementAndGet();
        }
      }
    }
  }

  private void obey(String... words) throws Exception {
    switch (words[0]) {
      case "go" -> {
        retain(RETAINED);
        reading.open();
        writing.open();
        if (words.length > 1) {
          granted.go();
        }
      }
      case "pause" -> {
        writing.close();
        reading.close();
        granted.pause();
        CrossedFence.signalAll(timeline);
        Child.say(
            "paused "
                + published
                + " "
                + verified
                + " "
                + evictions
                + " "
                + granted.published()
                + " "
                + granted.verified()
                + " "
                + granted.refusals());
      }
      case "gone" -> gone(Long.parseLong(words[1]), Long.parseLong(words[2]));
      case "fence" -> Child.say("fence " + CrossedFence.text(server.exportFence(timeline.next())));
      case "import" -> importFence(Long.parseLong(words[1]), words[2]);
      case "revoke" -> revoke(words[1], Duration.ofMillis(Long.parseLong(words[2])));
      case "writer-gone" ->
          writerGone(
              Long.parseLong(words[1]),
              new Shown.Loss(
                  Journal.Phase.valueOf(words[3]),
                  Long.parseLong(words[4]),
                  Long.parseLong(words[2])));
      case "account" ->
          account(Integer.parseInt(words[1]), words.length > 2 ? Integer.parseInt(words[2]) : 0);
      case "end" -> end();
      default -> throw new IllegalArgumentException(words[0]);
    }
  }

  private void retain(int frames) {
    feeds.forEach(feed -> feed.retain(frames));
  }

  private void importFence(long pid, String name) {
    PeerIdentity peer =
        server.peers().stream().filter(one -> one.pid() == pid).findAny().orElseThrow();
    Fence fence = server.importFence(peer, CrossedFence.name(name));
    imported.put(pid, new CrossedFence(fence));
    watched.add(pid);
    // There may be none just now: then it is waited for, and keeps nothing.
    SharedBuffer kept = pool.acquire(BUFFER_BYTES, TURN_MS, TimeUnit.MILLISECONDS);
    if (kept != null) {
      kept.reservation().add(fence, Usage.READ);
      kept.close();
    }
    Child.say("imported");
  }

  /** How long it took since a moment. */
  private long await(long startNs, BooleanSupplier condition, String what) throws IOException {
    Waited waited = Waited.since(startNs);
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - startNs > PATIENCE_NS) {
        throw new AssertionError(
            what + " after " + sinceMs(startNs) + " ms\n" + pool.dump() + granted.dump());
      }
      Thread.onSpinWait();
    }
    return waited.ms();
  }

  /** While all others go on; how long after the death, by the clock that all processes have. */
  private void gone(long pid, long killedNs) throws IOException {
    watched.remove(pid);
    CrossedFence fence = imported.remove(pid);
    long tookMs =
        await(
            killedNs,
            () ->
                server.peers().stream().noneMatch(peer -> peer.pid() == pid)
                    && (fence == null || fence.fence().isSignaled())
                    && !pool.dump().contains("used by process " + pid + " "),
            "process " + pid + " is served, its fence pending, or something held by it");
    if (fence != null) {
      fence.requireEnd(FenceError.Kind.ISSUER_LOST);
    }
    Child.say("gone " + tookMs);
  }

  /** As {@link #gone}, of one that may have been in the midst of writing. */
  private void writerGone(long pid, Shown.Loss loss) throws IOException {
    granted.lost(loss);
    long tookMs =
        await(
            loss.killedNs(),
            () -> !granted.has(pid),
            "writing process " + pid + " is served, or has something: " + granted.dump());
    Child.say("gone " + tookMs);
  }

  private void revoke(String importer, Duration deadline) {
    boolean cooperative = true;
    for (Attachment attachment : server.attachments()) {
      if (attachment.importer().name().equals(importer)) {
        cooperative &= pool.revoke(attachment, deadline).cooperative();
      }
    }
    Child.say("revoked " + (cooperative ? "in peace" : "forced"));
  }

  private void account(int peers, int writersThere) throws Exception {
    retain(0);
    imported.values().forEach(fence -> fence.requireEnd(null));
    imported.clear();
    long tookMs =
        await(
            System.nanoTime(),
            () ->
                pool.statistics().free() == BUFFERS
                    && pool.holders().isEmpty()
                    && server.peers().size() == peers
                    && granted.isFree(writersThere),
            "not all buffers are free, or not " + peers + " peers there: " + server.peers());
    granted.settle();
    int all = peers + writersThere;
    // The data and the words are mapped; so are each peer's words, and rings of those that read.
    int rings = all * ImportingProcess.MAX_READERS;
    footprint.require(
        4 + all,
        2 + all,
        // One more is looked at until it ends, when it was cut off and lives.
        () -> all + watched.size() + (pool.statistics().oldMemories() > 0 ? 1 : 0),
        4 + all + rings);
    Child.say("accounted " + tookMs + " " + footprint.mostMappings());
  }

  private void end() throws Exception {
    over = true;
    server.close();
    reading.open();
    writing.open();
    for (Thread thread : writers) {
      thread.join();
    }
    feeds.forEach(Broadcast::close);
    timeline.close();
    pool.close();
    granted.end();
    // The words of a closed pool can still be asked.
    footprint.require(0, 0, () -> 0, 2);
    Child.say("ended");
  }
}
