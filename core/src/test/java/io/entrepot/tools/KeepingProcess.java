package io.entrepot.tools;

import io.entrepot.flow.FeedReader;
import io.entrepot.flow.FramePort;
import io.entrepot.flow.Overflow;
import io.entrepot.reach.RemotePool;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.View;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * A process that imports a pool: {@code SOCKET}. It says {@code joined}, keeps two frames of the
 * feed mapped, says {@code keeping}, and waits for its input to end.
 */
final class KeepingProcess {
  private KeepingProcess() {}

  public static void main(String[] args) throws Exception {
    try (RemotePool pool = RemotePool.connect(Path.of(args[0]));
        FeedReader reader = pool.feed("feed").join("reader", Access.READ, Overflow.BLOCK);
        FramePort port = reader.open()) {
      System.out.println("joined");
      port.next(30, TimeUnit.SECONDS);
      try (View first = port.keep()) {
        View second = port.next(30, TimeUnit.SECONDS);
        System.out.println("keeping " + (first.getLong(0) + second.getLong(0)));
        while (System.in.read() >= 0) {
          // Until the test closes it.
        }
      }
    }
  }
}
