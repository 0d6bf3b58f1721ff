package io.entrepot.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.entrepot.flow.BufferPool;
import io.entrepot.internal.memory.ChildJvm;
import io.entrepot.internal.memory.Descriptor;
import io.entrepot.internal.memory.Linux;
import io.entrepot.internal.memory.OpenDescriptors;
import io.entrepot.internal.memory.Seal;
import io.entrepot.internal.memory.SharedMemory;
import io.entrepot.internal.memory.SystemCall;
import io.entrepot.internal.memory.SystemCallException;
import io.entrepot.internal.reach.OpenMemory;
import io.entrepot.internal.sharing.SharedSlabs;
import io.entrepot.sharing.SharedMemoryExporter;
import io.entrepot.sharing.SizeClass;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The program says of pools in other processes what they say of themselves. */
@Timeout(60)
class EntrepotTest {
  /** Other tests of this machine have pools too. */
  private static final String NAME = "seen by " + ProcessHandle.current().pid();

  @TempDir Path folder;

  @BeforeEach
  void hereOnly() {
    assumeTrue(Linux.isAvailable(), "needs Linux on x86-64 or aarch64");
  }

  /** An exporter that has done some things. */
  private ChildJvm holding(String... orders) throws IOException {
    ChildJvm holding = ChildJvm.start(HoldingProcess.class, NAME, socket().toString());
    holding.expect("serving at " + socket());
    for (String order : orders) {
      tell(holding, order);
    }
    return holding;
  }

  private Path socket() {
    return folder.resolve("pool");
  }

  /** What it says on an order. */
  private static List<String> tell(ChildJvm holding, String order) throws IOException {
    holding.say(order);
    List<String> lines = new ArrayList<>();
    for (String line = holding.line(); !line.equals("done"); line = holding.line()) {
      lines.add(line);
    }
    return lines;
  }

  private static String cells(String line) {
    return line.strip().replaceAll(" {2,}", " | ");
  }

  @Test
  void aPoolIsALine() throws Exception {
    try (ChildJvm holding = holding("publish", "publish", "map", "own", "fence")) {
      ToolRun run = ToolRun.of("list");
      assertEquals(0, run.exitValue(), run.errors());
      assertEquals(
          "PID | POOL | SINCE | BUFFERS | SIZES | BYTES | FREE | OWNED | PUBLISHED | RETIRED"
              + " | MOST USED | PEERS",
          cells(run.output().lines().findFirst().orElseThrow()));
      List<String> lines = run.linesWith(NAME);
      assertEquals(1, lines.size(), run.output());
      assertEquals(
          holding.pid()
              + " | "
              + NAME
              + " | SINCE | 16 | 12 x 64 KiB + 4 x 1 MiB | 4.8 MiB | 11 | 3 | 2 | 0 | 0 | 0",
          cells(lines.getFirst())
              .replaceFirst("\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d", "SINCE"));
    }
  }

  /** Names of what is on the heap of the exporter are numbers to those who look from outside. */
  private static String seenFromOutside(String line) {
    return line.replaceAll("port (\\d+) of importer '[^']*' \\(thread '[^']*'\\)", "lane $1")
        .replaceAll("\\d+ ms ago", "some ms ago")
        .replaceAll("(process \\d+) of user \\d+", "$1");
  }

  private static List<String> buffers(List<String> dump) {
    return dump.stream().filter(line -> line.startsWith("  buffer ")).toList();
  }

