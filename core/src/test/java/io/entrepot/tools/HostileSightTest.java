package io.entrepot.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.entrepot.flow.BufferPool;
import io.entrepot.internal.memory.ChildJvm;
import io.entrepot.internal.memory.FilesOfOnesOwn;
import io.entrepot.internal.memory.Linux;
import io.entrepot.internal.memory.SharedMemory;
import io.entrepot.internal.memory.Unprivileged;
import io.entrepot.internal.reach.OpenMemory;
import io.entrepot.internal.reach.OwnNumber;
import io.entrepot.internal.sharing.SharedSlabs;
import io.entrepot.sharing.SharedMemoryExporter;
import io.entrepot.sharing.SizeClass;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whoever looks from outside waits for nobody, and says right whose a pool is. */
@Timeout(60)
class HostileSightTest {
  private static final long SELF = ProcessHandle.current().pid();
  private static final String NAME = "odd sight " + SELF;
  private static final String WORDS = SharedSlabs.WORDS_OF + NAME;
  private static final Duration LIMIT = Duration.ofSeconds(30);

  @TempDir Path folder;

  @BeforeEach
  void hereOnly() {
    assumeTrue(Linux.isAvailable(), "needs Linux on x86-64 or aarch64");
  }

  private static String link(int descriptor) throws IOException {
    return Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor)).toString();
  }

  @Test
  void whatOnlyHasANameOfOursIsNeitherWaitedForNorShown() throws Exception {
    String name = "memfd:" + WORDS + " (deleted)";
    try (FilesOfOnesOwn own = new FilesOfOnesOwn(folder)) {
      int[] odd = {own.pipe(name), own.regular(name), own.silent(name)};
      for (int descriptor : odd) {
        assertEquals("/" + name, link(descriptor), "says what a memory of a pool says");
      }
      try (BufferPool pool =
          BufferPool.of(SharedMemoryExporter.named(NAME), new SizeClass(4096, 2))) {
        List<OpenMemory> seen = assertTimeoutPreemptively(LIMIT, () -> OpenMemory.of(SELF, WORDS));
        assertEquals(1, seen.size(), seen::toString);
        for (String command : List.of("list", "dump")) {
          ToolRun run = assertTimeoutPreemptively(LIMIT, () -> ToolRun.of(command));
          assertEquals(0, run.exitValue(), run.errors());
          assertEquals(1, run.linesWith(pool.name()).size(), run.output());
          assertEquals(List.of(), run.errorsWith(NAME));
        }
        OpenMemory memory = seen.getFirst();
        try (SharedMemory opened = memory.open()) {
          assertNotNull(opened);
        }
        // Its descriptor closed and another file opened by that number, just behind the look.
        for (int descriptor : odd) {
          OpenMemory moved = new OpenMemory(SELF, descriptor, memory.name(), memory.inode());
          assertNull(assertTimeoutPreemptively(LIMIT, moved::open));
        }
      }
    }
  }

  /** A launcher whose command has a pid namespace of its own, and is the first process there. */
  private static List<String> container() throws InterruptedException {
    List<String> contained =
        Unprivileged.isRoot()
            ? List.of("unshare", "--pid", "--fork", "--kill-child")
            : List.of("unshare", "--user", "--map-root-user", "--pid", "--fork", "--kill-child");
    assumeTrue(isDone(contained, "true"), "needs unshare(1), allowed to make a pid namespace");
    return contained;
  }

  private static boolean isDone(List<String> launcher, String command) throws InterruptedException {
    try {
      List<String> words = new ArrayList<>(launcher);
      words.add(command);
      return new ProcessBuilder(words).start().waitFor() == 0;
    } catch (IOException noSuchCommand) {
      return false;
    }
  }

  @Test
  void aPoolOfAContainerIsItsProcess() throws Exception {
    List<String> container = container();
    Path socket = folder.resolve("pool");
    try (ChildJvm holding =
            ChildJvm.start(container, HoldingProcess.class, NAME, socket.toString());
        ChildJvm keeping = keeping(holding, socket)) {
      keeping.expect("joined");
      for (int i = 0; i < 2; i++) {
        holding.say("publish");
        holding.expect("done");
      }
      keeping.expect("keeping 14");
      // What was started is the launcher; the process with the pool is its child.
      long exporter =
          ProcessHandle.of(holding.pid()).orElseThrow().children().findFirst().orElseThrow().pid();
      assertEquals(new OwnNumber(exporter, 1, true), OwnNumber.of(exporter));
      List<OpenMemory> words = OpenMemory.of(exporter, WORDS);
      assertEquals(1, words.size());
      // Open here too, as on its way to an importer; most of the time this process is the older
      // one.
      try (SharedMemory here = words.getFirst().open()) {
        assertNotNull(here);
        ToolRun list = ToolRun.of("list");
        assertEquals(1, list.linesWith(NAME).size(), list.output());
        String line = list.linesWith(NAME).getFirst().strip();
        assertTrue(line.startsWith(exporter + " "), line);
        assertTrue(line.endsWith(" 1"), "one peer: " + line);
        ToolRun dump = ToolRun.of("dump", Long.toString(exporter));
        String who = "pool '" + NAME + "' of process " + exporter + " (1 in its container) since ";
        assertEquals(1, dump.linesWith(who).size(), dump.output());
        String peer = "used by a process outside the container of process " + exporter + " mapped";
        assertEquals(2, dump.linesWith(peer).size(), dump.output());
        assertEquals(1, ToolRun.of("dump", "1").exitValue(), "that is another process here");
      }
    }
  }

  private static ChildJvm keeping(ChildJvm holding, Path socket) throws IOException {
    holding.expect("serving at " + socket);
    return ChildJvm.start(KeepingProcess.class, socket.toString());
  }

  @Test
  void aProcessThatIsInNoContainerIsKnownByItsNumber() {
    OwnNumber here = OwnNumber.of(SELF);
    assertEquals(SELF, here.own());
    assertEquals(Long.toString(SELF), here.toString());
    assertEquals("process 7", here.known(7));
    OwnNumber inside = new OwnNumber(4711, 1, true);
    assertEquals("4711 (1 in its container)", inside.toString());
    assertEquals("process 7 in the container of process 4711", inside.known(7));
    assertEquals(
        new OwnNumber(Long.MAX_VALUE, Long.MAX_VALUE, false), OwnNumber.of(Long.MAX_VALUE));
  }
}
