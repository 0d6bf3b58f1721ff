package io.entrepot.chaos;

import io.entrepot.flow.FeedReader;
import io.entrepot.flow.FramePort;
import io.entrepot.flow.Overflow;
import io.entrepot.reach.RemotePool;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.Importer;
import io.entrepot.sharing.RevokedException;
import io.entrepot.sharing.SharedBuffer;
import io.entrepot.sharing.View;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * A process that has a view mapped, one kept and a reference, and looks at the view for as long as
 * it may: {@code SOCKET FEED OVERFLOW}.
 *
 * <p>Orders: {@code look}. It says {@code looking}; when it is told that all of it was taken back,
 * it tries what it must not be able to any more, leaves, and says {@code harmless}.
 */
final class StoppedProcess {
  /** How its importer is called. */
  static final String NAME = "sleeper";

  private static final int DEPTH = 4;

  private StoppedProcess() {}

  public static void main(String[] args) {
    Child.obey(words -> look(Path.of(args[0]), args[1], Overflow.valueOf(args[2])));
  }

  private static void look(Path socket, String name, Overflow overflow) {
    RemotePool pool = RemotePool.connect(socket);
    FeedReader reader = pool.feed(name).join(NAME, Access.READ, overflow, DEPTH);
    Stamp stamp = new Stamp(pool.name(), name);
    try (FramePort port = reader.open()) {
      check(stamp, port, port.next(60, TimeUnit.SECONDS));
      View kept = port.keep();
      check(stamp, port, port.next(60, TimeUnit.SECONDS));
      SharedBuffer held = port.hold();
      View view = port.next(60, TimeUnit.SECONDS);
      check(stamp, port, view);
      Child.say("looking");
      lookUntilTold(view);
      requireRevoked(() -> kept.getLong(0));
      requireRevoked(() -> port.port().map(held));
      requireRevoked(() -> port.next(1, TimeUnit.SECONDS));
      if (pool.isConnected()) {
        throw new AssertionError(pool + " is there for one that was cut off");
      }
      requireToldOfTheEnd(pool);
      held.close();
      kept.close();
    }
    reader.close();
    pool.close();
    Child.say("harmless");
  }

  private static void check(Stamp stamp, FramePort port, View view) {
    if (view == null) {
      throw new AssertionError("no frame came");
    }
    stamp.check(view, port.sequence());
  }

  /** Until it is told, what it sees may be of whatever frame: nobody waits for it any more. */
  private static void lookUntilTold(View view) {
    try {
      for (long at = 0; ; at = (at + Long.BYTES) % view.byteSize()) {
        view.getLong(at);
      }
    } catch (RevokedException told) {
      // As it shall be.
    }
  }

  private static void requireRevoked(Runnable use) {
    try {
      use.run();
    } catch (RevokedException told) {
      return;
    }
    throw new AssertionError("it could be used after it was revoked");
  }

  private static void requireToldOfTheEnd(RemotePool pool) {
    try {
      pool.attach(Importer.viewing("again", Access.READ));
    } catch (IllegalStateException told) {
      return;
    }
    throw new AssertionError("it could attach after it was cut off");
  }
}
