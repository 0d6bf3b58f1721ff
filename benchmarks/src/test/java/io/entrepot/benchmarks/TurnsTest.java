package io.entrepot.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ratios within turns do not depend on where the cores were, nor on stops. */
class TurnsTest {
  private static final double SMALL = 1e-9;
  private static final Turn NEAR = new Turn(40, 160);
  private static final Turn FAR = new Turn(180, 360);

  /** Twenty milliseconds, in a slice of words and in one of frames. */
  private static final Turn STOPPED_WORD = new Turn(5_040, 160);

  private static final Turn STOPPED_FRAME = new Turn(40, 5_160);

  @TempDir Path directory;

  @Test
  void nearAndFarTurnsAreToldApart() {
    Turns near = new Turns(List.of(many(NEAR), many(NEAR), many(NEAR)));
    Turns far = new Turns(List.of(many(FAR), many(FAR), many(FAR)));
    Turns all = near.and(far);
    Placement placement = Placement.of(List.of(all));
    assertTrue(placement.hasChanged());
    assertEquals(110, placement.nearBelowNs(), SMALL);
    assertEquals(near, placement.near(all));
    assertEquals(far, placement.far(all));
    assertEquals(4, placement.near(all).ratio().value(), SMALL);
    assertEquals(0, placement.near(all).ratio().error(), SMALL);
    assertEquals(2, placement.far(all).ratio().value(), SMALL);
    assertEquals(3, all.ratio().value(), SMALL);
    // Student's t of 5 degrees of freedom, times the standard deviation, by the root of 6.
    assertEquals(2.5706 * Math.sqrt(1.2) / Math.sqrt(6), all.ratio().error(), 1e-3);
  }

  @Test
  void anIterationWithinWhichTheCoresMovedCountsForBoth() {
    List<Turn> moved = new ArrayList<>(many(NEAR));
    moved.addAll(many(FAR));
    Turns all = new Turns(List.of(many(NEAR), moved, many(FAR)));
    Placement placement = Placement.of(List.of(all));
    assertEquals(List.of(many(NEAR), many(NEAR)), placement.near(all).iterations());
    assertEquals(List.of(many(FAR), many(FAR)), placement.far(all).iterations());
  }

  @Test
  void aFewTurnsOfAnIterationTellNothing() {
    List<Turn> turns = new ArrayList<>(many(NEAR));
    turns.add(FAR);
    Turns all = new Turns(List.of(turns, many(FAR)));
    assertEquals(List.of(many(FAR)), Placement.of(List.of(all)).far(all).iterations());
  }

  @Test
  void coresThatStayedAreNotToldApart() {
    Turns all = new Turns(List.of(many(NEAR), many(new Turn(50, 170))));
    assertFalse(Placement.of(List.of(all)).hasChanged());
  }

  @Test
  void stopsChangeNothing() {
    List<Turn> turns = new ArrayList<>(many(NEAR));
    turns.addAll(Collections.nCopies(5, STOPPED_WORD));
    turns.addAll(Collections.nCopies(5, STOPPED_FRAME));
    Turns all = new Turns(List.of(turns, many(NEAR)));
    assertEquals(4, all.ratio().value(), SMALL);
    assertEquals(40, all.peerNs(), SMALL);
    assertEquals(160, all.ns(), SMALL);
    assertFalse(Placement.of(List.of(all)).hasChanged());
  }

  @Test
  void turnsAreReadAsTheyWereWritten() throws IOException {
    TurnsFile file = new TurnsFile(directory.resolve("trial"));
    Turns written = new Turns(List.of(many(NEAR), List.of(new Turn(1 / 3.0, 1e9))));
    file.write(written);
    assertEquals(written, file.read());
  }

  @Test
  void whatIsNoTurnIsTold() throws IOException {
    for (String text : List.of("", "1/2 no", "1/2/3", "1/x")) {
      Path path = Files.writeString(directory.resolve("trial"), text);
      IOException told = assertThrows(IOException.class, new TurnsFile(path)::read, text);
      assertTrue(told.getMessage().startsWith(path.toString()), told::toString);
    }
  }

  private static List<Turn> many(Turn turn) {
    return Collections.nCopies(20, turn);
  }
}
