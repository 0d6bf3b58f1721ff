package io.entrepot.model;

import static io.entrepot.model.Model.findsBug;
import static io.entrepot.model.Model.holds;
import static io.entrepot.model.Model.inParallel;
import static io.entrepot.model.Model.require;

import io.entrepot.internal.sync.SignalWords;
import io.entrepot.internal.sync.SignalWords.Fault;
import org.junit.jupiter.api.Test;

/**
 * Signals of one process against threads of another that sleep until they are told: what {@code
 * FarSignals} rings for, behind which change of the words, and how the thread of {@code FarFences}
 * sleeps while points are imported. {@link BellTest} has the bells.
 *
 * <p><b>Must not be.</b> A thread sleeps for ever though what it waits for is signaled, or settled.
 *
 * <p><b>Order.</b> A signal is a CAS, behind which it reads the number of listeners by an opaque
 * load: on processors where a CAS is no full fence that read may be performed first, and a thread
 * that arms in between sleeps for its first slice. So it may where work is told to have stopped, by
 * a release store. That is accepted and no outcome of these models, whose world is sequentially
 * consistent.
 */
class SignalTest {
  @Test
  void aSignalWakesWhoAwaitsItElsewhere() {
    holds(() -> awaitSignal(Fault.NONE));
  }

  @Test
  void toldBeforePlantedBugIsFound() {
    findsBug("has hung", () -> awaitSignal(Fault.TOLD_BEFORE));
  }

  private static void awaitSignal(Fault fault) {
    SignalWords words = new SignalWords(fault);
    inParallel(() -> words.awaitSignaled(0), () -> words.signal(0));
    require(words.listening() == 0, "a sleeper stays counted");
  }

  /** All its points are signaled then. */
  @Test
  void theEndOfATimelineWakesWhoAwaitsIt() {
    holds(() -> {
      SignalWords words = new SignalWords(Fault.NONE);
      inParallel(() -> words.awaitSignaled(0), () -> words.end(0));
    });
  }

  /** A buffer is kept until the work of an ended timeline has stopped. */
  @Test
  void workThatStopsBehindTheEndWakesWhoAwaitsItsBuffer() {
    holds(() -> stopBehindTheEnd(Fault.NONE));
  }

  @Test
  void settledUntoldPlantedBugIsFound() {
    findsBug("has hung", () -> stopBehindTheEnd(Fault.SETTLED_UNTOLD));
  }

  private static void stopBehindTheEnd(Fault fault) {
    SignalWords words = new SignalWords(fault);
    inParallel(
        () -> words.awaitSettled(0),
        () -> {
          words.end(0);
          words.signal(0);
        });
    require(words.listening() == 0, "a sleeper stays counted");
  }

  // ---------------------------------------------------------------- imported points

  @Test
  void anImportedPointIsSignaledHere() {
    holds(() -> signalImported(Fault.NONE));
  }

  @Test
  void listensLatePlantedBugIsFound() {
    findsBug("has hung", () -> signalImported(Fault.LISTENS_LATE));
  }

  private static void signalImported(Fault fault) {
    SignalWords words = new SignalWords(fault);
    words.isImported(0);
    inParallel(() -> words.lookUntilSignaled(0), () -> words.signal(0));
    require(words.listening() == 0, "a sleeper stays counted");
  }

  /** While the thread sleeps, or is about to, for one that stays pending. */
  @Test
  void aPointThatIsImportedMeanwhileIsSignaledHere() {
    holds(() -> importMeanwhile(Fault.NONE));
  }

  @Test
  void importsBlindlyPlantedBugIsFound() {
    findsBug("has hung", () -> importMeanwhile(Fault.IMPORTS_BLINDLY));
  }

  private static void importMeanwhile(Fault fault) {
    SignalWords words = new SignalWords(fault);
    words.isImported(0);
    words.isToImport();
    inParallel(
        () -> words.lookUntilSignaled(1),
        () -> {
          if (words.importPoint(1)) {
            // Nobody waits for the thread, which sleeps until there is something for it.
            words.signal(0);
          }
        },
        () -> words.signal(1));
    require(words.listening() == 0, "a sleeper stays counted");
  }

  /** Nobody listens then. */
  @Test
  void aPointThatIsImportedWhileNothingIsPendingIsSignaledHere() {
    holds(() -> importWhileNothingIsPending(Fault.NONE));
  }

  @Test
  void staysDeafPlantedBugIsFound() {
    findsBug("has hung", () -> importWhileNothingIsPending(Fault.STAYS_DEAF));
  }

  private static void importWhileNothingIsPending(Fault fault) {
    SignalWords words = new SignalWords(fault);
    words.isToImport();
    inParallel(
        () -> words.lookUntilSignaled(1),
        () -> {
          words.importPoint(1);
          words.signal(1);
        });
    require(words.listening() == 0, "a sleeper stays counted");
  }
}
