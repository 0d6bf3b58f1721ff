package io.entrepot.examples.video;

import static java.nio.file.StandardWatchEventKinds.ENTRY_CREATE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.WatchService;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The pipeline over three processes does what it does in one, and goes on without one of them. */
@EnabledOnOs(value = OS.LINUX, disabledReason = "processes share pools on Linux only")
class VideoProcessesTest {
  private static final int FRAMES = 75;
  private static final long DANGER_AT = 30;

  @TempDir Path directory;

  private Path lossless(String format, double seconds) {
    return SampleVideo.write(
        directory.resolve("lossless.mkv"),
        "ffv1",
        "testsrc2=size=322x242:rate=25:duration=" + seconds + ",format=" + format,
        Map.of());
  }

  private TestRun run(Path file, Workplace.Opening workplace) {
    return run(file, workplace, 10);
  }

  private TestRun run(Path file, Workplace.Opening workplace, int patienceSeconds) {
    return TestRun.with(
        directory.resolve("out"),
        workplace,
        "video",
        file.toString(),
        "video.patience",
        Integer.toString(patienceSeconds));
  }

  private static JsonNode process(JsonNode report, String name) {
    for (JsonNode process : report.get("processes")) {
      if (process.get("name").asText().equals(name)) {
        return process;
      }
    }
    throw new AssertionError("no " + name + " in " + report.get("processes"));
  }

  private static void assertAllCameBack(JsonNode report) {
    assertEquals(report.get("slots"), report.get("slotsFreeAtEnd"));
    assertEquals(report.get("frames"), report.get("framesInPool"));
    assertEquals(0, report.get("bytesCopied").asLong());
  }

  private static void assertFinished(JsonNode process, int frames) {
    assertEquals("FINISHED", process.get("end").asText());
    assertEquals(frames, process.get("frames").asInt());
    assertEquals(process.get("leases"), process.get("leasesReturned"));
  }

  // ---------------------------------------------------------------- whole runs

  @Test
  void theClipRunsInThreeProcessesWithTheSameReport() throws Exception {
    Path sockets = Files.createDirectory(directory.resolve("tmp"));
    Process decoder = decoder(sockets);
    String out = new String(decoder.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, decoder.waitFor(), out);
    JsonNode report =
        new ObjectMapper().readTree(directory.resolve("out").resolve("report.json").toFile());
    assertEquals(280, report.get("frames").asInt());
    assertAllCameBack(report);
    assertEquals(
        List.of(0, 50, 80, 140, 190, 230),
        report.get("cuts").findValues("frame").stream().map(JsonNode::asInt).toList());
    assertEquals(report.get("leases"), report.get("leasesReturned"));
    assertEquals(2 * 280, report.get("leases").asInt(), "of the decoder and of the transcoder");
    assertEquals(280, report.get("framesEncoded").asInt());
    assertFinished(process(report, "analyser"), 280);
    assertFinished(process(report, "transcoder"), 280);
    assertTrue(report.get("latencyUs").has("analyse") && report.get("latencyUs").has("encode"));
    String page = Files.readString(directory.resolve("out").resolve("report.html"));
    assertTrue(page.contains("<td>" + process(report, "analyser").get("pid") + "</td>"));
    assertTrue(!page.contains("Lost:") && !page.contains("{{"), "all went well");
    try (var left = Files.list(sockets)) {
      assertEquals(List.of(), left.toList());
    }
  }

  @Test
  void theTranscoderReadsWhatTheDecoderHasWritten() throws IOException {
    // What encodes this loses nothing, so that each byte can be compared.
    Path file = lossless("yuv444p10", 1);
    TestRun run = run(file, InProcesses.saying(System.out));
    assertEquals("", run.err());
    assertEquals(0, run.exitCode());
    assertAllCameBack(run.report());
    assertEquals(PlainDecode.checksums(file), PlainDecode.checksums(run.transcoded()));
  }

  /**
   * The first decoder writes again to frames that it has given out, if it thinks that nobody has
   * them; what the second gives out is copied into the pool, and converted from there.
   */
  @ParameterizedTest
  @CsvSource({"animation.gif, gif, rgb8", "upwards.avi, rawvideo, bgr24"})
  void inProcessesItIsAsInThreads(String name, String encoder, String format) throws IOException {
    Path file =
        SampleVideo.write(
            directory.resolve(name),
            encoder,
            "testsrc2=size=322x242:rate=25:duration=1.2,format=" + format,
            Map.of());
    TestRun inThreads = run(file, InThreads.with(List.of()));
    assertEquals(0, inThreads.exitCode(), inThreads.err());
    JsonNode expected = inThreads.report();
    List<Long> checksums = PlainDecode.checksums(inThreads.transcoded());
    TestRun inProcesses = run(file, InProcesses.saying(System.out));
    assertEquals(0, inProcesses.exitCode(), inProcesses.err());
    assertEquals(checksums, PlainDecode.checksums(inProcesses.transcoded()));
    JsonNode report = inProcesses.report();
    for (String same :
        List.of(
            "frames",
            "framesInPool",
            "framesCopied",
            "bytesCopied",
            "conversions",
            "framesEncoded",
            "slots",
            "slotsFreeAtEnd",
            "leases",
            "leasesReturned",
            "pools",
            "cuts")) {
      assertEquals(expected.get(same), report.get(same), same);
    }
  }

