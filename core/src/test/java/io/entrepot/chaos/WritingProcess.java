package io.entrepot.chaos;

import io.entrepot.chaos.ChangingReading.Use;
import io.entrepot.flow.Division;
import io.entrepot.flow.Feed;
import io.entrepot.flow.FeedReader;
import io.entrepot.flow.Overflow;
import io.entrepot.flow.Start;
import io.entrepot.reach.RemotePool;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.AttachRefusedException;
import io.entrepot.sharing.Importer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * A process that was granted writing: {@code SOCKET SEED JOURNAL}. One of its threads changes
 * frames in place and says in the journal what it is at, another reads them.
 *
 * <p>Orders and answers are those of an {@link ImportingProcess} that has readers. It moves when it
 * has made a change.
 */
final class WritingProcess {
  private static final long RETRY_NS = TimeUnit.MILLISECONDS.toNanos(1);
  private static final int THREADS = 2;

  /** The exporter's words, its data, and words of its own; beside a ring for each thread. */
  private static final int MEMORIES = 3;

  private final Path socket;
  private final SplittableRandom random;
  private final Journal journal;
  private final Gate gate = new Gate();
  private final AtomicLong verified = new AtomicLong();
  private final Shown shown = new Shown();
  private final Footprint footprint = new Footprint();
  private volatile List<ChangingReading> readings = List.of();

  private WritingProcess(Path socket, long seed, Path journal) throws IOException {
    this.socket = socket;
    this.random = new SplittableRandom(seed);
    this.journal = Journal.in(journal);
  }

  public static void main(String[] args) throws IOException {
    WritingProcess process =
        new WritingProcess(Path.of(args[0]), Long.parseLong(args[1]), Path.of(args[2]));
    process.gate.enter();
    Child.start("session", process::importAgainAndAgain);
    Child.obey(process::obey);
  }

  private void obey(String... words) throws Exception {
    switch (words[0]) {
      case "go" -> {
        patient(false);
        long before = journal.read().changes();
        gate.open();
        Child.start("watcher", () -> tellOfMoving(before));
      }
      case "patient" -> patient(true);
      case "pause" -> {
        gate.close();
        shown.clear();
        int connections = readings.isEmpty() ? 0 : 1;
        footprint.require(0, connections, () -> connections, connections * (MEMORIES + THREADS));
        Child.say("paused " + verified + " " + connections + " " + footprint.mostMappings());
      }
      default -> throw new IllegalArgumentException(words[0]);
    }
  }

  private void patient(boolean on) {
    readings.forEach(reading -> reading.patient(on));
  }

  private void tellOfMoving(long before) {
    while (journal.read().changes() == before) {
      LockSupport.parkNanos(RETRY_NS);
    }
    Child.say("moving");
  }

  private void importAgainAndAgain() throws Exception {
    while (true) {
      gate.pass();
      try (RemotePool pool = RemotePool.connect(socket)) {
        importOnce(pool);
      } catch (UncheckedIOException | IllegalStateException | AttachRefusedException told) {
        // Its exporter has ended, or is about to begin.
        LockSupport.parkNanos(RETRY_NS);
      }
      if (!readings.isEmpty()) {
        readings = List.of();
        Child.say("lost");
      }
    }
  }

  private void importOnce(RemotePool pool) throws InterruptedException {
    try (FeedReader changed = join(pool);
        FeedReader read = join(pool)) {
      readings =
          List.of(
              reading(pool, changed, Use.CHANGES, journal),
              reading(pool, read, Use.LOOKS_AGAIN, null));
      List<Thread> threads = new ArrayList<>();
      for (ChangingReading reading : readings) {
        gate.enter();
        threads.add(Child.start("changing", reading::read));
      }
      Child.say("joined");
      // They are inside in its place.
      gate.leave();
      for (Thread thread : threads) {
        thread.join();
      }
      gate.enter();
    }
  }

  private FeedReader join(RemotePool pool) {
    Feed feed = pool.feed(GrantedPool.FEED);
    return feed.join(
        Importer.viewing(GrantedPool.WRITER, Access.WRITE),
        Overflow.values()[random.nextInt(3)],
        1 + random.nextInt(4),
        Division.EACH,
        Start.values()[random.nextInt(3)]);
  }

  private ChangingReading reading(RemotePool pool, FeedReader reader, Use use, Journal own) {
    Stamp stamp = new Stamp(pool.name(), GrantedPool.FEED);
    Changes changes = new Changes(stamp, random.split(), own);
    return new ChangingReading(reader, use, changes, gate, random.split(), verified, shown);
  }
}
