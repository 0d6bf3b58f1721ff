package io.entrepot.examples.video;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.flow.FramePort;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.Importer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import javax.sound.sampled.AudioFileFormat;
import javax.sound.sampled.AudioFormat;
import javax.sound.sampled.AudioInputStream;
import javax.sound.sampled.AudioSystem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run that fails says one sentence, exits with 1 and leaves nothing behind. */
class VideoFailureTest {
  @TempDir Path directory;

  private byte[] clip() throws IOException {
    try (InputStream packed = VideoPipeline.class.getResourceAsStream("clip.mp4")) {
      return packed.readAllBytes();
    }
  }

  private Path file(String name, byte[] content) throws IOException {
    return Files.write(directory.resolve(name), content);
  }

  private void fails(String sentence, TestRun run) {
    assertEquals(1, run.exitCode());
    assertEquals("", run.out());
    assertTrue(run.err().contains(sentence), run.err());
    assertEquals(1, run.err().lines().count(), run.err());
    assertFalse(Files.exists(run.output()));
    assertFalse(Files.exists(run.output().resolveSibling("out.partial")));
  }

  private TestRun run(Path file, String... more) {
    String[] all = Arrays.copyOf(more, more.length + 2);
    all[more.length] = "video";
    all[more.length + 1] = file.toString();
    return TestRun.with(directory.resolve("out"), List.of(), all);
  }

  @Test
  void aMissingFile() {
    fails("there is no video file", run(directory.resolve("none.mp4")));
  }

  @Test
  void aDirectory() {
    fails("is not a file that can be read", run(directory));
  }

  @Test
  void somethingElseThanAVideo() throws IOException {
    byte[] noise = new byte[4096];
    new Random(1).nextBytes(noise);
    fails("is no video file that FFmpeg knows", run(file("noise.mp4", noise)));
    fails("is no video file that FFmpeg knows", run(file("empty.mp4", new byte[0])));
  }

  @Test
  void aFileThatWasCutOff() throws IOException {
    byte[] clip = clip();
    Path cut = file("cut.mp4", Arrays.copyOf(clip, clip.length / 2));
    fails("is broken after ", run(cut, "video.threads", "1"));
    fails("is broken after ", run(cut, "video.threads", "4"));
  }

  @Test
  void aContainerThatJustEnds() throws IOException {
    Path whole =
        SampleVideo.write(
            directory.resolve("whole.mkv"),
            "ffv1",
            "testsrc2=size=322x242:rate=25:duration=2,format=yuv420p",
            Map.of());
    byte[] bytes = Files.readAllBytes(whole);
    fails(
        "is broken: it ends after ", run(file("cut.mkv", Arrays.copyOf(bytes, bytes.length / 2))));
  }

  @Test
  void aFileWithDamage() throws IOException {
    byte[] clip = clip();
    for (int i = clip.length / 2; i < clip.length / 2 + 4000; i += 7) {
      clip[i] ^= 0x55;
    }
    fails("is broken after ", run(file("damaged.mp4", clip)));
  }

  @Test
  void sound() throws IOException {
    Path sound = directory.resolve("sound.wav");
    AudioFormat format = new AudioFormat(8000, 16, 1, true, false);
    byte[] silence = new byte[16000];
    AudioSystem.write(
        new AudioInputStream(new ByteArrayInputStream(silence), format, 8000),
        AudioFileFormat.Type.WAVE,
        sound.toFile());
    fails("has no video, only pcm_s16le", run(sound));
  }

  @Test
  void aCodecThatNobodyKnows() throws IOException {
    Path known =
        SampleVideo.write(
            directory.resolve("known.avi"),
            "mpeg4",
            "testsrc2=size=322x242:rate=25:duration=0.4,format=yuv420p",
            Map.of());
    String bytes = Files.readString(known, StandardCharsets.ISO_8859_1);
    Path unknown =
        Files.writeString(
            directory.resolve("unknown.avi"),
            bytes.replace("FMP4", "XYZ1"),
            StandardCharsets.ISO_8859_1);
    fails("has no decoder for the codec of '" + unknown + "', 'XYZ1'", run(unknown));
  }

  @Test
  void aPoolThatIsTooSmallEndsWithTheHolders() throws IOException {
    for (String threads : List.of("1", "4")) {
      TestRun run =
          run(
              file("clip.mp4", clip()),
              "video.slots",
              "3",
              "video.patience",
              "1",
              "video.threads",
              threads);
      fails("came back for 1 s; they are held by: ", run);
      for (int buffer = 0; buffer < 3; buffer++) {
        assertTrue(run.err().contains("native lease of buffer " + buffer + " by 'decoder'"));
      }
    }
  }

  @Test
  void anImporterThatFails() throws IOException {
    FrameImporter failing = new FailingReader();
    TestRun run = TestRun.with(directory.resolve("out"), List.of(failing));
    fails("the reader has had enough", run);
  }

  /** Fails at its fifth frame, with frames unread and the encoder at work. */
  private static final class FailingReader implements FrameImporter {
    private int frames;

    @Override
    public Importer importer() {
      return Importer.viewing("failing", Access.READ);
    }

    @Override
    public boolean next(FramePort port, FrameSource from) {
      if (port.next(100, TimeUnit.MILLISECONDS) == null) {
        return false;
      }
      FrameHold hold = from.taken(port.frame().buffer(), "failing");
      port.unmap();
      hold.close();
      if (++frames == 5) {
        throw new VideoException("the reader has had enough");
      }
      return true;
    }

    @Override
    public void finish() {}

    @Override
    public void close() {}
  }

  @Test
  void anOptionThatIsNoNumber() throws Exception {
    ProcessBuilder child = child("-Dvideo.threads=many");
    Process process = child.start();
    String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(1, process.waitFor(), err);
    assertEquals("video: -Dvideo.threads=many is not a whole number\n", err);
  }

  @Test
  void theExitCodeOfAJvmOfItsOwn() throws Exception {
    Process process = child("-Dvideo=" + directory.resolve("none.mp4")).start();
    String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(1, process.waitFor(), err);
    assertEquals("video: there is no video file '" + directory.resolve("none.mp4") + "'\n", err);
  }

  private ProcessBuilder child(String property) {
    return new ProcessBuilder(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "--enable-native-access=ALL-UNNAMED",
        "-Dvideo.output=" + directory.resolve("out"),
        property,
        "-cp",
        System.getProperty("java.class.path"),
        VideoPipeline.class.getName());
  }
}
