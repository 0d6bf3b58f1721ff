package io.entrepot.soak;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.flow.BufferPool;
import io.entrepot.flow.PoolStatistics;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.Attachment;
import io.entrepot.sharing.Importer;
import io.entrepot.sharing.Port;
import io.entrepot.sharing.Revocation;
import io.entrepot.sharing.RevokedException;
import io.entrepot.sharing.SharedBuffer;
import io.entrepot.sharing.View;
import io.entrepot.sharing.WritableView;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/**
 * Acquire, map, unmap and release over eight threads with a port each, while a ninth revokes their
 * attachments and they attach again. Every owner stamps its buffer all over and looks at the stamp
 * before it lets go, so that a second owner, or a mapping of a buffer that is somebody else's by
 * now, is seen.
 *
 * <p>A few seconds in the normal build. The long form is {@code mvn -B -ntp -pl core -Psoak test}:
 * {@code -Dsoak.operations=10000000}.
 */
class SoakTest {
  private static final long OPERATIONS = Long.getLong("soak.operations", 300_000);
  private static final long SEED = Long.getLong("soak.seed", System.nanoTime());

  private static final int THREADS = 8;
  private static final int BUFFERS = 12;
  private static final int BUFFER_BYTES = 256;

  /** Operations from one revocation to the next, on average. */
  private static final int OPERATIONS_A_REVOCATION = 1_000;

  /** Operations from one thread that takes all buffers to the next. */
  private static final int OPERATIONS_A_HOARD = 1_000;

  /** One revocation in so many does not wait for its importer. */
  private static final int FORCED_ONE_IN = Integer.getInteger("soak.forcedOneIn", 10_000);

  /** Operations that workers may be ahead of the revocations. */
  private static final int SLACK = 5 * OPERATIONS_A_REVOCATION;

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final BufferPool pool = BufferPool.offHeap("soak", BUFFER_BYTES, BUFFERS);
  private final AtomicLongArray owners = new AtomicLongArray(BUFFERS);
  private final AtomicBoolean failed = new AtomicBoolean();
  private final AtomicLong operations = new AtomicLong();
  private final AtomicLong acquired = new AtomicLong();
  private final AtomicLong waitedInVain = new AtomicLong();
  private final AtomicLong mapped = new AtomicLong();
  private final AtomicLong attached = new AtomicLong();
  private final AtomicLong revoked = new AtomicLong();
  private final AtomicLong turnedAway = new AtomicLong();
  private volatile long allowed;
  private long forced;

  @Test
  void nothingIsLostOwnedTwiceOrReusedWhileMapped() throws Exception {
    List<Worker> workers = new ArrayList<>();
    for (int i = 1; i <= THREADS; i++) {
      workers.add(new Worker(i));
    }
    List<Callable<Void>> work = new ArrayList<>(workers);
    work.add(() -> revokeNowAndThen(workers));
    try (var threads = Executors.newFixedThreadPool(work.size())) {
      for (Future<Void> done : threads.invokeAll(work)) {
        done.get();
      }
    } catch (Exception e) {
      throw new AssertionError("with -Dsoak.seed=" + SEED + "\n" + pool.dump(), e);
    }
    assertAddsUp();
    pool.close();
  }

  private void assertAddsUp() {
    assertEquals(List.of(), pool.holders(), "a buffer was lost");
    PoolStatistics now = pool.statistics();
    assertEquals(BUFFERS, now.free());
    assertEquals(0, now.openMappings());
    assertEquals(acquired.get(), now.acquires());
    assertEquals(mapped.get(), now.maps());
    assertEquals(waitedInVain.get(), now.timeouts());
    assertEquals(attached.get(), now.attaches());
    long startNs = System.nanoTime();
    while (revoked.get() < now.revocations() && System.nanoTime() - startNs < PATIENCE.toNanos()) {
      // The last importers are being told by threads of their own.
      Thread.onSpinWait();
    }
    assertEquals(revoked.get(), now.revocations(), "each importer is told once");
    assertEquals(forced, now.forcedCloses());
    assertEquals(0, now.quarantined());
    assertEquals(0, now.refusals());
    assertEquals(0, now.reapedPorts());
    assertTrue(revoked.get() > 0, "no worker was ever revoked");
    assertTrue(waitedInVain.get() > 0, "nobody ever waited in vain");
    long generations = 0;
    List<SharedBuffer> every = new ArrayList<>();
    for (int i = 0; i < BUFFERS; i++) {
      every.add(pool.tryAcquire(1));
      generations += every.get(i).generation();
    }
    assertEquals(BUFFERS, every.stream().map(SharedBuffer::index).distinct().count());
    assertEquals(acquired.get() + BUFFERS, generations, "each acquire is one generation");
    every.forEach(SharedBuffer::close);
  }

  private boolean isOver() {
    return failed.get() || (operations.get() >= OPERATIONS && turnedAway.get() > 0);
  }

  private Void revokeNowAndThen(List<Worker> workers) {
    try {
      return revokeInStep(workers);
    } catch (Throwable e) {
      failed.set(true);
      throw e;
    }
  }