  @Test
  void aDumpSaysWhatThePoolSaysOfItself() throws Exception {
    try (ChildJvm holding = holding();
        ChildJvm keeping = ChildJvm.start(KeepingProcess.class, socket().toString())) {
      keeping.expect("joined");
      for (String order : List.of("publish", "publish", "publish", "map", "own", "fence")) {
        tell(holding, order);
      }
      keeping.expect("keeping 14");
      List<String> own = tell(holding, "dump");
      ToolRun run = ToolRun.of("dump", Long.toString(holding.pid()));
      assertEquals(0, run.exitValue(), run.errors());
      List<String> seen = run.output().lines().toList();

      assertTrue(
          seen.getFirst().startsWith("pool '" + NAME + "' of process " + holding.pid()),
          run.output());
      assertTrue(
          seen.getFirst().endsWith(": 16 buffers (12 x 64 KiB + 4 x 1 MiB), 10 free"),
          run.output());
      assertEquals(
          "  acquires=6 publishes=3 maps=6 open mappings=3 most used=0", seen.get(1), run.output());

      String peer = "used by process " + keeping.pid();
      String mapped = peer + " mapped for READ by lane 0";
      assertEquals(
          buffers(own).stream().map(EntrepotTest::seenFromOutside).toList(),
          buffers(seen).stream().map(line -> seenFromOutside(line.replace(mapped, peer))).toList(),
          () -> own + "\n" + run.output());
      assertEquals(6, buffers(seen).size(), run.output());
      assertEquals(2, run.linesWith(mapped).size(), run.output());
      assertEquals(1, run.linesWith("fences: READ timeline 0:1").size(), run.output());
      assertEquals(
          own.stream().filter(line -> line.contains("ATTACHES=")).toList(),
          run.linesWith("ATTACHES="));

      assertEquals(run.output().lines().count(), ToolRun.of("dump", NAME).output().lines().count());
      List<String> line = ToolRun.of("list").linesWith(NAME);
      assertTrue(cells(line.getFirst()).endsWith("| 10 | 3 | 3 | 0 | 0 | 1"), line.toString());

      // What a peer's memory said goes with the peer.
      keeping.kill();
      holding.say("publish");
      holding.expect("done");
      while (!OpenMemory.of(holding.pid(), "entrepot peer").isEmpty()) {
        Thread.onSpinWait();
      }
      assertEquals(List.of(), ToolRun.of("dump", NAME).linesWith("process " + keeping.pid()));
    }
  }

  @Test
  void aTableOfRatesFollowsTheOther() throws Exception {
    try (ChildJvm holding = holding("publish")) {
      ToolRun twice = ToolRun.of("top", "--every", "0.1", "--times", "2");
      assertEquals(0, twice.exitValue(), twice.errors());
      assertEquals(2, twice.linesWith(", every 100 ms").size(), twice.output());
      assertEquals(2, twice.linesWith("ACQUIRES/S  PUBLISHES/S  MAPS/S").size(), twice.output());
      String who = holding.pid() + " | " + NAME + " | 16 | 15 | 0 | ";
      assertEquals(
          List.of(who + "- | - | - | 0 | 0 | 0", who + "0.0 | 0.0 | 0.0 | 0 | 0 | 0"),
          twice.linesWith(NAME).stream().map(EntrepotTest::cells).toList());

      Process top =
          ToolRun.start(new ProcessBuilder(ToolRun.command(List.of(), "top", "--every", "0.1")));
      try (var output = top.inputReader()) {
        nextLine(output);
        for (int i = 0; i < 3; i++) {
          tell(holding, "publish");
        }
        // Some look is the first behind the three, and says how many a second that were.
        String[] rates = nextLine(output).split(" \\| ");
        while (Double.parseDouble(rates[6]) == 0) {
          rates = nextLine(output).split(" \\| ");
        }
        assertTrue(Double.parseDouble(rates[5]) > 0, List.of(rates)::toString);
        assertTrue(Double.parseDouble(rates[7]) > 0, List.of(rates)::toString);
      } finally {
        top.destroy();
      }
    }
  }

  /** The next line about our pool, in cells. */
  private static String nextLine(BufferedReader output) throws IOException {
    String line = output.readLine();
    while (!line.contains(NAME)) {
      line = output.readLine();
    }
    return cells(line);
  }

