package io.entrepot.chaos;

import io.entrepot.chaos.ChangingReading.Use;
import io.entrepot.flow.Broadcast;
import io.entrepot.flow.BufferPool;
import io.entrepot.flow.Division;
import io.entrepot.flow.FeedReader;
import io.entrepot.flow.FeedWriter;
import io.entrepot.flow.Overflow;
import io.entrepot.reach.PoolServer;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.Importer;
import io.entrepot.sharing.SharedMemoryExporter;
import io.entrepot.sharing.SizeClass;
import io.entrepot.sharing.WritableView;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A pool of an exporting process's that one importer may write to, which is that one's alone
 * elsewhere: a thread publishes frames, others here look at them, and one of these changes some.
 */
final class GrantedPool {
  static final String FEED = "changed";

  /** The importer that may write. */
  static final String WRITER = "writer";

  static final int BUFFERS = 16;

  private static final long TURN_MS = 20;
  private static final int DEPTH = 4;

  private final BufferPool pool;
  private final Broadcast feed;
  private final PoolServer server;
  private final Gate publishing = new Gate();
  private final Gate reading = new Gate();
  private final AtomicLong published = new AtomicLong();
  private final AtomicLong verified = new AtomicLong();
  private final Shown shown = new Shown();
  private final List<Thread> threads = new ArrayList<>();
  private Shown.Loss loss;
  private volatile boolean over;

  GrantedPool(Path socket, String name, Duration stallLimit) {
    SharedMemoryExporter exporter = SharedMemoryExporter.named(name).writableBy(WRITER);
    pool = BufferPool.of(exporter, new SizeClass(ExportingProcess.BUFFER_BYTES, BUFFERS));
    feed = pool.broadcast(FEED);
    feed.stallLimit(stallLimit);
    server = PoolServer.serve(pool, socket);
  }

  void begin() {
    publishing.enter();
    threads.add(Child.start("publisher", this::publish));
    Importer viewing = Importer.viewing("near", Access.READ);
    Importer writing = Importer.viewing("near writer", Access.WRITE);
    read(Use.LOOKS, viewing, Overflow.DROP_OLDEST);
    read(Use.LOOKS_AGAIN, viewing, Overflow.BLOCK);
    read(Use.CHANGES, writing, Overflow.DROP_NEWEST);
  }

  private void read(Use use, Importer importer, Overflow overflow) {
    FeedReader reader = feed.join(importer, overflow, DEPTH, Division.EACH);
    SplittableRandom random = new SplittableRandom(use.ordinal());
    Changes changes = new Changes(new Stamp(pool.name(), FEED), random, null);
    ChangingReading near =
        new ChangingReading(reader, use, changes, reading, random.split(), verified, shown);
    reading.enter();
    threads.add(Child.start("near " + use, near::read));
  }

  private void publish() throws InterruptedException {
    Stamp stamp = new Stamp(pool.name(), FEED);
    try (FeedWriter writer = feed.writer()) {
      for (long sequence = 0; !over; ) {
        if (publishing.isClosed()) {
          publishing.pass();
          continue;
        }
        WritableView view = writer.acquire(TURN_MS, TimeUnit.MILLISECONDS);
        if (view != null) {
          stamp.put(view, Changes.first(sequence));
          writer.publish(-sequence);
          published.incrementAndGet();
          sequence++;
        }
      }
    } finally {
      publishing.leave();
    }
  }

  void go() {
    reading.open();
    publishing.open();
  }

  void pause() throws InterruptedException {
    publishing.close();
    reading.close();
  }

  /** What a writer that was killed was at. */
  void lost(Shown.Loss what) {
    loss = what;
  }

  /** Whether a process is served, or has anything. */
  boolean has(long pid) {
    return server.peers().stream().anyMatch(peer -> peer.pid() == pid)
        || pool.dump().contains("used by process " + pid + " ");
  }

  /** Whether everything is free, and so many processes are served. */
  boolean isFree(int peers) {
    return pool.statistics().free() == BUFFERS
        && pool.holders().isEmpty()
        && server.peers().size() == peers;
  }

  /** Everything was let go of. */
  void settle() {
    shown.settle(loss);
    loss = null;
    if (pool.statistics().quarantined() != 0) {
      throw new AssertionError("in quarantine: " + pool.dump());
    }
  }

  long published() {
    return published.get();
  }

  long verified() {
    return verified.get();
  }

  long refusals() {
    return shown.refusals();
  }

  String dump() {
    return pool.dump();
  }

  void end() throws InterruptedException {
    over = true;
    server.close();
    reading.open();
    publishing.open();
    for (Thread thread : threads) {
      thread.join();
    }
    feed.close();
    pool.close();
  }
}
