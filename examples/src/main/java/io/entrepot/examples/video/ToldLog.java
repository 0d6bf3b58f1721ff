package io.entrepot.examples.video;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * An importer's log and holds, told to the decoder's process. When nobody hears that any more the
 * run has failed.
 */
final class ToldLog implements WorkLog {
  private final JsonLines.Writer<Told> pipe;
  private final RunFailure failure;
  private final AtomicLong taken = new AtomicLong();

  ToldLog(JsonLines.Writer<Told> pipe, RunFailure failure) {
    this.pipe = pipe;
    this.failure = failure;
  }

  /** Tells it; does not throw, since FFmpeg's threads give frames back too. */
  void tell(Told what) {
    try {
      pipe.write(what);
    } catch (IOException e) {
      failure.set(new VideoException("the decoder's process does not listen: " + e, e));
    }
  }

  /** The frames of a feed: whoever takes one, and is done with it, tells so. */
  FrameSource source(FrameGeometry frames) {
    return new FrameSource() {
      @Override
      public FrameGeometry geometry() {
        return frames;
      }

      @Override
      public FrameHold taken(int buffer, String reader) {
        long frame = taken.getAndIncrement();
        tell(new Told.Taken(buffer, System.nanoTime()));
        return () -> tell(new Told.Done(frame, System.nanoTime()));
      }
    };
  }

  @Override
  public void stage(String name, long elapsedNs) {
    tell(new Told.Stage(name, elapsedNs));
  }

  @Override
  public void brightness(double meanLuma) {
    tell(new Told.Brightness(meanLuma));
  }

  @Override
  public void cut(SceneCut cut) {
    tell(Told.Cut.of(cut));
  }

  @Override
  public void cutWithoutPicture() {
    tell(new Told.CutWithoutPicture());
  }

  @Override
  public void encoder(String name) {
    tell(new Told.EncoderOpened(name));
  }

  @Override
  public void converted(String fromAndInto) {
    tell(new Told.Converted(fromAndInto));
  }

  @Override
  public void encoded(long frames) {
    tell(new Told.Encoded(frames));
  }
}
