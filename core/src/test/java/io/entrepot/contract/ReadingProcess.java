package io.entrepot.contract;

import io.entrepot.flow.FeedReader;
import io.entrepot.flow.FramePort;
import io.entrepot.flow.Overflow;
import io.entrepot.reach.RemotePool;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.View;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A process that imports a pool and reads a feed: {@code SOCKET FEED OVERFLOW KEPT}.
 *
 * <p>It says {@code joined}; then it keeps so many frames mapped, says {@code keeping} and waits
 * for its input to end. After that it reads on to the end of the feed, and says {@code read} and
 * how many frames, if all of them had the pattern that {@link Pattern} puts into them.
 */
final class ReadingProcess {
  private ReadingProcess() {}

  public static void main(String[] args) throws Exception {
    try (RemotePool pool = RemotePool.connect(Path.of(args[0]))) {
      FeedReader reader = pool.feed(args[1]).join("reader", Access.READ, Overflow.valueOf(args[2]));
      System.out.println("joined");
      try (FramePort port = reader.open()) {
        long count = 0;
        List<View> kept = new ArrayList<>();
        while (kept.size() < Integer.parseInt(args[3])
            && port.next(30, TimeUnit.SECONDS) instanceof View frame) {
          Pattern.check(frame, port.sequence());
          kept.add(port.keep());
          count++;
        }
        if (!kept.isEmpty()) {
          System.out.println("keeping");
          while (System.in.read() >= 0) {
            // Until the test closes it.
          }
          kept.forEach(View::close);
        }
        while (port.next(30, TimeUnit.SECONDS) instanceof View frame) {
          Pattern.check(frame, port.sequence());
          count++;
        }
        System.out.println("read " + count);
      }
      reader.close();
    }
  }
}
