package io.entrepot.chaos;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.flow.Overflow;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * C13: a process that is stopped for too long is gone on without; when it wakes it is told so, and
 * harms nobody.
 */
@EnabledOnOs(value = OS.LINUX, disabledReason = "memfd and futex are Linux's")
class StoppedProcessTest {
  private static final Duration SOON = Duration.ofSeconds(10);

  @TempDir Path folder;

  @Test
  void oneThatBlocksTheWriterIsEvictedAtTheStallLimit() throws Exception {
    stopAndWake(Overflow.BLOCK, false);
  }

  @Test
  void oneThatIsRevokedIsEvictedAtTheDeadline() throws Exception {
    stopAndWake(Overflow.DROP_OLDEST, true);
  }

  private void stopAndWake(Overflow overflow, boolean revoked) throws Exception {
    String socket = folder.resolve("pool").toString();
    String feed = ExportingProcess.FEEDS.getFirst();
    try (Participant exporter =
            Participant.start("exporter", ExportingProcess.class, socket, "stopping", "2000");
        Participant honest =
            Participant.start("honest", ImportingProcess.class, socket, "1", "3", "0");
        Participant sleeper =
            Participant.start("sleeper", StoppedProcess.class, socket, feed, overflow.name())) {
      exporter.await("ready");
      honest.await("ready");
      sleeper.await("ready");
      exporter.say("go");
      honest.say("go");
      honest.await("moving");
      sleeper.say("look");
      sleeper.await("looking");

      sleeper.stop();
      if (revoked) {
        exporter.say("revoke " + StoppedProcess.NAME + " 100");
        assertTrue(exporter.await("revoked", SOON)[1].equals("forced"));
      }
      // Blocked or not, the others go on: when it is gone there are frames again.
      exporter.say("gone " + sleeper.pid() + " " + System.nanoTime());
      exporter.await("gone", SOON);
      honest.say("go");
      honest.await("moving", SOON);

      sleeper.wake();
      sleeper.await("harmless", SOON);
      honest.say("go");
      honest.await("moving", SOON);
      exporter.say("pause");
      exporter.await("paused");
      honest.say("pause");
      honest.await("paused");
      exporter.say("account 1");
      exporter.await("accounted");
      honest.requireWell();
      sleeper.requireWell();
    }
  }
}