  @Test
  void eachResolutionHasAPoolAndASocketOfItsOwn() throws IOException {
    Path changing = directory.resolve("changing.h264");
    for (String size : List.of("322x242", "640x360", "322x242")) {
      Path part =
          SampleVideo.write(
              directory.resolve(size + ".h264"),
              "libopenh264",
              "testsrc2=size=" + size + ":rate=25:duration=0.4,format=yuv420p",
              Map.of());
      Files.write(
          changing, Files.readAllBytes(part), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }
    TestRun run = run(changing, InProcesses.saying(System.out));
    assertEquals("", run.err());
    assertEquals(0, run.exitCode());
    JsonNode report = run.report();
    assertAllCameBack(report);
    assertEquals(2, report.get("pools").size(), "the first pool is used again");
    assertEquals(30, process(report, "analyser").get("frames").asInt());
    assertEquals(30, PlainDecode.checksums(run.transcoded()).size());
    assertEquals(10, report.get("conversions").get("640x360 yuv420p to 322x242 yuv420p").asInt());
  }

  // ---------------------------------------------------------------- killed

  @Test
  void whenTheAnalyserIsKilledTheOthersGoOn() throws IOException {
    Path file = lossless("yuv420p", FRAMES / 25.0);
    TestRun run =
        run(file, DangerousWorkplace.with(DANGER_AT, Process::destroyForcibly, "analyser"));
    JsonNode report = goesOnWithout("analyser", "transcoder", run);
    assertEquals(FRAMES, report.get("framesEncoded").asInt());
    assertEquals(FRAMES, PlainDecode.checksums(run.transcoded()).size());
  }

  @Test
  void whenTheTranscoderIsKilledTheOthersGoOn() throws IOException {
    Path file = lossless("yuv420p", FRAMES / 25.0);
    TestRun run =
        run(file, DangerousWorkplace.with(DANGER_AT, Process::destroyForcibly, "transcoder"));
    JsonNode report = goesOnWithout("transcoder", "analyser", run);
    assertEquals(FRAMES, report.get("latencyUs").get("analyse").get("count").asInt());
    assertTrue(report.get("framesEncoded").asInt() < DANGER_AT);
  }

  @Test
  void whoIsKilledDidNotFailAndWhoCrashesDid() {
    assertEquals(new Ending(RunReport.End.KILLED, "was killed by signal 15"), Ending.of(143));
    assertEquals(new Ending(RunReport.End.FAILED, "crashed by signal 11"), Ending.of(139));
    assertEquals(new Ending(RunReport.End.FAILED, "ended with exit value 0"), Ending.of(0));
  }

  private JsonNode goesOnWithout(String killed, String survivor, TestRun run) throws IOException {
    assertEquals(0, run.exitCode(), run.err());
    JsonNode report = run.report();
    assertEquals(FRAMES, report.get("frames").asInt());
    assertAllCameBack(report);
    assertFinished(process(report, survivor), FRAMES);
    assertLost("KILLED", "was killed by signal 9", process(report, killed), run);
    return report;
  }

  private static void assertLost(String end, String how, JsonNode lost, TestRun run)
      throws IOException {
    assertEquals(end, lost.get("end").asText());
    assertEquals(how, lost.get("how").asText());
    assertTrue(lost.get("frames").asInt() < DANGER_AT, lost::toString);
    assertTrue(lost.get("published").asInt() < FRAMES, "it is known soon: " + lost);
    String sentence =
        "the " + lost.get("name").asText() + ", process " + lost.get("pid") + ", " + how + " after";
    assertEquals(1, run.err().lines().count(), run.err());
    assertTrue(run.err().startsWith("video: " + sentence), run.err());
    assertTrue(Files.readString(run.output().resolve("report.html")).contains(sentence));
  }

  @Test
  void whenAnImporterStandsStillTheOthersGoOnInTheEnd() throws IOException {
    Path file = lossless("yuv420p", FRAMES / 25.0);
    TestRun run =
        run(file, DangerousWorkplace.with(DANGER_AT, VideoProcessesTest::stop, "transcoder"), 4);
    assertEquals(1, run.exitCode(), run.err());
    JsonNode report = run.report();
    assertAllCameBack(report);
    assertFinished(process(report, "analyser"), FRAMES);
    assertLost("FAILED", "failed: stands still", process(report, "transcoder"), run);
  }

  private static void stop(Process process) {
    try {
      new ProcessBuilder("kill", "-STOP", Long.toString(process.pid())).start().waitFor();
      while (!isStopped(process)) {
        Thread.onSpinWait();
      }
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** Whether all threads stand: each goes on until it has seen the signal. */
  private static boolean isStopped(Process process) throws IOException {
    try (Stream<Path> threads = Files.list(Path.of("/proc/" + process.pid() + "/task"))) {
      for (Path thread : threads.toList()) {
        String stat = Files.readString(thread.resolve("stat"));
        if (stat.charAt(stat.lastIndexOf(')') + 2) != 'T') {
          return false;
        }
      }
      return true;
    } catch (NoSuchFileException endedMeanwhile) {
      return false;
    }
  }

  @Test
  void whenBothAreKilledTheRunEndsAndLeavesNothing() {
    Path file = lossless("yuv420p", FRAMES / 25.0);
    TestRun run =
        run(
            file,
            DangerousWorkplace.with(DANGER_AT, Process::destroyForcibly, "analyser", "transcoder"));
    assertEquals(1, run.exitCode());
    assertEquals(1, run.err().lines().count(), run.err());
    assertTrue(run.err().startsWith("video: nobody is left to work on the frames"), run.err());
    assertTrue(run.err().contains("the analyser, process"), run.err());
    assertTrue(run.err().contains("the transcoder, process"), run.err());
    assertFalse(Files.exists(run.output()));
  }

  @Test
  void anImporterThatFailsSaysWhyAndTheOthersGoOn() throws IOException {
    Path nowhere = directory.resolve("nowhere").resolve("transcoded.mkv");
    Path file = lossless("yuv420p", 1);
    TestRun run =
        run(
            file,
            (options, transcoded, log, failure) ->
                InProcesses.saying(System.out).open(options, nowhere, log, failure));
    assertEquals(1, run.exitCode());
    assertTrue(run.err().contains("failed: cannot create '" + nowhere + "'"), run.err());
    assertAllCameBack(run.report());
    assertFinished(process(run.report(), "analyser"), 25);
  }

  @Test
  void whenTheDecoderFailsTheImportersAreEnded() throws IOException {
    Path file = lossless("yuv420p", FRAMES / 25.0);
    byte[] whole = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(whole, whole.length / 2));
    List<Process> importers = new ArrayList<>();
    TestRun run = run(file, DangerousWorkplace.with(1, importers::add, "analyser", "transcoder"));
    assertEquals(1, run.exitCode());
    assertEquals(1, run.err().lines().count(), run.err());
    assertTrue(run.err().contains("is broken: it ends after "), run.err());
    assertFalse(Files.exists(run.output()));
    assertEquals(2, importers.size());
    importers.forEach(importer -> assertFalse(importer.isAlive()));
  }

  @Test
  void whenTheDecoderIsKilledTheImportersEndByThemselves() throws Exception {
    Path partial = directory.resolve("out.partial");
    try (WatchService watch = directory.getFileSystem().newWatchService()) {
      Process decoder = decoder(directory);
      try (BufferedReader said = decoder.inputReader(StandardCharsets.UTF_8)) {
        Matcher numbers =
            Pattern.compile("processes: decoder \\d+, analyser (\\d+), transcoder (\\d+)")
                .matcher(said.readLine());
        assertTrue(numbers.matches());
        List<ProcessHandle> importers =
            List.of(
                ProcessHandle.of(Long.parseLong(numbers.group(1))).orElseThrow(),
                ProcessHandle.of(Long.parseLong(numbers.group(2))).orElseThrow());
        partial.register(watch, ENTRY_CREATE);
        if (!Files.exists(partial.resolve(PipelineRun.TRANSCODED))) {
          assertNotNull(watch.poll(60, TimeUnit.SECONDS), "nothing is transcoded");
        }
        decoder.destroyForcibly();
        for (ProcessHandle importer : importers) {
          importer.onExit().get(30, TimeUnit.SECONDS);
        }
      }
    }
  }

  /** The program, in a JVM of its own; its errors come with its output. */
  private Process decoder(Path sockets) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--enable-native-access=ALL-UNNAMED",
            "-Djava.io.tmpdir=" + sockets,
            "-Dvideo.output=" + directory.resolve("out"),
            "-cp",
            System.getProperty("java.class.path"),
            VideoProcesses.class.getName())
        .redirectErrorStream(true)
        .start();
  }
}
