package io.entrepot.model;

import static io.entrepot.model.Model.findsBug;
import static io.entrepot.model.Model.holds;
import static io.entrepot.model.Model.inParallel;
import static io.entrepot.model.Model.require;

import io.entrepot.internal.memory.BellWords;
import io.entrepot.internal.memory.BellWords.Fault;
import org.junit.jupiter.api.Test;

/**
 * Sleeping until other processes let go, or this one, against their letting go: {@code Doorbells}
 * and {@code Doorbell}, as they are, but for the sleep, whose lines are repeated without slices.
 *
 * <p><b>Must not be.</b> A thread sleeps for ever though nobody holds what it waits for.
 *
 * <p><b>Order.</b> Arming is a volatile add, behind which words and condition are read. Who lets go
 * releases what is waited for and then reads the number of listeners without a fence: on every
 * processor that read may be performed first, and a thread that arms in between sleeps for its
 * first slice. That is accepted and no outcome of these models, whose world is sequentially
 * consistent.
 */
class BellTest {
  @Test
  void whoLetsGoElsewhereWakes() {
    holds(() -> letGoElsewhere(Fault.NONE));
  }

  @Test
  void lookBeforeWordsPlantedBugIsFound() {
    findsBug("has hung", () -> letGoElsewhere(Fault.LOOK_BEFORE_WORDS));
  }

  @Test
  void deafPlantedBugIsFound() {
    findsBug("has hung", () -> letGoElsewhere(Fault.DEAF));
  }

  private static void letGoElsewhere(Fault fault) {
    BellWords words = new BellWords();
    words.first().isKnown();
    words.first().hold();
    inParallel(() -> words.sleep(fault), words.first()::letGo);
    require(words.listening() == 0, "a sleeper stays counted");
  }

  @Test
  void theLastOfSeveralWakes() {
    holds(() -> {
      BellWords words = new BellWords();
      words.first().isKnown();
      words.first().hold();
      words.hold();
      inParallel(() -> words.sleep(Fault.NONE), words.first()::letGo, words::letGo);
      require(words.listening() == 0, "a sleeper stays counted");
    });
  }

  /** A process comes and lets go while a thread sleeps that does not know of it. */
  @Test
  void whoComesMeanwhileWakes() {
    holds(() -> comeAndLetGo(Fault.NONE));
  }

  @Test
  void bellsBeforeOwnWordPlantedBugIsFound() {
    findsBug("has hung", () -> comeAndLetGo(Fault.BELLS_BEFORE_OWN_WORD));
  }

  private static void comeAndLetGo(Fault fault) {
    BellWords words = new BellWords();
    words.first().isKnown();
    words.second().hold();
    inParallel(
        () -> words.sleep(fault),
        () -> {
          words.second().comes();
          words.second().letGo();
        });
    require(words.listening() == 0, "a sleeper stays counted");
  }
}
