package io.entrepot.chaos;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * C13: a peer killed at any instruction loses nobody else's buffers, shows nobody a wrong byte, and
 * leaves nothing behind.
 *
 * <p>A handful of rounds in the normal build. The long form is {@code mvn -B -ntp -pl core -Pchaos
 * test}; of both, {@code -Dchaos.seed} repeats the plan.
 */
@EnabledOnOs(value = OS.LINUX, disabledReason = "memfd and futex are Linux's")
class ChaosTest {
  private static final int ROUNDS = Integer.getInteger("chaos.rounds", 4);
  private static final long SEED = Long.getLong("chaos.seed", System.nanoTime());
  private static final int ROUNDS_A_LINE = 10;

  @TempDir Path folder;

  @Test
  void whoeverIsKilledAtWhateverMomentTheOthersGoOn() throws Exception {
    System.out.println("chaos with -Dchaos.seed=" + SEED);
    try (Chaos chaos = new Chaos(folder, SEED)) {
      try {
        chaos.begin();
        for (int round = 1; round <= ROUNDS; round++) {
          chaos.round();
          if (round % ROUNDS_A_LINE == 0) {
            System.out.println("chaos, " + chaos.figures());
          }
        }
        chaos.end();
      } catch (Exception | AssertionError e) {
        throw new AssertionError(
            "with -Dchaos.seed=" + SEED + " after " + chaos.figures() + "\n" + chaos.noise(), e);
      }
      System.out.println("chaos, " + chaos.figures());
      System.out.println(chaos.noise());
    }
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(List.of(), files.toList());
    }
  }
}
