package io.entrepot.model;

import static io.entrepot.internal.buffers.FarWriterWords.TORN;
import static io.entrepot.model.Model.findsBug;
import static io.entrepot.model.Model.holds;
import static io.entrepot.model.Model.inParallel;

import io.entrepot.internal.buffers.FarWriterWords;
import io.entrepot.internal.buffers.FarWriterWords.Fault;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/**
 * A process that was given a pool's memory for writing, against those who use a buffer in the
 * exporter's: {@code InPlaceWriters} of both processes, {@code Peers}, {@code PeerWords} and {@code
 * ExporterWords}, as they are.
 *
 * <p><b>Must not be.</b> A buffer is read, or written by another, while it is written in place; or
 * somebody waits for ever. A writer there may give up for one here.
 *
 * <p><b>Order.</b> Each of a pair stores a word of its own and then looks at the other's, with a
 * full fence between that it runs itself, for no barrier of a process reaches the threads of
 * another:
 *
 * <pre>
 *   here                            there
 *   slot, fence                     writer word (CAS), fence             look at each other's
 *   uses + 1 (atomic add), fence    writer word (CAS), fence
 *   writer word (CAS)               hold (CAS), writer word (CAS), fence
 *   fences                          fence, then writer word 0 (release)  seen by the volatile look
 * </pre>
 *
 * <p>A map here runs its fence since its attention word is raised, and stays so, before the process
 * there is given any memory: {@code FarWriter.begin} runs the heavy barrier, behind which a map
 * that did not see attention has its slot in sight. In the checker's world, which is sequentially
 * consistent, that barrier does nothing and is left out; {@code
 * io.entrepot.stress.MapAgainstInPlaceWriter} shows what it is there for. What was written comes
 * before the 0 of the writer word, and what was read before the release of the slot, or the atomic
 * add, that the writer's look acquires.
 */
class FarWriterTest {
  private static final int INTERLEAVINGS = 60;

  /** Planted bugs that show when one is interrupted twice. */
  private static final int FINDING = 1_000;

  private static final String HUNG = "has hung";

  private static void against(
      Fault fault, Consumer<FarWriterWords> here, Consumer<FarWriterWords> there) {
    FarWriterWords words = new FarWriterWords(fault).begin();
    inParallel(() -> here.accept(words), () -> there.accept(words));
  }

  // ---------------------------------------------------------------- readers here

  private static void readAgainst(Fault fault) {
    against(fault, FarWriterWords::read, FarWriterWords::writeThere);
  }

  @Test
  void readersHereDefer() {
    holds(INTERLEAVINGS, () -> readAgainst(Fault.NONE));
  }

  @Test
  void readerThatLooksFirstPlantedBugIsFound() {
    findsBug(FINDING, TORN, () -> readAgainst(Fault.READER_LOOKS_FIRST));
  }

  @Test
  void readerThatStaysPlantedBugIsFound() {
    findsBug(FINDING, HUNG, () -> readAgainst(Fault.READER_STAYS));
  }

  @Test
  void usesLookedAtFirstPlantedBugIsFound() {
    findsBug(FINDING, TORN, () -> readAgainst(Fault.LOOKS_AT_USES_FIRST));
  }

  // ---------------------------------------------------------------- uses that have no slot

  private static void leaseAgainst(Fault fault) {
    against(fault, FarWriterWords::lease, FarWriterWords::writeThere);
  }

  @Test
  void leasesHereDefer() {
    holds(INTERLEAVINGS, () -> leaseAgainst(Fault.NONE));
  }

  @Test
  void usesUncountedPlantedBugIsFound() {
    findsBug(FINDING, TORN, () -> leaseAgainst(Fault.USES_UNCOUNTED));
  }

  @Test
  void usesCountedLatePlantedBugIsFound() {
    findsBug(FINDING, TORN, () -> leaseAgainst(Fault.USES_COUNTED_LATE));
  }

  // ---------------------------------------------------------------- writers here

  private static void writeAgainst(Fault fault) {
    against(fault, FarWriterWords::writeHere, FarWriterWords::writeThere);
  }

  @Test
  void thereIsOneWriter() {
    holds(INTERLEAVINGS, () -> writeAgainst(Fault.NONE));
  }

  @Test
  void writerThatNeverGivesUpPlantedBugIsFound() {
    findsBug(FINDING, HUNG, () -> writeAgainst(Fault.NEVER_GIVES_UP));
  }

  private static void readThereAgainst(Fault fault) {
    against(fault, FarWriterWords::writeHere, FarWriterWords::readThere);
  }

  /** Of one that may write, no less than of any other: see {@link InPlaceTest}. */
  @Test
  void whoWritesHereDefersToHoldsThere() {
    holds(INTERLEAVINGS, () -> readThereAgainst(Fault.NONE));
  }

  @Test
  void waitsForHoldsUnderWordPlantedBugIsFound() {
    findsBug(FINDING, HUNG, () -> readThereAgainst(Fault.HERE_WAITS_UNDER_WORD));
  }

  @Test
  void holdsLookedAtFirstPlantedBugIsFound() {
    findsBug(FINDING, TORN, () -> readThereAgainst(Fault.HERE_LOOKS_AT_HOLDS_FIRST));
  }

  // ---------------------------------------------------------------- fences there

  private static void readAgainstDevice(Fault fault) {
    FarWriterWords words = new FarWriterWords(fault).begin().mapped();
    inParallel(words::read, words::writeByDevice);
  }

  @Test
  void fencesThereAreWaitedFor() {
    holds(INTERLEAVINGS, () -> readAgainstDevice(Fault.NONE));
  }

  @Test
  void fencesLookedAtFirstPlantedBugIsFound() {
    findsBug(FINDING, TORN, () -> readAgainstDevice(Fault.READER_LOOKS_AT_FENCES_FIRST));
  }

  @Test
  void endsBeforeFencePlantedBugIsFound() {
    findsBug(FINDING, TORN, () -> readAgainstDevice(Fault.ENDS_BEFORE_FENCE));
  }

  // ---------------------------------------------------------------- from begin to end

  private static void readAgainstBegin(Fault fault) {
    FarWriterWords words = new FarWriterWords(fault);
    inParallel(words::read, () -> words.begin().writeThere());
  }

  @Test
  void whoReadsWhenTheProcessComesDefers() {
    holds(INTERLEAVINGS, () -> readAgainstBegin(Fault.NONE));
  }

  @Test
  void beginsUnseenPlantedBugIsFound() {
    findsBug(FINDING, TORN, () -> readAgainstBegin(Fault.BEGINS_UNSEEN));
  }

  private static void readAgainstEnd(Fault fault) {
    FarWriterWords words = new FarWriterWords(fault).begin().mapped();
    inParallel(words::read, words::end);
  }

  @Test
  void nobodyWaitsForWhoHasEnded() {
    holds(INTERLEAVINGS, () -> readAgainstEnd(Fault.NONE));
  }

  @Test
  void endsWritingPlantedBugIsFound() {
    findsBug(FINDING, HUNG, () -> readAgainstEnd(Fault.ENDS_WRITING));
  }
}
