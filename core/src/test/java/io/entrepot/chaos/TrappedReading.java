package io.entrepot.chaos;

import io.entrepot.flow.Division;
import io.entrepot.flow.Feed;
import io.entrepot.flow.FeedReader;
import io.entrepot.flow.FramePort;
import io.entrepot.flow.Overflow;
import io.entrepot.flow.Start;
import io.entrepot.reach.RemotePool;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.AttachRefusedException;
import io.entrepot.sharing.Importer;
import io.entrepot.sharing.View;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * A thread that imports from a hostile exporter, again and again. What it reads means nothing; but
 * each call comes back in time, and with what its text promises.
 */
final class TrappedReading {
  private static final long RETRY_NS = TimeUnit.MILLISECONDS.toNanos(1);
  private static final int TURNS = 300;

  /** An exporter may take its time to answer; and this thread may have to wait for a processor. */
  private static final Duration LIMIT = RemotePool.DEFAULT_PATIENCE.plusSeconds(5);

  /** A visit ends before the trap takes us for dead, whatever each look takes. */
  private static final long VISIT_NS = TimeUnit.SECONDS.toNanos(10);

  private final Path socket;
  private final Gate gate;
  private final SplittableRandom random;
  private final AtomicLong visits;

  TrappedReading(Path socket, Gate gate, SplittableRandom random, AtomicLong visits) {
    this.socket = socket;
    this.gate = gate;
    this.random = random;
    this.visits = visits;
  }

  void read() throws InterruptedException {
    while (true) {
      gate.pass();
      try (RemotePool pool = RemotePool.connect(socket)) {
        visit(pool);
      } catch (UncheckedIOException | IllegalStateException | AttachRefusedException told) {
        LockSupport.parkNanos(RETRY_NS);
      }
      visits.incrementAndGet();
    }
  }

  private void visit(RemotePool pool) {
    long cameNs = System.nanoTime();
    Feed feed = pool.feed("feed");
    Overflow overflow = Overflow.values()[random.nextInt(3)];
    try (FeedReader reader =
            feed.join(
                Importer.viewing("trapped", Access.READ),
                overflow,
                1 + random.nextInt(8),
                Division.EACH,
                Start.values()[random.nextInt(3)]);
        FramePort port = reader.open()) {
      long startNs = cameNs;
      for (int i = random.nextInt(TURNS);
          i > 0 && startNs - cameNs < VISIT_NS && pool.isConnected() && !gate.isClosed();
          i--) {
        startNs = System.nanoTime();
        try {
          look(port);
        } catch (IllegalStateException told) {
          // Of an entry that makes no sense, say: the next may.
          LockSupport.parkNanos(1);
        }
        long tookNs = System.nanoTime() - startNs;
        if (tookNs > LIMIT.toNanos()) {
          throw new AssertionError("a look took " + tookNs / 1_000_000 + " ms");
        }
      }
    }
  }

  private void look(FramePort port) {
    View view = port.next(1, TimeUnit.MILLISECONDS);
    if (view != null) {
      view.getLong(0);
      port.frame();
      if (random.nextInt(16) == 0) {
        port.keep().close();
      } else if (random.nextInt(16) == 0) {
        port.hold().close();
      }
    }
  }
}
