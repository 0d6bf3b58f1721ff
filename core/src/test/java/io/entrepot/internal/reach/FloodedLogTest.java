package io.entrepot.internal.reach;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.entrepot.flow.BufferPool;
import io.entrepot.internal.buffers.BoundedLog;
import io.entrepot.internal.buffers.Peers;
import io.entrepot.internal.memory.Linux;
import io.entrepot.reach.PoolServer;
import io.entrepot.sharing.SharedMemoryExporter;
import io.entrepot.sharing.SizeClass;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** C13: processes that connect to be cut off fill no log, and each is counted. */
class FloodedLogTest {
  private static final int FLOOD = 300;
  private static final Pattern LEFT_OUT =
      Pattern.compile("(\\d+) more warnings about .*'flooded'.*");

  @TempDir Path folder;

  /** Keeps what is logged. */
  private static final class Kept extends Handler {
    private final List<String> lines = new CopyOnWriteArrayList<>();

    @Override
    public void publish(LogRecord logged) {
      lines.add(logged.getMessage());
    }

    @Override
    public void flush() {
      // Nothing is held back.
    }

    @Override
    public void close() {
      // Nothing is open.
    }

    long leftOut() {
      return lines.stream()
          .map(LEFT_OUT::matcher)
          .filter(Matcher::matches)
          .mapToLong(line -> Long.parseLong(line.group(1)))
          .sum();
    }

    long logged() {
      return lines.stream().filter(line -> line.contains("is cut off from pool 'flooded'")).count();
    }
  }

  private static void eventually(BooleanSupplier condition, Object otherwise) {
    long startNs = System.nanoTime();
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() - startNs < TimeUnit.SECONDS.toNanos(20), otherwise::toString);
      Thread.onSpinWait();
    }
  }

  @Test
  void aFloodOfBadProcessesIsAFewLinesAndExactNumbers() throws InterruptedException {
    assumeTrue(Linux.isAvailable(), "needs Linux on x86-64 or aarch64");
    Logger logger = Logger.getLogger(Peers.class.getName());
    Kept kept = new Kept();
    logger.addHandler(kept);
    logger.setUseParentHandlers(false);
    long startNs = System.nanoTime();
    try (BufferPool pool =
            BufferPool.of(SharedMemoryExporter.named("flooded"), new SizeClass(64, 2));
        PoolServer server = PoolServer.serve(pool, folder.resolve("pool"))) {
      for (int i = 0; i < FLOOD; i++) {
        try (RawPeer bad = RawPeer.connect(server.socket()).greeted()) {
          bad.raw(new byte[] {1, 2, 3});
          bad.farewell();
        }
      }
      eventually(() -> server.statistics().cutOff() == FLOOD, server.statistics());
      assertEquals(FLOOD, server.statistics().admitted());
      // The server says by itself how many were left out.
      eventually(() -> kept.logged() + kept.leftOut() == FLOOD, kept.lines);
      long seconds = 1 + (System.nanoTime() - startNs) / TimeUnit.SECONDS.toNanos(1);
      assertTrue(kept.logged() <= seconds * BoundedLog.LINES, kept.lines::toString);
      assertTrue(kept.leftOut() > 0, "more than a second's worth: " + kept.lines);
    } finally {
      logger.setUseParentHandlers(true);
      logger.removeHandler(kept);
    }
  }
}