  private Void revokeInStep(List<Worker> workers) {
    SplittableRandom random = new SplittableRandom(SEED);
    while (!isOver()) {
      if (operations.get() < allowed) {
        LockSupport.parkNanos(10_000);
        continue;
      }
      // The workers wait for this: else eight of them leave the ninth no time on a small machine.
      allowed = allowed + 1 + random.nextInt(2 * OPERATIONS_A_REVOCATION);
      Attachment attachment = workers.get(random.nextInt(THREADS)).attachment;
      if (attachment == null || attachment.isRevoked()) {
        continue;
      }
      boolean patient = random.nextInt(FORCED_ONE_IN) != 0;
      Revocation revocation = pool.revoke(attachment, patient ? PATIENCE : Duration.ZERO);
      forced += revocation.cooperative() ? 0 : 1;
      assertTrue(revocation.isComplete(), revocation::toString);
      assertTrue(revocation.cooperative() || !patient, revocation::toString);
    }
    return null;
  }

  /** One thread, its attachment and its port. */
  private final class Worker implements Callable<Void> {
    private final long number;
    private final SplittableRandom random;
    private volatile Attachment attachment;
    private Port port;
    private long stamp;

    Worker(long number) {
      this.number = number;
      this.random = new SplittableRandom(SEED + number);
    }

    @Override
    public Void call() {
      try {
        attach();
        while (!isOver()) {
          if (operations.get() > allowed + SLACK) {
            Thread.yield();
            continue;
          }
          if (operations.incrementAndGet() % OPERATIONS_A_HOARD == 0) {
            hoard();
          }
          if (!operate()) {
            turnedAway.incrementAndGet();
            port.close();
            attachment.close();
            attach();
          }
        }
        port.close();
        attachment.close();
        return null;
      } catch (Throwable e) {
        failed.set(true);
        throw e;
      }
    }

    /** Attaches anew; a revocation may come before there is a port. */
    private void attach() {
      while (true) {
        Attachment made =
            pool.attach(
                Importer.viewing("worker " + number, Access.WRITE)
                    .onRevoke(timeLeft -> revoked.incrementAndGet()));
        attached.incrementAndGet();
        attachment = made;
        try {
          port = made.open();
          return;
        } catch (RevokedException e) {
          made.close();
        }
      }
    }

    /** Acquire, map, stamp, look, unmap, release; false when this worker was revoked. */
    private boolean operate() {
      SharedBuffer buffer = acquire();
      if (buffer == null) {
        return true;
      }
      long mine = number << 48 | ++stamp;
      long other = owners.getAndSet(buffer.index(), mine);
      assertEquals(0, other, () -> buffer + " has two owners");
      SharedBuffer shared = random.nextInt(8) == 0 ? buffer.share() : null;
      boolean releasedFirst = shared == null && random.nextInt(4) == 0;
      try {
        WritableView view = map(buffer);
        for (int at = 0; at < BUFFER_BYTES; at += 8) {
          view.putLong(at, mine);
        }
        if (releasedFirst) {
          // From here on the mapping alone keeps the buffer.
          release(buffer, mine);
        }
        check(view, mine);
        check(view, mine);
        view.close();
        if (shared != null) {
          WritableView again = map(shared);
          check(again, mine);
          again.close();
        }
        return true;
      } catch (RevokedException e) {
        return false;
      } finally {
        if (owners.get(buffer.index()) == mine) {
          release(buffer, mine);
        }
        if (shared != null) {
          shared.close();
        }
      }
    }

    /** Ends the ownership, then the reference: the next owner may be there before this returns. */
    private void release(SharedBuffer buffer, long mine) {
      assertTrue(owners.compareAndSet(buffer.index(), mine, 0), () -> buffer + " has two owners");
      buffer.close();
    }

    /** Takes every buffer that there is, until waiting for one is in vain. */
    private void hoard() {
      List<SharedBuffer> all = new ArrayList<>();
      SharedBuffer one;
      while ((one = pool.acquire(BUFFER_BYTES, 1, TimeUnit.MICROSECONDS)) != null) {
        acquired.incrementAndGet();
        all.add(one);
      }
      waitedInVain.incrementAndGet();
      all.forEach(SharedBuffer::close);
    }

    private SharedBuffer acquire() {
      SharedBuffer buffer = pool.tryAcquire(BUFFER_BYTES);
      if (buffer == null && random.nextBoolean()) {
        buffer = pool.acquire(BUFFER_BYTES, 30, TimeUnit.SECONDS);
        assertTrue(buffer != null, "no buffer for half a minute: one is lost");
      } else if (buffer == null) {
        buffer = pool.acquire(BUFFER_BYTES, 1, TimeUnit.NANOSECONDS);
        waitedInVain.addAndGet(buffer == null ? 1 : 0);
      }
      acquired.addAndGet(buffer == null ? 0 : 1);
      return buffer;
    }

    /** Maps; one that is refused for a revocation has stored its slot too, and is counted. */
    private WritableView map(SharedBuffer buffer) {
      mapped.incrementAndGet();
      return port.mapForWriting(buffer);
    }

    private void check(View view, long mine) {
      for (int at = 0; at < BUFFER_BYTES; at += 8) {
        long found = view.getLong(at);
        if (found != mine) {
          throw new AssertionError(
              Long.toHexString(mine) + " was overwritten by " + Long.toHexString(found));
        }
      }
    }
  }
}
