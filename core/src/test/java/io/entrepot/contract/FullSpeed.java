package io.entrepot.contract;

import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.entrepot.flow.Broadcast;
import io.entrepot.flow.FeedWriter;
import io.entrepot.sharing.WritableView;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** A writer that publishes as fast as it can, on a thread of its own, until it is closed. */
final class FullSpeed implements AutoCloseable {
  private final AtomicBoolean enough = new AtomicBoolean();
  private final Elsewhere<Long> writing;

  /** Frames are told from each other to the last byte: see {@link Pattern}. */
  FullSpeed(Broadcast feed) {
    writing =
        Elsewhere.start(() -> {
          long number = 0;
          try (FeedWriter writer = feed.writer()) {
            while (!enough.get()) {
              WritableView view = writer.acquire(30, TimeUnit.SECONDS);
              assertNotNull(view, "no buffer");
              Pattern.put(view, number);
              writer.publish(number++);
            }
          }
          return number;
        });
  }

  /** Ends the feed, and fails if the writer has. */
  @Override
  public void close() {
    enough.set(true);
    writing.result();
  }
}
