package io.entrepot.internal.sharing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.entrepot.flow.Broadcast;
import io.entrepot.flow.BufferPool;
import io.entrepot.flow.FeedReader;
import io.entrepot.flow.FeedWriter;
import io.entrepot.flow.Overflow;
import io.entrepot.flow.PoolPort;
import io.entrepot.internal.buffers.PoolMemories;
import io.entrepot.internal.flow.ExportedPool;
import io.entrepot.internal.memory.Linux;
import io.entrepot.internal.sync.FarProcess;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.SharedBuffer;
import io.entrepot.sharing.SharedMemoryExporter;
import io.entrepot.sharing.SizeClass;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Replacing memory when something goes wrong on the way, without other processes. */
class ReplacementsTest {
  private static final int BUFFERS = 4;
  private static final long LIMIT_NS = TimeUnit.SECONDS.toNanos(20);
  private static final Set<Long> FIRST = Set.of(0L);

  private BufferPool pool;
  private PoolCore core;
  private Replacements replacements;

  /** A process that ends when it is told to. */
  private static final class Process implements FarProcess {
    private volatile boolean hasEnded;
    private volatile boolean isClosed;

    /** How often it cannot be said whether it runs. */
    private final AtomicInteger unknown = new AtomicInteger();

    @Override
    public boolean isAlive() {
      assertFalse(isClosed, "not looked at once it was let go");
      if (unknown.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
        throw new IllegalStateException("the kernel has no room to say so");
      }
      return !hasEnded;
    }

    @Override
    public void close() {
      isClosed = true;
    }
  }

  @BeforeEach
  void open() {
    assumeTrue(Linux.isAvailable(), "needs Linux on x86-64 or aarch64");
    pool = BufferPool.of(SharedMemoryExporter.named("pool"), new SizeClass(64, BUFFERS));
    core = ((ExportedPool) pool).core();
    replacements = core.replacements();
  }

  @AfterEach
  void close() {
    if (pool != null) {
      pool.close();
    }
  }

  private void await(BooleanSupplier condition) {
    long startNs = System.nanoTime();
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() - startNs < LIMIT_NS, core::dump);
      Thread.onSpinWait();
    }
  }

  private void expose(Process process, String name) {
    replacements.expose(process, name, FIRST, true);
  }

  private void takeOne() throws Exception {
    try (SharedBuffer taken = pool.acquire(8, 20, TimeUnit.SECONDS)) {
      assertNotNull(taken, core::dump);
    }
  }

  /** As in other name spaces, where all are process 0 as seen from here. */
  @Test
  void processesThatCannotBeToldApartAreWaitedForEachByItself() {
    Process one = new Process();
    Process other = new Process();
    expose(one, "process 0 of user 0");
    expose(other, "process 0 of user 0");
    await(() -> replacements.old() == 1);
    one.hasEnded = true;
    await(() -> one.isClosed);
    assertFalse(other.isClosed, "it goes on seeing what it saw");
    assertEquals(1, replacements.old());
    other.hasEnded = true;
    await(() -> replacements.old() == 0 && other.isClosed);
  }

  @Test
  void thoseThatCannotBeToldApartFromOnesThatWereCutOffAreNotMany() {
    Process[] alike = new Process[Replacements.MOST_ALIKE];
    for (int i = 0; i < alike.length; i++) {
      assertFalse(replacements.isUsedUpBy("process 0 of user 0"));
      alike[i] = new Process();
      expose(alike[i], "process 0 of user 0");
    }
    assertTrue(replacements.isUsedUpBy("process 0 of user 0"));
    assertFalse(replacements.isUsedUpBy("process 5 of user 0"));
    for (Process process : alike) {
      process.hasEnded = true;
    }
    await(() -> replacements.old() == 0);
    assertFalse(replacements.isUsedUpBy("process 0 of user 0"));
  }

  /** Memory that nobody waits for would stay to the end of the pool. */
  @Test
  void anErrorOnTheWayLeavesNoMemoryBehind() throws Exception {
    Process process = new Process();
    AtomicInteger errors = new AtomicInteger();
    Runnable failing =
        () -> {
          if (errors.getAndIncrement() < 2) {
            throw new OutOfMemoryError("planted");
          }
        };
    replacements.register(failing);
    expose(process, "process 5 of user 0");
    takeOne();
    await(() -> errors.get() >= 2);
    process.hasEnded = true;
    await(() -> replacements.old() == 0);
    assertTrue(process.isClosed);
    replacements.unregister(failing);
  }

  @Test
  void aProcessOfWhichTheKernelCannotTellIsAskedForAgain() throws Exception {
    Process process = new Process();
    expose(process, "process 5 of user 0");
    takeOne();
    process.unknown.set(2);
    await(() -> process.unknown.get() == 0);
    process.hasEnded = true;
    await(() -> replacements.old() == 0);
  }

  /** What a port has never shown lies nowhere, as what is withheld does. */
  @Test
  void theFirstBufferOfAPortIsWithheldAsEveryOther() {
    PoolMemories memories = core.memories();
    try (PoolPort port = pool.open("first")) {
      memories.handOut(PoolMemories.NONE);
      assertNull(port.acquire(0, TimeUnit.SECONDS), core::dump);
      memories.handOut(0);
      port.acquire(0, TimeUnit.SECONDS).putLong(0, 1);
    }
  }

  /** At whichever of a writer's looks memory comes that there was none of before. */
  @Test
  void noFrameIsDroppedForABufferThatIsOnlyWithheld() {
    PoolMemories memories = core.memories();
    try (Broadcast feed = pool.broadcast("feed");
        FeedReader reader = feed.join("reader", Access.READ, Overflow.DROP_OLDEST);
        FeedWriter writer = feed.writer()) {
      assertNotNull(writer.acquire(0, TimeUnit.SECONDS));
      writer.publish();
      for (int comesAt = 1; comesAt <= 4; comesAt++) {
        int[] looks = {comesAt};
        memories.handOut(PoolMemories.NONE);
        memories.onWant(() -> {
          if (--looks[0] == 0) {
            memories.handOut(0);
          }
        });
        while (writer.acquire(0, TimeUnit.SECONDS) == null) {
          assertTrue(looks[0] > 0, core::dump);
        }
        writer.abort();
        assertEquals(0, reader.dropped(), "memory came at look " + comesAt);
      }
      assertEquals(1, reader.unread());
    }
  }

  @Test
  void aPoolThatIsClosedLetsGoOfTheProcessesItWaitsFor() {
    Process process = new Process();
    expose(process, "process 5 of user 0");
    pool.close();
    await(() -> process.isClosed);
    Process late = new Process();
    expose(late, "process 6 of user 0");
    assertTrue(late.isClosed);
  }
}
