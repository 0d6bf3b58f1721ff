package io.entrepot.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.entrepot.contract.ForkedJvm.Run;
import io.entrepot.flow.Broadcast;
import io.entrepot.flow.BufferPool;
import io.entrepot.flow.Feed;
import io.entrepot.flow.Overflow;
import io.entrepot.reach.PoolServer;
import io.entrepot.reach.RemotePool;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.SharedMemoryExporter;
import io.entrepot.sharing.SizeClass;
import io.entrepot.sharing.View;
import io.entrepot.sharing.ViewClosedException;
import io.entrepot.sharing.WritableView;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;

/** C3: a flyweight kept across a re-map sees the new buffer, and throws in the checking mode. */
@InBothForms
class C3CheckedFlyweightsTest {
  private static final String ENABLE = "--enable-native-access=ALL-UNNAMED";

  @Parameter Form form;
  @TempDir Path folder;

  /** Keeps a flyweight of each kind across a re-map and tells what it sees then. */
  public static final class Program {
    private Program() {}

    /** Prints a line for each kind; the reader is at a socket, if one is given by a property. */
    public static void main(String[] arguments) {
      String socket = System.getProperty("socket");
      if (socket == null) {
        try (var pool = BufferPool.offHeap("pool", 64, 4);
            var feed = pool.broadcast("feed")) {
          tell(pool, feed, feed);
        }
        return;
      }
      try (var pool = BufferPool.of(SharedMemoryExporter.named("pool"), new SizeClass(64, 4));
          var feed = pool.broadcast("feed");
          var server = PoolServer.serve(pool, Path.of(socket));
          var remote = RemotePool.connect(server.socket())) {
        tell(pool, feed, remote.feed(feed.name()));
      }
    }

    private static void tell(BufferPool pool, Broadcast feed, Feed reached) {
      try (var owner = pool.open("owner")) {
        WritableView kept = owner.tryAcquire();
        kept.putLong(0, 1);
        owner.release();
        owner.tryAcquire().putLong(0, 2);
        say("owner", kept);
      }
      try (var reader = reached.join("reader", Access.READ, Overflow.BLOCK, 4);
          var port = reader.open();
          var writer = feed.writer()) {
        WritableView written = writer.acquire(1, TimeUnit.SECONDS);
        written.putLong(0, 3);
        writer.publish();
        writer.acquire(1, TimeUnit.SECONDS).putLong(0, 4);
        say("writer", written);
        writer.publish();
        View first = port.next(1, TimeUnit.SECONDS);
        View slice = first.slice(0, 8);
        View second = port.next(1, TimeUnit.SECONDS);
        say("reader", first);
        say("slice", slice);
        say("current", second);
        View kept = port.keep();
        port.next(0, TimeUnit.SECONDS);
        say("keep", kept);
        kept.close();
      }
    }

    private static void say(String kind, View view) {
      try {
        System.out.println(kind + " sees " + view.getLong(0));
      } catch (ViewClosedException closed) {
        System.out.println(kind + " throws");
      }
    }
  }

  private List<String> lines(String... flags) throws Exception {
    List<String> all = new ArrayList<>(List.of(flags));
    all.add(ENABLE);
    if (form == Form.FAR) {
      all.add("-Dsocket=" + folder.resolve("pool"));
    }
    Run run = ForkedJvm.run(Program.class, ForkedJvm.classPath(), all.toArray(String[]::new));
    assertEquals(0, run.exitValue(), run.output());
    return run.output().lines().toList();
  }

  @Test
  void aReferenceThatIsKeptSeesTheNewBuffer() throws Exception {
    assertEquals(
        List.of(
            "owner sees 2",
            "writer sees 4",
            "reader sees 4",
            "slice throws",
            "current sees 4",
            "keep sees 4"),
        lines());
  }

  @Test
  void inTheCheckingModeItThrows() throws Exception {
    assertEquals(
        List.of(
            "owner throws",
            "writer throws",
            "reader throws",
            "slice throws",
            "current sees 4",
            "keep sees 4"),
        lines("-Dentrepot.checked=true"));
  }
}
