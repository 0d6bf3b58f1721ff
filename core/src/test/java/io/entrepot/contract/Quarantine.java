package io.entrepot.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.flow.BufferPool;
import io.entrepot.sharing.Attachment;
import io.entrepot.sharing.Revocation;
import io.entrepot.sharing.SharedBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/** One buffer of two in quarantine: what its tests have in common. */
final class Quarantine {
  private Quarantine() {}

  /** Revokes while one buffer of two is in the midst of something that cannot be ended. */
  static void assertOneInQuarantine(BufferPool pool, Attachment attachment, int buffer) {
    long startNs = System.nanoTime();
    Revocation revocation = pool.revoke(attachment, Duration.ofMillis(50));
    assertTrue(
        System.nanoTime() - startNs < TimeUnit.SECONDS.toNanos(20), "it ended, blocked or not");
    Place.assumeInTime(revocation);
    assertFalse(revocation.isComplete());
    assertEquals(1, revocation.quarantined().size(), revocation::toString);
    assertTrue(
        revocation.quarantined().getFirst().contains("buffer " + buffer), revocation::toString);
    assertEquals(1, pool.statistics().quarantined());
    SharedBuffer free = pool.tryAcquire(64);
    assertNotNull(free, "other buffers are not concerned");
    assertNull(pool.tryAcquire(64), "the one in quarantine is handed out to nobody");
    assertFalse(free.index() == buffer);
    free.close();
  }

  static void assertComesBack(BufferPool pool) {
    SharedBuffer one = pool.acquire(64, 30, TimeUnit.SECONDS);
    SharedBuffer two = pool.acquire(64, 30, TimeUnit.SECONDS);
    assertNotNull(one);
    assertNotNull(two, "the quarantined buffer came back");
    one.close();
    two.close();
  }

  /** Whether a thread is in a channel's own code, past all looks at its buffer. */
  static boolean isInTransfer(Thread thread) {
    return Arrays.stream(thread.getStackTrace())
        .anyMatch(at -> at.getClassName().startsWith("sun.nio.ch."));
  }
}
