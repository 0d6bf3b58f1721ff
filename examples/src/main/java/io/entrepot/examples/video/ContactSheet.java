package io.entrepot.examples.video;

import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import javax.imageio.ImageIO;

/** The scenes of a video in one picture, a small picture each. */
final class ContactSheet {
  private static final int COLUMNS = 4;
  private static final int GAP = 12;
  private static final int CAPTION = 20;
  private static final Font FONT = new Font(Font.SANS_SERIF, Font.PLAIN, 12);

  private ContactSheet() {}

  static void write(List<SceneCut> cuts, Path file) throws IOException {
    int columns = Math.clamp(cuts.size(), 1, COLUMNS);
    int rows = (cuts.size() + columns - 1) / columns;
    int cellWidth = GAP + cuts.stream().mapToInt(cut -> cut.picture().getWidth()).max().orElse(0);
    int cellHeight =
        GAP + CAPTION + cuts.stream().mapToInt(cut -> cut.picture().getHeight()).max().orElse(0);
    BufferedImage sheet =
        new BufferedImage(
            GAP + columns * cellWidth, GAP + rows * cellHeight, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = sheet.createGraphics();
    graphics.setRenderingHint(
        RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
    graphics.setColor(Color.WHITE);
    graphics.fillRect(0, 0, sheet.getWidth(), sheet.getHeight());
    graphics.setColor(Color.DARK_GRAY);
    graphics.setFont(FONT);
    for (int i = 0; i < cuts.size(); i++) {
      SceneCut cut = cuts.get(i);
      int x = GAP + i % columns * cellWidth;
      int y = GAP + i / columns * cellHeight;
      graphics.drawImage(cut.picture(), x, y, null);
      String caption = String.format(Locale.ROOT, "%.2f s, frame %d", cut.seconds(), cut.frame());
      graphics.drawString(caption, x, y + cut.picture().getHeight() + CAPTION - 5);
    }
    graphics.dispose();
    if (!ImageIO.write(sheet, "png", file.toFile())) {
      throw new IOException("this JVM cannot write PNG files");
    }
  }
}
