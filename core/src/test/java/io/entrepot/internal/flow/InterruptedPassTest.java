package io.entrepot.internal.flow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.flow.Broadcast;
import io.entrepot.flow.BufferPool;
import io.entrepot.flow.FeedReader;
import io.entrepot.flow.FeedWriter;
import io.entrepot.flow.FramePort;
import io.entrepot.flow.Overflow;
import io.entrepot.internal.buffers.FreeBuffers;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.ArenaExporter;
import io.entrepot.sharing.SizeClass;
import io.entrepot.sharing.View;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What a small pass of a writer has dropped and not looked at yet is taken by nobody. */
class InterruptedPassTest {
  private static final int DEPTH = 16;
  private static final int TAKEN = 10;

  /** Ends the first pass that asks it, as a stack that overflows would. */
  private static final class Failing implements FreeBuffers.Retirer {
    private final StackOverflowError failure = new StackOverflowError("in the midst of a pass");
    private boolean hasFailed;

    @Override
    public void retirePassed(FreeBuffers.Pass pass) {
      if (!hasFailed) {
        hasFailed = true;
        throw failure;
      }
    }

    @Override
    public String describeHolds() {
      return "";
    }

    @Override
    public void poolClosed() {
      // It holds nothing.
    }
  }

  private static void publish(FeedWriter writer, long number) {
    writer.acquire(1, TimeUnit.SECONDS).putLong(0, number);
    writer.publish();
  }

  @Test
  void aPassThatFailsLeavesNoMappedBufferToBeTaken() {
    Failing failing = new Failing();
    try (BufferPool pool =
            BufferPool.of(ArenaExporter.named("pool"), new SizeClass(64, 2 * DEPTH));
        Broadcast feed = pool.broadcast("feed");
        FeedWriter writer = feed.writer();
        FeedReader reader = feed.join("reader", Access.READ, Overflow.BLOCK, DEPTH);
        FramePort port = reader.open()) {
      for (int i = 0; i < DEPTH; i++) {
        publish(writer, i);
      }
      View mapped = null;
      for (int i = 0; i < TAKEN; i++) {
        mapped = port.next(0, TimeUnit.SECONDS);
      }
      assertNotNull(mapped);
      // Behind the feed, which has dropped what was passed by then: the mapped buffer with it.
      FreeBuffers free = ((ExportedPool) pool).core().free();
      free.register(failing);
      assertSame(
          failing.failure,
          assertThrows(StackOverflowError.class, () -> writer.acquire(0, TimeUnit.SECONDS)));
      assertTrue(failing.hasFailed, "the writer has begun a pass");

      publish(writer, -1);
      assertEquals(TAKEN - 1, mapped.getLong(0), "what the reader has mapped");
      free.unregister(failing);
    }
  }
}
