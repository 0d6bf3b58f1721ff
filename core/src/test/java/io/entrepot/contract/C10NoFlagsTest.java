package io.entrepot.contract;

import static io.entrepot.contract.ForkedJvm.classPath;
import static io.entrepot.contract.ForkedJvm.modulePath;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.contract.ForkedJvm.Run;
import io.entrepot.flow.BufferPool;
import io.entrepot.flow.Overflow;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.View;
import io.entrepot.sharing.WritableView;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** C10: a plain JDK runs the library, and where native access is denied one sentence says so. */
class C10NoFlagsTest {
  private static final String DONE = "42 frames arrived";

  /** What the JVMs of this test run: the heart of the library, once. */
  public static final class Program {
    private Program() {}

    /** Sends frames to a reader, revokes it and closes everything. */
    public static void main(String[] arguments) {
      long sum = 0;
      try (var pool = BufferPool.offHeap("frames", 4096, 8);
          var feed = pool.broadcast("feed");
          var reader = feed.join("reader", Access.READ, Overflow.DROP_OLDEST);
          var port = reader.open();
          var writer = feed.writer();
          var timeline = pool.sync().timeline("t")) {
        for (int i = 0; i < 42; i++) {
          WritableView slot = writer.acquire(1, TimeUnit.SECONDS);
          slot.putInt(0, 1);
          writer.publish();
          View frame = port.next(1, TimeUnit.SECONDS);
          sum += frame.getInt(0);
        }
        timeline.signal(timeline.issue());
        pool.revoke(reader.attachment(), java.time.Duration.ZERO);
      }
      System.out.println(sum + " frames arrived");
    }
  }

  private static Run run(List<String> path, String... flags)
      throws IOException, InterruptedException {
    return ForkedJvm.run(Program.class, path, flags);
  }

  @Test
  void aPlainJdkRunsItFromTheClassPathAndFromTheModulePath() throws Exception {
    for (List<String> path : List.of(classPath(), modulePath())) {
      Run run = run(path);
      assertEquals(0, run.exitValue(), run.output());
      assertTrue(run.output().contains(DONE), run.output());
      assertFalse(run.output().contains("sun.misc.Unsafe"), run.output());
    }
  }

  @Test
  void withNativeAccessEnabledTheJvmSaysNothing() throws Exception {
    Run onClassPath = run(classPath(), "--enable-native-access=ALL-UNNAMED");
    assertEquals(DONE, onClassPath.output().strip());
    Run onModulePath = run(modulePath(), "--enable-native-access=io.entrepot");
    assertEquals(DONE, onModulePath.output().strip());
    Run strict =
        run(modulePath(), "--enable-native-access=io.entrepot", "--illegal-native-access=deny");
    assertEquals(DONE, strict.output().strip());
  }

  @Test
  void whereNativeAccessIsDeniedOneSentenceNamesTheFlag() throws Exception {
    for (List<String> path : List.of(classPath(), modulePath())) {
      Run run = run(path, "--illegal-native-access=deny");
      assertNotEquals(0, run.exitValue());
      List<String> said =
          run.output().lines().filter(line -> line.contains("--enable-native-access")).toList();
      assertEquals(1, said.size(), run.output());
      assertTrue(said.getFirst().contains("IllegalStateException: Entrepot needs native access"));
      assertTrue(said.getFirst().contains("--enable-native-access=io.entrepot (module path)"));
      assertTrue(said.getFirst().contains("--enable-native-access=ALL-UNNAMED (class path)"));
      assertFalse(run.output().contains("ExceptionInInitializerError"), run.output());
      assertFalse(run.output().contains("NoClassDefFoundError"), run.output());
    }
  }
}
