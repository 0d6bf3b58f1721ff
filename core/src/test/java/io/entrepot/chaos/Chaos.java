package io.entrepot.chaos;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * One exporting process and one to five importing ones, of which one is killed in every round.
 *
 * <p>A round: all go; when all are moving, each reading one has a fence of the exporter's and the
 * exporter one of its, all pending; then, or at once where a victim shall die while it starts, a
 * random time later one is killed. Fences of a dead process end with an error, all others without.
 * The rest is looked at while it goes on: the exporter gets back what a dead importer had,
 * importers are told of the end of a dead exporter and find its successor. Then all let go of
 * everything: every buffer must be free and nothing left open.
 *
 * <p>In a part of the rounds one of the importing ones writes in place to frames of a pool of its
 * own, which the exporter and others there read at the same time. It is killed too, often in the
 * midst of a frame: by what it has written into a file before and behind each change, no such frame
 * may be shown to anybody when it is dead, and no other be refused.
 *
 * <p>The seed decides who does what and who is killed after which time. What they were at then, the
 * machine decides: to meet a failure again may take several runs with its seed.
 */
final class Chaos implements AutoCloseable {
  private static final int MOST_IMPORTERS = 5;
  private static final long LONGEST_NS = TimeUnit.MILLISECONDS.toNanos(200);

  /** In which a process that has just been told to go connects, attaches and joins. */
  private static final long START_NS = TimeUnit.MILLISECONDS.toNanos(60);

  /** Nobody is evicted here who does not run for a while. */
  private static final String STALL_LIMIT_MS = "30000";

  /** Whatever a dead process had is back by then. */
  private static final Duration LIMIT = Duration.ofSeconds(1);

  /** Whoever read from a dead exporter has looked at all that it has, and left, by then. */
  private static final Duration TOLD_LIMIT = Duration.ofSeconds(3);

  private final Path socket;
  private final SplittableRandom random;
  private final Figures figures = new Figures();
  private final List<Importing> importers = new ArrayList<>();
  private final StringBuilder noise = new StringBuilder();
  private int started;
  private int exporters;
  private Participant exporter;
  private long published;

  /** Published by it to be changed, and looked at there. */
  private long changing;

  private long looked;

  /** Refused there as half overwritten. */
  private long refused;

  /** Who writes in place, if somebody does. */
  private Writing writer;

  /** An importing process, as it was started. */
  private static final class Importing {
    private final Participant process;
    private final boolean reads;

    /** As it has said at the last pause. */
    private long verified;

    /** Of these, what was divided between two threads. */
    private long divided;

    Importing(Participant process, boolean reads) {
      this.process = process;
      this.reads = reads;
    }
  }

  /** A process that writes in place, and what it says of that. */
  private record Writing(Participant process, Path journal) {}

  Chaos(Path folder, long seed) {
    this.socket = folder.resolve("pool");
    this.random = new SplittableRandom(seed);
  }

  Figures figures() {
    return figures;
  }

  void begin() throws Exception {
    startExporter();
    for (int i = 1 + random.nextInt(MOST_IMPORTERS); i > 0; i--) {
      startImporter();
    }
    exporter.await("ready");
    for (Importing importer : importers) {
      importer.process.await("ready");
    }
  }

  private void startExporter() throws IOException {
    exporters++;
    exporter =
        Participant.start(
            "exporter " + exporters,
            ExportingProcess.class,
            compiler(),
            socket.toString(),
            "chaos-" + exporters,
            STALL_LIMIT_MS);
  }

  private void startWriter() throws Exception {
    started++;
    Path journal = socket.resolveSibling("journal-" + started);
    Participant process =
        Participant.start(
            "writer " + started,
            WritingProcess.class,
            compiler(),
            ExportingProcess.granted(socket).toString(),
            Long.toUnsignedString(random.nextLong() >>> 1),
            journal.toString());
    writer = new Writing(process, journal);
    process.await("ready");
  }

  private void startImporter() throws IOException {
    started++;
    int readers = random.nextInt(ImportingProcess.MAX_READERS + 1);
    int comers = readers == 0 ? 2 : random.nextInt(2);
    Participant process =
        Participant.start(
            "importer " + started + " with " + readers + " readers and " + comers + " comers",
            ImportingProcess.class,
            compiler(),
            socket.toString(),
            Long.toUnsignedString(random.nextLong() >>> 1),
            Integer.toString(readers),
            Integer.toString(comers));
    importers.add(new Importing(process, readers > 0));
  }

