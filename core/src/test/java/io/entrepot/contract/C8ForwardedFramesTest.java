package io.entrepot.contract;

import static io.entrepot.contract.Feeds.join;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.flow.BufferPool;
import io.entrepot.flow.Frame;
import io.entrepot.flow.Overflow;
import io.entrepot.sharing.ColorDescription;
import io.entrepot.sharing.FrameLayout;
import io.entrepot.sharing.Plane;
import io.entrepot.sharing.SharedBuffer;
import io.entrepot.sharing.StaleBufferException;
import io.entrepot.sharing.View;
import io.entrepot.sharing.ViewClosedException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * C8: a frame goes from feed to feed without being copied. For readers of the pool's process alone:
 * feeds are written to where the pool is.
 */
class C8ForwardedFramesTest {
  @Test
  void aHeldFrameTravelsToAnotherThreadAndFeed() {
    FrameLayout layout =
        new FrameLayout(
            FrameLayout.fourcc("R8  "),
            FrameLayout.LINEAR,
            8,
            1,
            List.of(new Plane(0, 8, 8, 1)),
            ColorDescription.UNSPECIFIED);
    try (var pool = BufferPool.offHeap("pool", 64, 4);
        var first = pool.broadcast("first");
        var second = pool.broadcast("second");
        var reader = join(first, Overflow.BLOCK, 4);
        var port = reader.open();
        var next = join(second, Overflow.BLOCK, 1);
        var nextPort = next.open();
        var writer = first.writer();
        var forwarding = second.writer()) {
      writer.layout(layout);
      writer.acquire(1, TimeUnit.SECONDS).putLong(8, 42);
      writer.valid(8, 16);
      writer.publish(99);
      View view = port.next(0, TimeUnit.SECONDS);
      assertEquals(new Frame(0, 99, layout, 8, 16, port.frame().buffer()), port.frame());
      SharedBuffer held = port.hold();
      SharedBuffer again = held.share();
      assertTrue(forwarding.publish(held, null, 100, 1, TimeUnit.SECONDS));
      held.close();
      assertThrows(
          StaleBufferException.class,
          () -> forwarding.publish(held, null, 0, 0, TimeUnit.SECONDS),
          "it was consumed");
      assertFalse(
          forwarding.publish(again, null, 101, 1, TimeUnit.MILLISECONDS), "no room in time");
      again.share().close();
      again.close();
      port.unmap();
      assertThrows(ViewClosedException.class, () -> view.getLong(8));
      assertEquals(42, nextPort.next(0, TimeUnit.SECONDS).getLong(8));
      assertEquals(100, nextPort.timestamp());
      assertEquals(8, nextPort.validOffset());
      assertEquals(16, nextPort.validLength());
      assertSame(layout, nextPort.layout());
      nextPort.unmap();
      assertEquals(List.of(), pool.holders());
    }
  }
}