  @Test
  void aTerminalIsDrawnOverAndGivenBack() throws Exception {
    Path script = Path.of("/usr/bin/script");
    assumeTrue(Files.isExecutable(script), "needs script(1) to have a terminal");
    String command =
        ToolRun.command(List.of(), "top", "--every", "0.1").stream()
            .map(word -> "'" + word + "'")
            // Whoever runs this test in the background has the signal of Ctrl-C ignored.
            .collect(Collectors.joining(" ", "env --default-signal=INT ", ""));
    try (ChildJvm holding = holding("publish")) {
      Process terminal =
          ToolRun.start(new ProcessBuilder(script.toString(), "-qefc", command, "/dev/null"));
      try (var output = terminal.inputReader();
          var keys = terminal.outputWriter()) {
        StringBuilder screen = new StringBuilder();
        int tables = 0;
        while (tables < 3) {
          String line = output.readLine();
          screen.append(line).append('\n');
          tables += line.contains(holding.pid() + "  ") ? 1 : 0;
        }
        keys.write(3);
        keys.flush();
        assertTrue(terminal.waitFor(60, TimeUnit.SECONDS), "Ctrl-C ends it");
        for (String line = output.readLine(); line != null; line = output.readLine()) {
          screen.append(line).append('\n');
        }
        assertEquals(128 + 2, terminal.waitFor(), "ended by the signal of Ctrl-C");
        String drawn = screen.toString();
        assertTrue(drawn.startsWith("\033[?25l\033[2J\033[H"), drawn);
        assertTrue(drawn.stripTrailing().endsWith("\033[?25h"), drawn);
        assertEquals(1, drawn.split("\033\\[2J", -1).length - 1, drawn);
        assertTrue(drawn.split("\033\\[H", -1).length - 1 >= 3, drawn);
      } finally {
        terminal.destroyForcibly();
      }
    }
  }

  @Test
  void whatMakesNoSenseIsSaidInOneLine() {
    for (String words :
        List.of(
            "",
            "lst",
            "list x",
            "dump a b",
            "dump --all",
            "top x",
            "top --every",
            "top --every 0",
            "top --every NaN",
            "top --every 3601",
            "top --times 0",
            "top --times 1.5",
            "\033[2J")) {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      ByteArrayOutputStream err = new ByteArrayOutputStream();
      String[] args = words.isEmpty() ? new String[0] : words.split(" ");
      assertEquals(2, Entrepot.run(args, new PrintStream(out), new PrintStream(err)), words);
      assertEquals("", out.toString(), words);
      assertTrue(
          err.toString().matches("entrepot: [^\033\n]+; see entrepot --help\n"), err.toString());
    }
    for (String words : List.of("--help", "-h", "top --help")) {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      assertEquals(0, Entrepot.run(words.split(" "), new PrintStream(out), System.err), words);
      assertTrue(out.toString().startsWith("usage: entrepot list\n"), out.toString());
    }
  }

  @Test
  void aPoolThatIsNotThereIsSaidToBeNone() throws Exception {
    ToolRun run = ToolRun.of("dump", "no such pool");
    assertEquals(1, run.exitValue());
    assertEquals("", run.output());
    assertTrue(run.errors().contains("no pool of process or name 'no such pool'"), run.errors());
  }

  @Test
  void whoMayLookAtNothingSeesNothing() throws Exception {
    assumeTrue(
        "root".equals(System.getProperty("user.name"))
            && Files.isExecutable(Path.of("/usr/bin/setpriv")),
        "needs root and setpriv to be another user");
    try (ChildJvm holding = holding("publish")) {
      assertEquals(1, ToolRun.of("list").linesWith(NAME).size());
      List<String> nobody =
          List.of("/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups");
      for (String command : List.of("list", "dump")) {
        ToolRun run = ToolRun.of(nobody, List.of(), command);
        assertEquals(0, run.exitValue(), run.errors());
        assertEquals("no pool over shared memory that this user may look at\n", run.output());
        assertEquals("", run.errors());
      }
      assertEquals(0, tell(holding, "publish").size(), "goes on");
    }
  }

  /** A memory with any bytes, size and seals, for which {@code SharedMemory} makes none. */
  private static SharedMemory memfd(String name, long byteSize, Seal... seals) {
    try (Arena arena = Arena.ofConfined()) {
      int allowSealing = 2;
      long number = SystemCall.MEMFD_CREATE.call(arena.allocateFrom(name).address(), allowSealing);
      SharedMemory memory = SharedMemory.received(Descriptor.owning((int) number));
      SystemCallException.orThrow(
          SystemCall.FTRUNCATE, name, SystemCall.FTRUNCATE.call(number, byteSize));
      for (Seal seal : seals) {
        memory.seal(seal);
      }
      return memory;
    }
  }