  /** Code as the quick compiler makes it, and as the good one does. */
  private String compiler() {
    return "-XX:TieredStopAtLevel=" + (random.nextBoolean() ? 1 : 4);
  }

  // ---------------------------------------------------------------- a round

  void round() throws Exception {
    if (writer == null && importers.size() < MOST_IMPORTERS && random.nextBoolean()) {
      startWriter();
    }
    boolean exporterDies = random.nextInt(4) == 0;
    boolean writerDies =
        !exporterDies && writer != null && (figures.writers == 0 || random.nextBoolean());
    boolean early = !exporterDies && random.nextInt(3) == 0;
    boolean idle = exporterDies && random.nextBoolean();
    Importing victim = importers.get(random.nextInt(importers.size()));
    long delayNs = random.nextLong(early ? START_NS : LONGEST_NS);

    go();
    for (Participant importing : importing()) {
      importing.say("go");
    }
    if (!early) {
      for (Participant importing : importing()) {
        importing.await("moving");
      }
      crossFences();
    }
    if (idle) {
      for (Participant importing : importing()) {
        importing.say("patient");
      }
      pauseExporter();
    }
    stopOne();
    waitFor(delayNs);
    if (exporterDies) {
      killExporter(idle);
    } else if (writerDies) {
      killWriter();
    } else {
      killImporter(victim, early);
    }
    account();
    figures.rounds++;
  }

  /** The pool that an importer may write to rests while there is none. */
  private void go() throws IOException {
    exporter.say(writer == null ? "go" : "go granted");
  }

  private List<Participant> importing() {
    List<Participant> all = new ArrayList<>();
    importers.forEach(importer -> all.add(importer.process));
    if (writer != null) {
      all.add(writer.process);
    }
    return all;
  }

  /** Both ways between the exporter and each importer that has readers. */
  private void crossFences() throws Exception {
    exporter.say("fence");
    String fence = exporter.await("fence")[1];
    for (Importing importer : importers) {
      importer.process.say("cross " + fence);
      String[] crossed = importer.process.await("crossed");
      if (crossed.length > 1) {
        exporter.say("import " + importer.process.pid() + " " + crossed[1]);
        exporter.await("imported");
        figures.fences += 2;
      }
    }
  }

  /** For less than anybody is evicted for: a process that does not run is not dead. */
  private void stopOne() throws Exception {
    if (random.nextInt(4) == 0) {
      List<Participant> all = importing();
      all.add(exporter);
      Participant stopped = all.get(random.nextInt(all.size()));
      stopped.stop();
      waitFor(random.nextLong(LONGEST_NS));
      stopped.wake();
      figures.stops++;
    }
  }

  /** Not for anything to happen: it is the moment that is drawn. */
  private static void waitFor(long ns) {
    long startNs = System.nanoTime();
    for (long leftNs = ns; leftNs > 0; leftNs = ns - (System.nanoTime() - startNs)) {
      LockSupport.parkNanos(leftNs);
    }
  }

