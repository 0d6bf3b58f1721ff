package io.entrepot.model;

import static io.entrepot.model.Model.findsBug;
import static io.entrepot.model.Model.holds;
import static io.entrepot.model.Model.inParallel;
import static io.entrepot.model.Model.require;

import io.entrepot.internal.flow.SleeperWords;
import io.entrepot.internal.flow.SleeperWords.Fault;
import org.junit.jupiter.api.Test;

/**
 * Sleeping at a ring against waking by another process: {@code RingSleepers}, as it is, but for its
 * wait, whose lines are repeated without slices.
 *
 * <p><b>Must not be.</b> A thread sleeps for ever though what it waits for is there.
 *
 * <p><b>Order.</b> Arming is a volatile add, behind which wake word and condition are read. The
 * producer releases what is waited for and then reads the number of sleepers without a fence: on
 * every processor that read may be performed first, and a thread that arms in between sleeps for
 * its first slice. That is accepted and no outcome of these models, whose world is sequentially
 * consistent.
 */
class SleeperTest {
  @Test
  void aSleeperIsWoken() {
    holds(() -> sleepAgainstPublish(Fault.NONE));
  }

  @Test
  void twoSleepersAreWoken() {
    holds(() -> {
      SleeperWords words = new SleeperWords();
      inParallel(() -> words.sleep(Fault.NONE), () -> words.sleep(Fault.NONE), words::publish);
      require(words.asleep() == 0, "a sleeper stays counted");
    });
  }

  @Test
  void noSecondLookPlantedBugIsFound() {
    findsBug("has hung", () -> sleepAgainstPublish(Fault.NO_SECOND_LOOK));
  }

  @Test
  void lookBeforeWakeWordPlantedBugIsFound() {
    findsBug("has hung", () -> sleepAgainstPublish(Fault.LOOK_BEFORE_WAKE_WORD));
  }

  private static void sleepAgainstPublish(Fault fault) {
    SleeperWords words = new SleeperWords();
    inParallel(() -> words.sleep(fault), words::publish);
    require(words.asleep() == 0, "a sleeper stays counted");
  }
}
