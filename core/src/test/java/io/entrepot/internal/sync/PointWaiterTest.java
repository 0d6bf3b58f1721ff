package io.entrepot.internal.sync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.sync.Fence;
import io.entrepot.sync.FenceIssuer;
import io.entrepot.sync.SignalableFence;
import io.entrepot.sync.SyncObject;
import io.entrepot.sync.SyncPoint;
import io.entrepot.sync.SyncWait;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Waits for points of sync objects: threads that stop in telling, and what is refused. */
@Timeout(60)
class PointWaiterTest {
  private static final Duration LONG = Duration.ofSeconds(30);
  private static final Duration NONE = Duration.ZERO;

  private final SyncSlot object = new SyncSlot("object");

  /** Who has put a fence in is stopped before it has shown anybody's interest in it. */
  @Test
  void aLazyFenceIsWaitedForThoughTheTellerWasStopped() {
    AtomicReference<SignalableFence> lazy = new AtomicReference<>();
    FenceIssuer onlyWhenAsked =
        new FenceIssuer() {
          @Override
          public void enableSignaling(long point) {
            lazy.get().signal();
          }
        };
    lazy.set(SignalableFence.create("lazy", onlyWhenAsked));
    PointWaiter waiter =
        PointWaiter.join(new SyncPoint(object, 0), SyncWait.SUBMITTED_AND_SIGNALED);
    waiter.take(lazy.get().fence());
    assertTrue(waiter.done().await(LONG));
    waiter.leave();
    assertEquals(0, object.kept());
  }

  @Test
  void whatIsRefusedIsRefusedBeforeTheWait() {
    Fence fence = Fence.signaled();
    assertThrows(IllegalArgumentException.class, () -> object.awaitTransfer(0, object, -1, LONG));
    assertThrows(NullPointerException.class, () -> object.awaitTransfer(0, null, 0, LONG));
    assertThrows(IllegalArgumentException.class, () -> object.transfer(0, object, -1));
    SyncPoint point = new SyncPoint(object, 0);
    for (Duration timeout : new Duration[] {NONE, LONG}) {
      assertThrows(NullPointerException.class, () -> SyncObject.awaitAll(timeout, null, point));
      assertThrows(NullPointerException.class, () -> SyncObject.awaitAny(timeout, null, point));
      assertThrows(
          NullPointerException.class,
          () -> SyncObject.awaitAny(timeout, SyncWait.SUBMITTED, point, null));
    }
    assertEquals(0, object.kept());
    object.replace(fence);
    assertNull(object.onSubmit(0, taken -> {}));
    assertFalse(object.await(1, SyncWait.SUBMITTED, Duration.ofSeconds(Long.MIN_VALUE)));
    assertTrue(object.await(0, SyncWait.SIGNALED, Duration.ofSeconds(Long.MIN_VALUE)));
  }
}