  private static long sinceMs(long startNs) {
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNs);
  }

  private void killImporter(Importing victim, boolean early) throws Exception {
    kill(victim.process);
    long startNs = System.nanoTime();
    importers.remove(victim);
    exporter.say("gone " + victim.process.pid() + " " + startNs);
    long tookMs = Long.parseLong(exporter.await("gone")[1]);
    assertTrue(tookMs <= LIMIT.toMillis(), "back after " + tookMs + " ms");
    figures.returned(tookMs);
    figures.importers++;
    figures.early += early ? 1 : 0;
    count(victim);
    // One more, one less, or as many as before.
    int wanted = Math.clamp(importers.size() + random.nextInt(3), 1, mostImporters());
    while (importers.size() < wanted) {
      startImporter();
      importers.getLast().process.await("ready");
    }
  }

  private void killWriter() throws Exception {
    if (random.nextBoolean()) {
      aim();
    }
    kill(writer.process);
    long startNs = System.nanoTime();
    Journal.Entry last = count(writer);
    exporter.say(
        "writer-gone "
            + writer.process.pid()
            + " "
            + startNs
            + " "
            + last.phase()
            + " "
            + last.sequence());
    writer = null;
    long tookMs = Long.parseLong(exporter.await("gone")[1]);
    assertTrue(tookMs <= LIMIT.toMillis(), "back after " + tookMs + " ms");
    figures.writerReturned(tookMs);
    figures.writers++;
    figures.inTheMidst += last.phase() == Journal.Phase.WRITING ? 1 : 0;
  }

  /** Waits for a moment in which it may be in the midst of a frame; it is free to go on. */
  private void aim() throws IOException {
    Journal journal = Journal.in(writer.journal);
    long startNs = System.nanoTime();
    while (journal.read().phase() != Journal.Phase.WRITING
        && System.nanoTime() - startNs < LONGEST_NS) {
      Thread.onSpinWait();
    }
  }

  /** Beside the one that writes. */
  private int mostImporters() {
    return MOST_IMPORTERS - (writer == null ? 0 : 1);
  }

  private Journal.Entry count(Writing dead) throws IOException {
    Journal.Entry last = Journal.in(dead.journal).read();
    figures.changes += last.changes();
    Files.delete(dead.journal);
    return last;
  }

  private void count(Importing dead) {
    figures.verified += dead.verified;
    figures.divided += dead.divided;
  }

  private void killExporter(boolean idle) throws Exception {
    kill(exporter);
    long startNs = System.nanoTime();
    for (Importing importer : importers) {
      if (importer.reads) {
        long leftMs = Math.max(0, TOLD_LIMIT.toMillis() - sinceMs(startNs));
        importer.process.await("lost", Duration.ofMillis(leftMs));
      }
    }
    if (writer != null) {
      long leftMs = Math.max(0, TOLD_LIMIT.toMillis() - sinceMs(startNs));
      writer.process.await("lost", Duration.ofMillis(leftMs));
    }
    figures.told(sinceMs(startNs));
    figures.exporters++;
    figures.idle += idle ? 1 : 0;
    countExporter();
    // The same place, where the dead one's file is.
    startExporter();
    exporter.await("ready");
    go();
    for (Importing importer : importers) {
      if (importer.reads) {
        importer.process.await("joined");
      }
    }
    if (writer != null) {
      writer.process.await("joined");
    }
  }

  private void countExporter() {
    figures.published += published + changing;
    figures.looked += looked;
    figures.refused += refused;
    published = 0;
    changing = 0;
    looked = 0;
    refused = 0;
  }

  private void pauseExporter() throws Exception {
    exporter.say("pause");
    String[] paused = exporter.await("paused");
    published = Long.parseLong(paused[1]);
    changing = Long.parseLong(paused[4]);
    looked = Long.parseLong(paused[5]);
    refused = Long.parseLong(paused[6]);
  }

  private void account() throws Exception {
    pauseExporter();
    for (Participant importing : importing()) {
      importing.say("pause");
    }
    int peers = 0;
    for (Importing importer : importers) {
      String[] paused = importer.process.await("paused");
      importer.verified = Long.parseLong(paused[1]);
      importer.divided = Long.parseLong(paused[5]);
      peers += Integer.parseInt(paused[2]);
      figures.mapped(Long.parseLong(paused[4]));
    }
    int writers = 0;
    if (writer != null) {
      String[] paused = writer.process.await("paused");
      writers = Integer.parseInt(paused[2]);
      figures.mapped(Long.parseLong(paused[3]));
    }
    exporter.say("account " + peers + " " + writers);
    String[] accounted = exporter.await("accounted");
    long tookMs = Long.parseLong(accounted[1]);
    assertTrue(tookMs <= LIMIT.toMillis(), "free after " + tookMs + " ms");
    figures.accounted(tookMs);
    figures.mapped(Long.parseLong(accounted[2]));
  }

  // ---------------------------------------------------------------- the end

  /** All leave; whoever is left closes everything. */
  void end() throws Exception {
    for (Importing importer : importers) {
      kill(importer.process);
      count(importer);
    }
    if (writer != null) {
      kill(writer.process);
      count(writer);
    }
    countExporter();
    exporter.say("end");
    exporter.await("ended");
  }

  private void kill(Participant victim) throws InterruptedException {
    victim.requireWell();
    victim.kill();
    note(victim);
  }

  private void note(Participant one) {
    String said = one.noise();
    if (!said.isBlank()) {
      noise.append("\n").append(one).append(" has written:\n").append(said);
    }
  }

  /** What the dead and the living have written beside their answers: warnings, in the main. */
  String noise() {
    note(exporter);
    importing().forEach(this::note);
    return noise.toString();
  }

  @Override
  public void close() {
    if (exporter != null) {
      exporter.close();
    }
    importing().forEach(Participant::close);
  }
}
