package io.entrepot.chaos;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.internal.reach.HostileExporter;
import io.entrepot.internal.reach.HostileImporter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * C13: what a hostile process does under full load, ends its own connection at worst: others see no
 * wrong byte, nobody crashes, nothing is left behind.
 *
 * <p>A moment in the normal build, a minute of each with {@code mvn -B -ntp -pl core -Pchaos test}:
 * {@code -Dchaos.hostileSeconds=60}.
 */
@EnabledOnOs(value = OS.LINUX, disabledReason = "memfd and futex are Linux's")
class HostileUnderLoadTest {
  private static final long SECONDS = Long.getLong("chaos.hostileSeconds", 2);
  private static final long SEED = Long.getLong("chaos.seed", System.nanoTime());

  /** Longer than anybody is without the processor; short enough for the hostile who block. */
  private static final String STALL_LIMIT_MS = "2000";

  private static final long PATIENCE_NS = Participant.LONG.toNanos();
  private static final String NOTHING = " 0 words";

  private static final Duration LIMIT = Duration.ofSeconds(1);

  @TempDir Path folder;

  @Test
  void anImporterThatScribblesPunchesAndTalksNonsenseHarmsItselfAlone() throws Exception {
    String socket = folder.resolve("pool").toString();
    try (Participant exporter = exporter(socket);
        Participant honest = honest(socket);
        Participant hostile =
            Participant.start(
                "hostile", HostileImporter.class, socket, Long.toString(SEED), "left", "right")) {
      String did = watch(exporter, honest, hostile);
      hostile.kill();
      exporter.say("gone " + hostile.pid() + " " + System.nanoTime());
      long tookMs = Long.parseLong(exporter.await("gone")[1]);
      assertTrue(tookMs <= LIMIT.toMillis(), "back after " + tookMs + " ms");
      account(exporter, honest, did);
    }
  }

  @Test
  void anExporterThatScribblesAndTalksNonsenseHarmsNobody() throws Exception {
    String socket = folder.resolve("pool").toString();
    String trap = folder.resolve("trap").toString();
    try (Participant exporter = exporter(socket);
        Participant hostile =
            Participant.start("hostile", HostileExporter.class, trap, Long.toString(SEED));
        Participant honest = honest(socket, trap)) {
      account(exporter, honest, watch(exporter, honest, hostile));
    }
  }

  private static Participant exporter(String socket) throws Exception {
    return Participant.start(
        "exporter", ExportingProcess.class, socket, "besieged", STALL_LIMIT_MS);
  }

  /** With several readers and one who comes and goes, and perhaps one in a trap. */
  private static Participant honest(String socket, String... trap) throws Exception {
    String[] all = {socket, Long.toString(SEED >>> 1), "3", "1", String.join(" ", trap)};
    return Participant.start("honest", ImportingProcess.class, all);
  }

  /**
   * Lets them go for the time, and until the hostile one has had a processor; the honest one must
   * not stand still meanwhile. What the hostile one did.
   */
  private static String watch(Participant exporter, Participant honest, Participant hostile)
      throws Exception {
    for (Participant each : new Participant[] {exporter, honest, hostile}) {
      each.await("ready");
    }
    for (Participant each : new Participant[] {exporter, honest, hostile}) {
      each.say("go");
    }
    long startNs = System.nanoTime();
    String did;
    do {
      honest.say("go");
      honest.await("moving", Participant.LONG);
      exporter.requireWell();
      honest.requireWell();
      hostile.requireWell();
      hostile.say("report");
      did = String.join(" ", hostile.await("report"));
    } while (System.nanoTime() - startNs < TimeUnit.SECONDS.toNanos(SECONDS)
        || (did.contains(NOTHING) && System.nanoTime() - startNs < PATIENCE_NS));
    return did;
  }

  private static void account(Participant exporter, Participant honest, String did)
      throws Exception {
    exporter.say("pause");
    String[] written = exporter.await("paused");
    honest.say("pause");
    String[] read = honest.await("paused");
    exporter.say("account " + read[2]);
    String[] accounted = exporter.await("accounted");
    assertTrue(Long.parseLong(accounted[1]) <= LIMIT.toMillis(), accounted[1] + " ms");
    assertTrue(Long.parseLong(read[1]) > 0 && !did.contains(NOTHING), did);
    System.out.println(
        "hostile with -Dchaos.seed="
            + SEED
            + ": "
            + did
            + "; "
            + written[1]
            + " frames published, "
            + read[1]
            + " verified, "
            + read[3]
            + " visits, "
            + written[3]
            + " evictions, all accounted for after "
            + accounted[1]
            + " ms");
  }
}
