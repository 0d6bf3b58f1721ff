package io.entrepot.examples.video;

import java.io.Console;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** The progress bar. */
final class Progress implements AutoCloseable {
  private static final int WIDTH = 79;
  private static final int REDRAW_MS = 200;

  /** In the log of a build, where each drawing stays. */
  private static final int LOGGED_REDRAW_MS = 2_000;

  private final ProgressBar bar;

  /**
   * Shows the bar.
   *
   * @param frames how many there will be, about; negative when nobody knows
   */
  Progress(long frames) {
    this.bar =
        new ProgressBarBuilder()
            .setTaskName("Frames")
            .setUnit("", 1)
            .setInitialMax(frames)
            .setStyle(ProgressBarStyle.ASCII)
            .setUpdateIntervalMillis(isInTerminal() ? REDRAW_MS : LOGGED_REDRAW_MS)
            .showSpeed()
            .setConsumer(new ConsoleProgressBarConsumer(System.err, WIDTH))
            .build();
  }

  private static boolean isInTerminal() {
    Console console = System.console();
    return console != null && console.isTerminal();
  }

  void step() {
    bar.step();
  }

  @Override
  public void close() {
    bar.close();
  }
}
