package io.entrepot.chaos;

import io.entrepot.flow.Division;
import io.entrepot.flow.Feed;
import io.entrepot.flow.FeedFailedException;
import io.entrepot.flow.FeedReader;
import io.entrepot.flow.FramePort;
import io.entrepot.flow.Overflow;
import io.entrepot.flow.Start;
import io.entrepot.reach.RemotePool;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.Importer;
import io.entrepot.sharing.View;
import io.entrepot.sync.FenceError;
import io.entrepot.sync.Timeline;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/**
 * A process that imports a pool, as often as it must: {@code SOCKET SEED READERS COMERS [TRAP]}.
 *
 * <p>So many readers read as fast as they can, each in a way of its own, and in a thread of its own
 * or two that divide its frames; they begin with what is retained, or what comes. So many comers
 * connect, attach, join, read a little, leave and go, again and again; and one reads from a hostile
 * exporter, where there is one.
 *
 * <p>Orders: {@code go}; {@code patient}, wait for frames as long as it takes; {@code pause}, read
 * what is there and let go of everything. It says {@code joined} when all its readers are members,
 * {@code moving} at the first frame since it was told to go, and {@code lost} when its exporter has
 * ended and it has left.
 *
 * <p>Told to {@code cross FENCE}, it imports that fence of its exporter, and names one of its own,
 * which ends when it pauses, or dies; or nothing, where it has no reader. The exporter's ends
 * without an error when that pauses, which is before this is told to, and with one when it dies.
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

  /** Whether the exporter has paused before it died. */
  private volatile boolean patient;

  private final List<Divided> divisions = new CopyOnWriteArrayList<>();
  private final AtomicLong dividedFrames = new AtomicLong();
  private final AtomicReference<CrossedFence> imported = new AtomicReference<>();

  /** Whether a fence was imported over this connection, for which a handle is kept. */
  private volatile boolean watching;

  /** What the fences that it names are of, while there is a connection. */
  private volatile Timeline timeline;

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
        patient(false);
        moving.set(false);
        long before = verified.get();
        gate.open();
        Child.start("watcher", () -> tellOfMoving(before));
      }
      case "patient" -> patient(true);
      case "cross" -> cross(words[1]);
      case "pause" -> {
        gate.close();
        divisions.forEach(Divided::settle);
        requireEnd(null);
        signalOwn();
        int connections = connected == null ? 0 : 1;
        int processes = connections + (watching ? 1 : 0);
        footprint.require(0, connections, () -> processes, connections * (3 + readers));
        Child.say(
            "paused "
                + verified
                + " "
                + connections
                + " "
                + visits
                + " "
                + footprint.mostMappings()
                + " "
                + dividedFrames);
      }
      default -> throw new IllegalArgumentException(words[0]);
    }
  }

  private void patient(boolean on) {
    patient = on;
    Reading.patient(on);
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

  // ---------------------------------------------------------------- fences

  private void cross(String name) {
    RemotePool pool = connected;
    if (pool == null) {
      Child.say("crossed");
      return;
    }
    watching = true;
    imported.set(new CrossedFence(pool.importFence(CrossedFence.name(name))));
    Child.say("crossed " + CrossedFence.text(pool.exportFence(timeline.next())));
  }

  private void requireEnd(FenceError.Kind kind) {
    CrossedFence fence = imported.getAndSet(null);
    if (fence != null) {
      fence.requireEnd(kind);
    }
  }

  private void signalOwn() {
    Timeline own = timeline;
    if (own != null) {
      CrossedFence.signalAll(own);
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
          join(pool, i, joined, all);
        }
        timeline = pool.sync().timeline("importer");
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
      divisions.forEach(Divided::settle);
      divisions.clear();
      requireEnd(patient ? null : FenceError.Kind.ISSUER_LOST);
      joined.forEach(FeedReader::close);
      if (timeline != null) {
        timeline.close();
        timeline = null;
      }
      if (pool != null) {
        pool.close();
      }
      if (connected != null) {
        connected = null;
        watching = false;
        patient(false);
        Child.say("lost");
      }
    }
  }

  private void join(RemotePool pool, int number, List<FeedReader> joined, List<Reading> threads) {
    Feed feed = pool.feed(ExportingProcess.FEEDS.get(random.nextInt(2)));
    Overflow overflow = Overflow.values()[random.nextInt(3)];
    Reading.Use use = Reading.Use.values()[random.nextInt(4)];
    String name = use + " " + number;
    Importer importer =
        use == Reading.Use.LEASES
            ? Importer.leasing(name, Access.READ)
            : Importer.viewing(name, Access.READ);
    boolean divides = random.nextInt(3) == 0;
    FeedReader reader =
        feed.join(
            importer,
            overflow,
            1 + random.nextInt(8),
            divides ? Division.DIVIDED : Division.EACH,
            Start.values()[random.nextInt(3)]);
    joined.add(reader);
    Stamp stamp = new Stamp(pool.name(), feed.name());
    Divided divided = divides ? new Divided(reader, overflow, dividedFrames) : null;
    if (divides) {
      divisions.add(divided);
    }
    for (int i = divides ? 2 : 1; i > 0; i--) {
      threads.add(
          new Reading(reader, overflow, use, stamp, gate, random.split(), verified, divided));
    }
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
    try (FeedReader reader =
            feed.join(
                Importer.viewing("comer", Access.READ),
                overflow,
                1 + own.nextInt(4),
                Division.EACH,
                Start.values()[own.nextInt(3)]);
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
