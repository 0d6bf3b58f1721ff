package io.entrepot.examples.hello;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;

import io.entrepot.flow.BufferPool;
import io.entrepot.flow.Overflow;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.View;
import io.entrepot.sharing.WritableView;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/** The first thirty lines: one thread writes frames, another reads them where they lie. */
public final class Hello {
  private static final long KIB = 1024;
  private static final long FRAMES = 1000;

  private Hello() {}

  /** Sends a thousand frames and prints what the reader has seen of them. */
  public static void main(String[] args) throws ExecutionException, InterruptedException {
    System.out.println(run(FRAMES));
  }

  static Seen run(long frames) throws ExecutionException, InterruptedException {
    try (var pool = BufferPool.offHeap("frames", 64 * KIB, 256);
        var feed = pool.broadcast("feed")) {
      var reader = feed.join("analyser", Access.READ, Overflow.DROP_OLDEST); // BLOCK loses none
      var reading =
          new FutureTask<>(() -> {
            long count = 0;
            long sum = 0;
            try (var port = reader.open()) { // this thread's lane, cursor and view
              while (port.next(1, SECONDS) instanceof View frame) { // the one before is over
                sum += frame.getLong(0);
                count++;
              } // null: the end, or a second without a frame
            }
            return new Seen(count, sum, reader.dropped());
          });
      Thread.ofPlatform().name("analyser").start(reading);

      try (var writer = feed.writer()) {
        for (long n = 0; n < frames; n++) {
          if (writer.acquire(10, MILLISECONDS) instanceof WritableView slot) {
            slot.putLong(0, n);
            writer.publish(); // to all readers, without a copy
          }
        }
      } // end of stream, behind the frames published so far
      return reading.get();
    }
  }

  /** What the reader has seen; with DROP_OLDEST it may have missed some. */
  record Seen(long frames, long sum, long dropped) {
    @Override
    public String toString() {
      return frames + " frames seen, " + dropped + " dropped, sum " + sum;
    }
  }
}