  @Test
  void whatIsNoPoolIsNamedInOneLineAndPassedOver() throws Exception {
    String words = SharedSlabs.WORDS_OF + "odd " + ProcessHandle.current().pid();
    Seal[] sealed = {Seal.SHRINK, Seal.GROW, Seal.FUTURE_WRITE};
    try (BufferPool pool = BufferPool.of(SharedMemoryExporter.named(NAME), new SizeClass(4096, 2));
        SharedMemory empty = memfd(words + " empty", 0, sealed);
        SharedMemory unsealed = memfd(words + " unsealed", 8192);
        SharedMemory growing = memfd(words + " growing", 8192, Seal.SHRINK, Seal.FUTURE_WRITE);
        SharedMemory sparse = memfd(words + " sparse", 8192, sealed);
        SharedMemory huge = memfd(words + " huge", 1L << 50, sealed);
        SharedMemory blank = SharedMemory.create(words + " blank", 8192);
        SharedMemory order = memfd(words + "\033[2J\nx", 8192)) {
      blank.seal(Seal.SHRINK, Seal.GROW, Seal.FUTURE_WRITE);
      ToolRun run = ToolRun.of("list");
      assertEquals(0, run.exitValue(), run.errors());
      assertEquals(1, run.linesWith(NAME).size(), run.output());
      assertEquals(List.of(), run.linesWith("odd " + ProcessHandle.current().pid()));
      List<String> odd = run.errorsWith(words);
      assertEquals(7, odd.size(), run.errors());
      String end = ", descriptor %d of process %d, is passed over: ";
      long self = ProcessHandle.current().pid();
      for (Named named :
          List.of(
              new Named(empty, " empty'", "its 0 bytes are no whole number of words"),
              new Named(unsealed, " unsealed'", "it is not sealed against SHRINK, only []"),
              new Named(growing, " growing'", "it is not sealed against GROW"),
              new Named(sparse, " sparse'", "only 0 of its 8192 bytes are allocated"),
              new Named(huge, " huge'", "its 1125899906842624 bytes are no whole number"),
              new Named(blank, " blank'", "its notice begins with 0x0, which is no pool's"),
              new Named(order, "?[2J?x'", "it is not sealed"))) {
        String expected =
            named.end + String.format(end, named.memory.descriptor().number(), self) + named.why;
        assertEquals(1, run.errorsWith(expected).size(), () -> expected + "\n" + run.errors());
      }
      ToolRun dump = ToolRun.of("dump", NAME);
      assertEquals(7, dump.errorsWith(words).size(), dump.errors());
      assertEquals(1, dump.linesWith("'" + pool.name() + "'").size(), dump.output());
    }
  }

  private record Named(SharedMemory memory, String end, String why) {}

  @Test
  void aCrowdOfOddMemoriesIsCounted() throws Exception {
    List<SharedMemory> crowd = new ArrayList<>();
    try {
      for (int i = 0; i < 100; i++) {
        crowd.add(memfd(SharedSlabs.WORDS_OF + "crowd", 8192));
      }
      ToolRun run = ToolRun.of("list");
      long self = ProcessHandle.current().pid();
      assertEquals(8, run.errorsWith("of process " + self + ", is passed over").size());
      assertEquals(1, run.errorsWith("92 more of process " + self).size(), run.errors());
    } finally {
      crowd.forEach(SharedMemory::close);
    }
  }

  @Test
  void manyPoolsNeedFewDescriptors() throws Exception {
    List<BufferPool> pools = new ArrayList<>();
    try {
      for (int i = 0; i < 200; i++) {
        pools.add(
            BufferPool.of(SharedMemoryExporter.named(NAME + "/" + i), new SizeClass(4096, 2)));
      }
      List<String> limited = List.of("/bin/sh", "-c", "ulimit -n 40 && exec \"$@\"", "sh");
      ToolRun run = ToolRun.of(limited, List.of(), "list");
      assertEquals(0, run.exitValue(), run.errors());
      assertEquals(200, run.linesWith(NAME + "/").size(), run.output());
      assertEquals(List.of(), run.errorsWith(NAME));

      long before = OpenDescriptors.of("entrepot words of " + NAME);
      List<String> names = new ArrayList<>();
      new PoolsInSight()
          .forEach(pool -> {
            if (pool.name().startsWith(NAME)) {
              if (names.size() % 50 == 0) {
                assertEquals(before, OpenDescriptors.of("entrepot words of " + NAME));
              }
              names.add(pool.name());
            }
          });
      assertEquals(200, names.size());
      assertEquals(before, OpenDescriptors.of("entrepot words of " + NAME));
    } finally {
      pools.forEach(BufferPool::close);
    }
  }

