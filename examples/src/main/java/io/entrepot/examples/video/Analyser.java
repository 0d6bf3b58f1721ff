package io.entrepot.examples.video;

import io.entrepot.flow.FramePort;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.FrameLayout;
import io.entrepot.sharing.Importer;
import io.entrepot.sharing.View;
import java.awt.image.BufferedImage;
import java.util.concurrent.TimeUnit;

/**
 * Looks at each frame: mean brightness, histogram, scene cuts. It has a view and nothing else: no
 * address, and nothing to write with.
 */
final class Analyser implements FrameImporter {
  static final String NAME = "analyser";
  private static final long POLL_MS = 100;

  /** Share of pixels that change their brightness at a cut, at least. */
  private static final double CUT_DISTANCE = 0.3;

  /** Pictures that are kept; later cuts are counted without one. */
  private static final int MAX_CUTS = 60;

  private static final int PICTURE_WIDTH = 240;

  private final Importer importer = Importer.viewing(NAME, Access.READ);
  private final StreamTiming timing;
  private final WorkLog log;
  private LumaHistogram current = new LumaHistogram();
  private LumaHistogram previous = new LumaHistogram();
  private FrameSource source;
  private SampleReader samples;
  private long frames;
  private int pictures;

  Analyser(StreamTiming timing, WorkLog log) {
    this.timing = timing;
    this.log = log;
  }

  @Override
  public Importer importer() {
    return importer;
  }

  @Override
  public boolean next(FramePort port, FrameSource from) {
    View view = port.next(POLL_MS, TimeUnit.MILLISECONDS);
    if (view == null) {
      return false;
    }
    long startNs = System.nanoTime();
    FrameHold hold = from.taken(port.frame().buffer(), NAME);
    try {
      if (source != from) {
        source = from;
        samples = new SampleReader(from.geometry());
      }
      look(view, port.layout(), timing.seconds(port.timestamp()));
    } finally {
      // Before the next wait, so that the slot can go back.
      port.unmap();
      hold.close();
    }
    log.stage("analyse", System.nanoTime() - startNs);
    return true;
  }

  private void look(View view, FrameLayout layout, double seconds) {
    current.count(view, layout, samples);
    log.brightness(current.mean());
    double distance = frames == 0 ? 1 : current.distance(previous);
    if (distance > CUT_DISTANCE) {
      if (pictures < MAX_CUTS) {
        pictures++;
        log.cut(new SceneCut(frames, seconds, distance, picture(view, layout)));
      } else {
        log.cutWithoutPicture();
      }
    }
    frames++;
    LumaHistogram reused = previous;
    previous = current;
    current = reused;
  }

  private BufferedImage picture(View view, FrameLayout layout) {
    int width = Math.min(PICTURE_WIDTH, layout.width());
    int height = Math.max(1, layout.height() * width / layout.width());
    BufferedImage picture = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int fromX = (int) ((long) x * layout.width() / width);
        int fromY = (int) ((long) y * layout.height() / height);
        picture.setRGB(x, y, samples.rgb(view, layout, fromX, fromY));
      }
    }
    return picture;
  }

  @Override
  public void finish() {
    // Everything is told frame by frame.
  }

  @Override
  public void close() {
    // It holds nothing but its view, which the port closes.
  }
}
