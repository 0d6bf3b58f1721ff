package io.entrepot.examples.video;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the decoder writes into slots is what it writes into its own memory. */
class PoolDecodingTest {
  private static final String PICTURES = "testsrc2=size=322x242:rate=25:duration=1.2,format=";

  @TempDir Path directory;

  private Path clip() throws IOException {
    Path clip = directory.resolve("clip.mp4");
    try (InputStream packed = VideoPipeline.class.getResourceAsStream("clip.mp4")) {
      Files.copy(packed, clip);
    }
    return clip;
  }

  private Path sample(String name) throws IOException {
    Path file = directory.resolve(name);
    return switch (name) {
      case "h264.mp4" -> clip();
      case "mpeg4.avi" -> SampleVideo.write(file, "mpeg4", PICTURES + "yuv420p", Map.of("bf", "2"));
      case "vp9.webm" ->
          SampleVideo.write(
              file,
              "libvpx-vp9",
              PICTURES + "yuv420p",
              Map.of("deadline", "realtime", "cpu-used", "8", "b", "300k"));
      case "mjpeg.mov" -> SampleVideo.write(file, "mjpeg", PICTURES + "yuvj422p", Map.of());
      case "ffv1.mkv" -> SampleVideo.write(file, "ffv1", PICTURES + "yuv444p10", Map.of());
      // These two write again to the frame that they gave out last, unless somebody has it.
      case "animation.gif" -> SampleVideo.write(file, "gif", PICTURES + "rgb8", Map.of());
      case "screen.mov" -> SampleVideo.write(file, "qtrle", PICTURES + "rgb24", Map.of());
      case "packed.avi" -> SampleVideo.write(file, "rawvideo", PICTURES + "yuyv422", Map.of());
      case "upwards.avi" -> SampleVideo.write(file, "rawvideo", PICTURES + "bgr24", Map.of());
      default -> throw new IllegalArgumentException(name);
    };
  }

  private JsonNode runsRight(Path file, String threads) throws IOException {
    ChecksumReader reader = new ChecksumReader();
    TestRun run =
        TestRun.with(
            directory.resolve("out"),
            List.of(reader),
            "video",
            file.toString(),
            "video.threads",
            threads);
    assertEquals("", run.err());
    assertEquals(0, run.exitCode());
    List<Long> expected = PlainDecode.checksums(file);
    assertTrue(expected.size() >= 25, "frames decoded: " + expected.size());
    assertEquals(expected, reader.checksums());
    JsonNode report = run.report();
    assertEquals(expected.size(), report.get("frames").asInt());
    assertEquals(report.get("leases"), report.get("leasesReturned"));
    assertEquals(report.get("slots"), report.get("slotsFreeAtEnd"));
    assertTrue(report.get("maxSlotsInUse").asInt() <= report.get("slots").asInt());
    assertEquals(expected.size(), PlainDecode.checksums(run.transcoded()).size());
    return report;
  }

  @ParameterizedTest
  @CsvSource({
    "h264.mp4, 1",
    "h264.mp4, 4",
    "mpeg4.avi, 1",
    "mpeg4.avi, 4",
    "vp9.webm, 1",
    "vp9.webm, 4",
    "mjpeg.mov, 1",
    "mjpeg.mov, 4",
    "ffv1.mkv, 1",
    "ffv1.mkv, 4",
    "animation.gif, 1",
    "screen.mov, 1"
  })
  void everyFrameIsDecodedIntoThePoolAndNoneIsCopied(String name, String threads)
      throws IOException {
    JsonNode report = runsRight(sample(name), threads);
    assertEquals(report.get("frames"), report.get("framesInPool"));
    assertEquals(0, report.get("bytesCopied").asLong());
    assertTrue(report.get("framesCopied").isEmpty());
  }

  @ParameterizedTest
  @CsvSource({"packed.avi", "upwards.avi"})
  void codecsWithoutDirectRenderingAreCopiedAndTheReportSaysWhy(String name) throws IOException {
    JsonNode report = runsRight(sample(name), "2");
    assertEquals(0, report.get("framesInPool").asInt());
    assertEquals(
        report.get("frames"),
        report.get("framesCopied").get("decoder rawvideo has no direct rendering"));
    int bytesPerPixel = name.equals("packed.avi") ? 2 : 3;
    assertEquals(
        report.get("frames").asLong() * 322 * 242 * bytesPerPixel,
        report.get("bytesCopied").asLong());
    assertEquals(1, report.get("conversions").size(), "no encoder takes these formats");
  }

  @ParameterizedTest
  @CsvSource({"1", "4"})
  void aChangeOfResolutionGetsAPoolOfItsOwn(String threads) throws IOException {
    Path changing = directory.resolve("changing.h264");
    for (String size : List.of("322x242", "640x360", "322x242")) {
      Path part =
          SampleVideo.write(
              directory.resolve(size + ".h264"),
              "libopenh264",
              "testsrc2=size=" + size + ":rate=25:duration=0.6,format=yuv420p",
              Map.of());
      Files.write(
          changing, Files.readAllBytes(part), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }
    JsonNode report = runsRight(changing, threads);
    assertEquals(report.get("frames"), report.get("framesInPool"));
    assertEquals(0, report.get("bytesCopied").asLong());
    assertEquals(2, report.get("pools").size(), "the first pool is used again");
    assertEquals(15, report.get("conversions").get("640x360 yuv420p to 322x242 yuv420p").asInt());
  }

  @Test
  void aPoolThatIsJustLargeEnoughMakesTheDecoderWaitAndLosesNothing() throws IOException {
    Path clip = clip();
    ChecksumReader reader = new ChecksumReader();
    TestRun run =
        TestRun.with(
            directory.resolve("out"),
            List.of(reader),
            "video",
            clip.toString(),
            "video.threads",
            "1",
            "video.slots",
            "6");
    assertEquals(0, run.exitCode(), run.err());
    assertEquals(PlainDecode.checksums(clip), reader.checksums());
    assertTrue(run.report().get("waits").asInt() > 0);
    assertEquals(6, run.report().get("maxSlotsInUse").asInt());
  }

  @Test
  void theClipRunsByDefaultAndItsCutsAreFound() throws IOException {
    TestRun run = TestRun.with(directory.resolve("out"), List.of());
    assertEquals(0, run.exitCode(), run.err());
    JsonNode report = run.report();
    assertEquals(280, report.get("framesInPool").asInt());
    assertEquals(0, report.get("bytesCopied").asLong());
    assertEquals(List.of(0, 50, 80, 140, 190, 230), frames(report.get("cuts")));
    assertTrue(run.out().contains("0 bytes copied"), run.out());
    String page = Files.readString(run.output().resolve("report.html"));
    assertTrue(page.contains("<svg") && page.contains("data:image/png;base64,"));
    assertTrue(!page.contains("http") && !page.contains("{{"), "needs nothing beside itself");
    try (var left = Files.list(directory)) {
      assertEquals(List.of(run.output()), left.toList());
    }
  }

  private static List<Integer> frames(JsonNode cuts) {
    return cuts.findValues("frame").stream().map(JsonNode::asInt).toList();
  }
}