  @Test
  void theWordsAreMappedForReadingAndTheDataNotAtAll() throws Exception {
    try (ChildJvm holding = holding("publish")) {
      List<String> mapped = new ArrayList<>();
      new PoolsInSight()
          .forEach(pool -> {
            if (pool.words().pid() == holding.pid()) {
              mapped.addAll(mappings());
            }
          });
      assertEquals(1, mapped.size(), mapped::toString);
      assertTrue(mapped.getFirst().contains(" r--s "), mapped::toString);
      assertTrue(mapped.getFirst().contains(SharedSlabs.WORDS_OF + NAME), mapped::toString);
      assertEquals(List.of(), mappings());
    }
  }

  private static List<String> mappings() {
    try {
      return Files.readAllLines(Path.of("/proc/self/maps")).stream()
          .filter(line -> line.contains(NAME))
          .toList();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aProcessThatMakesNoStepIsSeenToo() throws Exception {
    try (ChildJvm holding = holding("publish", "own")) {
      signal(holding, "-STOP");
      try {
        ToolRun run = ToolRun.of("dump", Long.toString(holding.pid()));
        assertEquals(0, run.exitValue(), run.errors());
        assertEquals(3, buffers(run.output().lines().toList()).size(), run.output());
      } finally {
        signal(holding, "-CONT");
      }
      assertEquals(List.of(), tell(holding, "publish"), "goes on");
    }
  }

  private static void signal(ChildJvm process, String signal) throws Exception {
    String pid = Long.toString(process.pid());
    assertEquals(0, new ProcessBuilder("kill", signal, pid).start().waitFor());
  }

  @Test
  void aProcessThatEndsMeanwhileIsNotThereAnyMore() throws Exception {
    List<OpenMemory> seen;
    try (ChildJvm holding = holding()) {
      seen = OpenMemory.of(holding.pid(), SharedSlabs.WORDS_OF + NAME);
      assertEquals(1, seen.size());
      holding.kill();
    }
    assertNull(seen.getFirst().open());
    assertEquals(List.of(), OpenMemory.of(seen.getFirst().pid(), ""));
  }

  @Test
  void aDescriptorThatLeadsElsewhereMeanwhileIsNotThatMemory() {
    OpenMemory seen;
    String name = SharedSlabs.WORDS_OF + NAME;
    long self = ProcessHandle.current().pid();
    try (BufferPool pool =
        BufferPool.of(SharedMemoryExporter.named(NAME), new SizeClass(4096, 2))) {
      seen = OpenMemory.of(self, name).getFirst();
      assertEquals(pool.name(), NAME);
    }
    try (BufferPool next =
        BufferPool.of(SharedMemoryExporter.named(NAME), new SizeClass(4096, 2))) {
      OpenMemory other = OpenMemory.of(self, name).getFirst();
      assertNull(new OpenMemory(self, other.descriptor(), name, seen.inode()).open(), next::name);
    }
  }

  @Test
  void elsewhereThanOnLinuxItSaysSo() throws Exception {
    ToolRun run =
        ToolRun.of(
            List.of(), List.of("--enable-native-access=ALL-UNNAMED", "-Dos.arch=riscv64"), "list");
    assertEquals(1, run.exitValue());
    assertEquals("", run.output());
    assertEquals(1, run.errors().lines().count(), run.errors());
    assertTrue(run.errors().startsWith("entrepot: sharing memory across processes needs Linux"));
  }

  @Test
  void deniedNativeAccessIsSaidInOneSentence() throws Exception {
    ToolRun run = ToolRun.of(List.of(), List.of("--illegal-native-access=deny"), "list");
    assertEquals(1, run.exitValue());
    assertEquals(1, run.errors().lines().count(), run.errors());
    assertTrue(run.errors().contains("needs native access, which this JVM denies"), run.errors());
  }
}
