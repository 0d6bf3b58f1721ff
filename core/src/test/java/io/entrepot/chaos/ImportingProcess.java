package io.entrepot.chaos;

import io.entrepot.flow.Feed;
import io.entrepot.flow.FeedFailedException;
import io.entrepot.flow.FeedReader;
import io.entrepot.flow.FramePort;
import io.entrepot.flow.Overflow;
import io.entrepot.reach.RemotePool;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.Importer;
import io.entrepot.sharing.View;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * A process that imports a pool, as often as it must: {@code SOCKET SEED READERS COMERS [TRAP]}.
 *
 * <p>So many readers read as fast as they can, each in a thread and a way of its own; so many
 * comers connect, attach, join, read a little, leave and go, again and again; and one reads from a
 * hostile exporter, where there is one.
 *
 * <p>Orders: {@code go}; {@code patient}, wait for frames as long as it takes; {@code pause}, read
 * what is there and let go of everything. It says {@code joined} when all its readers are members,
 * {@code moving} at the first frame since it was told to go, and {@code lost} when its exporter has
 * ended and it has left.
 */
final class ImportingProcess {
  /** Readers that a process has at most. */
  static final int MAX_READERS = 3;

  private static final long RETRY_NS = TimeUnit.MILLISECONDS.toNanos(1);

  private final Path socket;
  private final int readers;
  private final SplittableRandom random;
  private final Gate gate = new Gate();
  private final AtomicLong verified = new AtomicLong();
  private final AtomicLong visits = new AtomicLong();
  private final AtomicBoolean moving = new AtomicBoolean();
  private final Footprint footprint = new Footprint();

  /** The reading threads' connection, while there is one. */
  private volatile RemotePool connected;

  private ImportingProcess(Path socket, long seed, int readers) {
    this.socket = socket;
    this.random = new SplittableRandom(seed);
    this.readers = readers;
  }

  public static void main(String[] args) {
    ImportingProcess process =
        new ImportingProcess(Path.of(args[0]), Long.parseLong(args[1]), Integer.parseInt(args[2]));
    process.begin(Integer.parseInt(args[3]));
    if (args.length > 4 && !args[4].isEmpty()) {
      process.visit(Path.of(args[4]));
    }
    Child.obey(process::obey);
  }

  private void begin(int comers) {
    for (int i = 0; i < comers; i++) {
      SplittableRandom own = random.split();
      gate.enter();
      Child.start("comer", () -> comeAndGo(own));
    }
    if (readers > 0) {
      gate.enter();
      Child.start("session", this::importAgainAndAgain);
    }
  }

  private void visit(Path trap) {
    TrappedReading trapped = new TrappedReading(trap, gate, random.split(), visits);
    gate.enter();
    Child.start("trapped", trapped::read);
  }

  private void obey(String... words) throws Exception {
    switch (words[0]) {
      case "go" -> {
        Reading.patient(false);
        moving.set(false);
        long before = verified.get();
        gate.open();
        Child.start("watcher", () -> tellOfMoving(before));
      }
      case "patient" -> Reading.patient(true);
      case "pause" -> {
        gate.close();
        int connections = connected == null ? 0 : 1;
        footprint.require(0, connections, connections, connections * (3 + readers));
        Child.say(
            "paused "
                + verified
                + " "
                + connections
                + " "
                + visits
                + " "
                + footprint.mostMappings());
      }
      default -> throw new IllegalArgumentException(words[0]);
    }
  }

  private void tellOfMoving(long before) {
    while (verified.get() == before) {
      LockSupport.parkNanos(RETRY_NS);
    }
    if (moving.compareAndSet(false, true)) {
      Child.say("moving");
    }
  }

  /** Fails on what may not be thrown at one whose exporter is killed at any moment. */
  private static void requireTold(RuntimeException thrown) {
    if (!(thrown instanceof UncheckedIOException || thrown instanceof IllegalStateException)) {
      throw thrown;
    }
  }

  // ---------------------------------------------------------------- readers

  private void importAgainAndAgain() throws Exception {
    while (true) {
      gate.pass();
      RemotePool pool = null;
      List<FeedReader> joined = new ArrayList<>();
      List<Thread> threads = new ArrayList<>();
      try {
        pool = RemotePool.connect(socket);
        List<Reading> all = new ArrayList<>();
        for (int i = 0; i < readers; i++) {
          all.add(join(pool, i, joined));
        }
        connected = pool;
        for (Reading reading : all) {
          gate.enter();
          threads.add(Child.start("reader", reading::read));
        }
        Child.say("joined");
      } catch (RuntimeException refused) {
        requireTold(refused);
        LockSupport.parkNanos(RETRY_NS);
      }
      if (!threads.isEmpty()) {
        // They are inside in its place.
        gate.leave();
        for (Thread thread : threads) {
          thread.join();
        }
        gate.enter();
      }
      joined.forEach(FeedReader::close);
      if (pool != null) {
        pool.close();
      }
      if (connected != null) {
        connected = null;
        Reading.patient(false);
        Child.say("lost");
      }
    }
  }

  private Reading join(RemotePool pool, int number, List<FeedReader> joined) {
    Feed feed = pool.feed(ExportingProcess.FEEDS.get(random.nextInt(2)));
    Overflow overflow = Overflow.values()[random.nextInt(3)];
    Reading.Use use = Reading.Use.values()[random.nextInt(4)];
    String name = use + " " + number;
    Importer importer =
        use == Reading.Use.LEASES
            ? Importer.leasing(name, Access.READ)
            : Importer.viewing(name, Access.READ);
    FeedReader reader = feed.join(importer, overflow, 1 + random.nextInt(8), Reading.ALL);
    joined.add(reader);
    Stamp stamp = new Stamp(pool.name(), feed.name());
    return new Reading(reader, overflow, use, stamp, gate, random.split(), verified);
  }

  // ---------------------------------------------------------------- comers

  private void comeAndGo(SplittableRandom own) throws InterruptedException {
    while (true) {
      gate.pass();
      try (RemotePool pool = RemotePool.connect(socket)) {
        for (int times = own.nextInt(4); times > 0 && !gate.isClosed(); times--) {
          if (own.nextInt(4) == 0) {
            pool.attach(Importer.viewing("guest", Access.READ)).close();
          } else {
            visit(pool, own);
          }
        }
        visits.incrementAndGet();
      } catch (RuntimeException refused) {
        requireTold(refused);
        LockSupport.parkNanos(RETRY_NS);
      }
    }
  }

  private void visit(RemotePool pool, SplittableRandom own) {
    Feed feed = pool.feed(ExportingProcess.FEEDS.get(own.nextInt(2)));
    Stamp stamp = new Stamp(pool.name(), feed.name());
    Overflow overflow = Overflow.values()[own.nextInt(3)];
    try (FeedReader reader = feed.join("comer", Access.READ, overflow, 1 + own.nextInt(4));
        FramePort port = reader.open()) {
      for (int frames = own.nextInt(5); frames > 0; frames--) {
        View view = port.next(5, TimeUnit.MILLISECONDS);
        if (view == null) {
          return;
        }
        stamp.check(view, port.sequence());
        verified.incrementAndGet();
      }
    } catch (FeedFailedException lost) {
      // So says the end of its exporter, wherever it is met.
      LockSupport.parkNanos(RETRY_NS);
    }
  }
}
