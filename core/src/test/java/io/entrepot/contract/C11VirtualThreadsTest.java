package io.entrepot.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.entrepot.contract.ForkedJvm.Run;
import io.entrepot.flow.BufferPool;
import io.entrepot.flow.Overflow;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.Importer;
import io.entrepot.sharing.SharedBuffer;
import io.entrepot.sync.Usage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;

/** C11: a virtual thread that waits lets go of its carrier, to whoever will wake it. */
class C11VirtualThreadsTest {
  private static final String PINNED = "jdk.VirtualThreadPinned";

  /**
   * Runs on one carrier: what a thread waits for is done by another one, which runs only when the
   * first lets it. Prints a line for each wait, and how often a thread was pinned. All is done once
   * before that is counted, since a thread that meets another one in a class that is just being
   * initialized is pinned too.
   */
  public static final class Program {
    private static final long LIMIT_SECONDS = 20;
    private static final Duration LIMIT = Duration.ofSeconds(LIMIT_SECONDS);
    private static final List<String> SAID = new ArrayList<>();

    private Program() {}

    /** Waits for everything there is to wait for. */
    public static void main(String[] arguments) throws Exception {
      waitForAll();
      SAID.clear();
      long pinned = pinnedWhile(Program::waitForAll);
      SAID.forEach(System.out::println);
      System.out.println("pinned " + pinned);
      System.out.println("pinned on purpose " + pinnedWhile(Program::parkPinned));
    }

    private static void waitForAll() throws Exception {
      waitForBuffers();
      waitForFrames();
      waitForFences();
    }

    private interface Work {
      void run() throws Exception;
    }

    private static long pinnedWhile(Work work) throws Exception {
      Path file = Files.createTempFile("entrepot", ".jfr");
      try (Recording recording = new Recording()) {
        recording.enable(PINNED).withoutThreshold();
        recording.start();
        work.run();
        recording.stop();
        recording.dump(file);
        return count(file);
      } finally {
        Files.delete(file);
      }
    }

    private static long count(Path file) throws IOException {
      return RecordingFile.readAllEvents(file).stream()
          .filter(event -> event.getEventType().getName().equals(PINNED))
          .count();
    }

    /** A class is initialized below a frame of the JVM's own, which cannot be moved. */
    private static void parkPinned() throws Exception {
      virtually(() -> Pinning.PARKED).get();
    }

    private static final class Pinning {
      static final boolean PARKED = park();

      private static boolean park() {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
        return true;
      }
    }

    private static FutureTask<Boolean> virtually(BooleanSupplier work) {
      FutureTask<Boolean> task = new FutureTask<>(work::getAsBoolean);
      Thread.ofVirtual().start(task);
      return task;
    }

    /** The wake is queued behind the wait, so it runs when that has let go of the carrier. */
    private static void say(String what, BooleanSupplier wait, Runnable wake) throws Exception {
      FutureTask<Boolean> waiting = virtually(wait);
      FutureTask<Boolean> waking =
          virtually(() -> {
            boolean inTime = !waiting.isDone();
            wake.run();
            return inTime;
          });
      SAID.add(what + " " + (waiting.get() && waking.get()));
    }

    private static void waitForBuffers() throws Exception {
      try (var pool = BufferPool.offHeap("pool", 64, 1)) {
        SharedBuffer first = pool.tryAcquire(64);
        say("pool", () -> closed(pool.acquire(64, LIMIT_SECONDS, TimeUnit.SECONDS)), first::close);
        SharedBuffer second = pool.tryAcquire(64);
        say(
            "owner",
            () -> {
              try (var owner = pool.open("owner")) {
                return owner.acquire(LIMIT_SECONDS, TimeUnit.SECONDS) != null;
              }
            },
            second::close);
        SharedBuffer third = pool.tryAcquire(64);
        say(
            "writer",
            () -> {
              try (var feed = pool.broadcast("feed");
                  var writer = feed.writer()) {
                return writer.acquire(LIMIT_SECONDS, TimeUnit.SECONDS) != null;
              }
            },
            third::close);
      }
    }

    private static boolean closed(SharedBuffer buffer) {
      if (buffer != null) {
        buffer.close();
      }
      return buffer != null;
    }

    private static void waitForFrames() throws Exception {
      try (var pool = BufferPool.offHeap("pool", 64, 1);
          var feed = pool.broadcast("feed");
          var reader = feed.join("reader", Access.READ, Overflow.BLOCK);
          var writer = feed.writer()) {
        SharedBuffer buffer = pool.tryAcquire(64);
        FutureTask<Boolean> reading =
            virtually(() -> {
              try (var port = reader.open()) {
                return port.next(LIMIT_SECONDS, TimeUnit.SECONDS) != null;
              }
            });
        virtually(() -> true).get();
        boolean published = writer.publish(buffer, null, 0, 0, TimeUnit.SECONDS);
        SAID.add("frame " + (published && reading.get()));
      }
    }

    private static void waitForFences() throws Exception {
      try (var pool = BufferPool.offHeap("pool", 64, 1);
          var attachment = pool.attach(Importer.viewing("importer", Access.WRITE));
          var timeline = pool.sync().timeline("gpu");
          var buffer = pool.tryAcquire(64)) {
        var fence = timeline.next();
        say("fence", () -> fence.await(LIMIT), () -> timeline.signal(1));
        buffer.reservation().add(timeline.next(), Usage.WRITE);
        say(
            "reservation",
            () -> buffer.reservation().await(Usage.READ, LIMIT),
            () -> timeline.signal(2));
        buffer.reservation().add(timeline.next(), Usage.WRITE);
        say(
            "map",
            () -> {
              try (var port = attachment.open();
                  var view = port.map(buffer)) {
                return view.getByte(0) == 0;
              }
            },
            () -> timeline.signal(3));
      }
    }
  }

  @Test
  void aWaitingVirtualThreadLetsGoOfItsCarrier() throws Exception {
    Run run =
        ForkedJvm.run(
            Program.class,
            ForkedJvm.classPath(),
            "--enable-native-access=ALL-UNNAMED",
            "-Djdk.virtualThreadScheduler.parallelism=1",
            "-Djdk.virtualThreadScheduler.maxPoolSize=1");
    assertEquals(0, run.exitValue(), run.output());
    assertEquals(
        List.of(
            "pool true",
            "owner true",
            "writer true",
            "frame true",
            "fence true",
            "reservation true",
            "map true",
            "pinned 0",
            "pinned on purpose 1"),
        run.output().lines().toList());
  }
}
