package io.entrepot.examples.video;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import javax.imageio.ImageIO;

/** What an importer's process tells the decoder's: a line each, on its standard output. */
@JsonTypeInfo(use = JsonTypeInfo.Id.SIMPLE_NAME, property = "told")
@JsonSubTypes({
  @JsonSubTypes.Type(Told.Joined.class),
  @JsonSubTypes.Type(Told.Taken.class),
  @JsonSubTypes.Type(Told.Done.class),
  @JsonSubTypes.Type(Told.Finished.class),
  @JsonSubTypes.Type(Told.Failed.class),
  @JsonSubTypes.Type(Told.Stage.class),
  @JsonSubTypes.Type(Told.Brightness.class),
  @JsonSubTypes.Type(Told.Cut.class),
  @JsonSubTypes.Type(Told.CutWithoutPicture.class),
  @JsonSubTypes.Type(Told.EncoderOpened.class),
  @JsonSubTypes.Type(Told.Converted.class),
  @JsonSubTypes.Type(Told.Encoded.class)
})
sealed interface Told {

  /** The feed is joined: frames that are published from now on will be read. */
  record Joined() implements Told {}

  /**
   * The next frame was taken; they are taken in the order in which they are published.
   *
   * @param buffer index of its buffer
   * @param atNs when, by {@link System#nanoTime}: on Linux one clock for all processes
   */
  record Taken(int buffer, long atNs) implements Told {}

  /**
   * A frame is not used any more.
   *
   * @param frame the number of frames that were taken before it
   * @param atNs when, as in {@link Taken}
   */
  record Done(long frame, long atNs) implements Told {}

  /** All is read, and the work done. */
  record Finished() implements Told {}

  /** The work cannot go on; nothing follows. */
  record Failed(String sentence) implements Told {}

  /** Something for the log. */
  sealed interface Work extends Told {
    /** Writes it there. */
    void to(WorkLog log);
  }

  /** See {@link WorkLog#stage}. */
  record Stage(String name, long elapsedNs) implements Work {
    @Override
    public void to(WorkLog log) {
      log.stage(name, elapsedNs);
    }
  }

  /** See {@link WorkLog#brightness}. */
  record Brightness(double meanLuma) implements Work {
    @Override
    public void to(WorkLog log) {
      log.brightness(meanLuma);
    }
  }

  /** See {@link WorkLog#cut}; the picture as a PNG file. */
  record Cut(long frame, double seconds, double distance, byte[] png) implements Work {
    static Cut of(SceneCut cut) {
      ByteArrayOutputStream png = new ByteArrayOutputStream();
      try {
        if (!ImageIO.write(cut.picture(), "png", png)) {
          throw new VideoException("this JVM cannot write PNG files");
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      return new Cut(cut.frame(), cut.seconds(), cut.distance(), png.toByteArray());
    }

    @Override
    public void to(WorkLog log) {
      log.cut(new SceneCut(frame, seconds, distance, picture()));
    }

    private BufferedImage picture() {
      try {
        BufferedImage picture = ImageIO.read(new ByteArrayInputStream(png));
        if (picture == null) {
          throw new VideoException("the picture of a scene is no PNG file");
        }
        return picture;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** See {@link WorkLog#cutWithoutPicture}. */
  record CutWithoutPicture() implements Work {
    @Override
    public void to(WorkLog log) {
      log.cutWithoutPicture();
    }
  }

  /** See {@link WorkLog#encoder}. */
  record EncoderOpened(String name) implements Work {
    @Override
    public void to(WorkLog log) {
      log.encoder(name);
    }
  }

  /** See {@link WorkLog#converted}. */
  record Converted(String fromAndInto) implements Work {
    @Override
    public void to(WorkLog log) {
      log.converted(fromAndInto);
    }
  }

  /** See {@link WorkLog#encoded}. */
  record Encoded(long frames) implements Work {
    @Override
    public void to(WorkLog log) {
      log.encoded(frames);
    }
  }
}
