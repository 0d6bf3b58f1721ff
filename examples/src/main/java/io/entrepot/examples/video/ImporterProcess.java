package io.entrepot.examples.video;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.bytedeco.ffmpeg.avutil.AVBufferRef;

/**
 * An importer's process, as the decoder's sees it: which frames are its, and what it tells.
 *
 * <p>The pool knows by itself what a reader of another process holds, and what one held that has
 * died. FFmpeg does not: a decoder may write again to a frame of which nobody but it has a
 * reference. So each frame that is published to the process is kept referenced until the process
 * says that it is done with it, or has ended.
 *
 * <p>The process is not trusted: what it tells can be wrong in numbers of its own, and ends it when
 * it is of frames that it was not given. It cannot touch what others see.
 */
final class ImporterProcess implements FeedFollower {
  private static final long LOOK_MS = 100;

  /** How long a JVM and FFmpeg may take to start, at least: the machine may have much to do. */
  private static final long START_NS = TimeUnit.SECONDS.toNanos(60);

  private final Role role;
  private final ServedPools pools;
  private final RunLog log;
  private final RunFailure failure;
  private final long patienceNs;
  private final Process process;
  private final JsonLines.Writer<Order> orders;
  private final Semaphore joined = new Semaphore(0);
  private final CountDownLatch over = new CountDownLatch(1);

  /** Frames that were published to it and that it has not taken yet, the oldest first. */
  private final Deque<DecoderSlot> unread = new ArrayDeque<>();

  /** Frames that it has taken, by their order. */
  private final Map<Long, ReaderHold> inHands = new TreeMap<>();

  private volatile long heardNs = System.nanoTime();
  private long published;
  private long taken;
  private long done;
  private boolean isFinished;
  private String complaint;
  private RunReport.Process ended;

  /** Starts the process. */
  ImporterProcess(
      Role role,
      Order.Begin begin,
      ServedPools pools,
      RunLog log,
      RunFailure failure,
      Duration patience) {
    this.role = role;
    this.pools = pools;
    this.log = log;
    this.failure = failure;
    this.patienceNs = patience.toNanos();
    try {
      this.process =
          new ProcessBuilder(command(role)).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    } catch (IOException e) {
      throw new VideoException(
          "cannot start a process for the " + role.importerName() + ": " + e, e);
    }
    this.orders = new JsonLines.Writer<>(process.getOutputStream());
    Thread.ofPlatform().daemon().name(role.importerName()).start(this::listen);
    order(begin);
  }

  private static List<String> command(Role role) {
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "--enable-native-access=ALL-UNNAMED",
        "-Djava.awt.headless=true",
        // Warnings of the JVM, too: standard output is for what is told.
        "-XX:+DisplayVMOutputToStderr",
        "-cp",
        System.getProperty("java.class.path"),
        VideoImporter.class.getName(),
        role.name());
  }

  /** Name of the importer. */
  String name() {
    return role.importerName();
  }

  /** The process itself. */
  Process process() {
    return process;
  }

  private void order(Order order) {
    try {
      orders.write(order);
    } catch (IOException e) {
      // It has ended, or is about to. How, its exit value tells.
      kill();
    }
  }

  // ---------------------------------------------------------------- for the decoding thread

  @Override
  public void follow(FrameFeed feed) {
    Path socket = pools.socket(feed.generation().pool());
    order(new Order.Follow(socket.toString(), feed.name(), feed.depth(), feed.geometry()));
    heardNs = System.nanoTime();
    try {
      while (!joined.tryAcquire(LOOK_MS, TimeUnit.MILLISECONDS) && over.getCount() > 0) {
        failure.check();
        checkHeard(Math.max(patienceNs, START_NS));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new VideoException("the run was interrupted", e);
    }
  }

  @Override
  public synchronized boolean expect(DecoderSlot slot, AVBufferRef buffer) {
    if (ended != null) {
      return false;
    }
    slot.addReader(buffer);
    unread.add(slot);
    published++;
    return true;
  }

  @Override
  public boolean abandonIfStalled() {
    synchronized (this) {
      // The last of them is about to be published: for that alone it cannot be blamed.
      if (ended != null || unread.size() < 2 || System.nanoTime() - heardNs < patienceNs / 2) {
        return false;
      }
    }
    complain("stands still");
    awaitOver();
    return true;
  }

  @Override
  public void join() {
    order(new Order.Finish());
    heardNs = System.nanoTime();
    awaitOver();
  }

  private void awaitOver() {
    boolean interrupted = false;
    boolean isOver = false;
    while (!isOver) {
      try {
        isOver = over.await(LOOK_MS, TimeUnit.MILLISECONDS);
        if (failure.isSet()) {
          kill();
        } else if (!isOver) {
          checkHeard(patienceNs);
        }
      } catch (InterruptedException e) {
        failure.set(new VideoException("the run was interrupted", e));
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void checkHeard(long limitNs) {
    if (System.nanoTime() - heardNs > limitNs) {
      complain("told nothing for " + SlotGeneration.seconds(Duration.ofNanos(limitNs)) + " s");
    }
  }

  /** Ends a process that is good for nothing any more. */
  private void complain(String why) {
    synchronized (this) {
      complaint = complaint == null ? why : complaint;
    }
    kill();
  }

  /** Not by {@link Process#destroyForcibly}, which closes the pipe before all in it is heard. */
  private void kill() {
    process.toHandle().destroyForcibly();
  }

  /** Ends the process, if it goes on, and waits for that. */
  void close() {
    kill();
    join();
  }

  /** How it has ended. */
  synchronized RunReport.Process ended() {
    return ended;
  }

  // ---------------------------------------------------------------- what it tells

  private void listen() {
    JsonLines.Reader<Told> pipe = new JsonLines.Reader<>(process.getInputStream(), Told.class);
    try {
      Told told = pipe.read();
      while (told != null) {
        heardNs = System.nanoTime();
        hear(told);
        told = pipe.read();
      }
    } catch (IOException endOfPipe) {
      // As when there is nothing more: the pipe of a process that was destroyed is closed.
    } catch (RuntimeException | Error e) {
      complain("is not to be understood: " + e.getMessage());
    } finally {
      end(exitValue());
    }
  }

  private void hear(Told told) {
    switch (told) {
      case Told.Joined() -> joined.release();
      case Told.Taken(int buffer, long atNs) -> take(buffer, atNs);
      case Told.Done(long frame, long atNs) -> letGo(frame).close(atNs);
      case Told.Work work -> work.to(log);
      case Told.Finished() -> {
        synchronized (this) {
          isFinished = true;
        }
      }
      case Told.Failed(String sentence) -> {
        synchronized (this) {
          complaint = complaint == null ? sentence : complaint;
        }
      }
    }
  }

  private synchronized void take(int buffer, long atNs) {
    DecoderSlot slot = unread.poll();
    if (slot == null || slot.lease().bufferIndex() != buffer) {
      throw new VideoException("it has taken buffer " + buffer + ", which is not its next frame");
    }
    inHands.put(taken++, new ReaderHold(slot, role.importerName(), atNs));
  }

  private synchronized ReaderHold letGo(long frame) {
    ReaderHold hold = inHands.remove(frame);
    if (hold == null) {
      throw new VideoException("it is done with frame " + frame + ", which it has not");
    }
    done++;
    return hold;
  }

  private int exitValue() {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          // One that tells nothing any more has nothing left to do.
          if (!process.waitFor(patienceNs, TimeUnit.NANOSECONDS)) {
            complain("does not end");
          }
          return process.waitFor();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** It is gone, and with it all that it had. */
  private void end(int exitValue) {
    List<DecoderSlot> neverTaken;
    List<ReaderHold> neverReturned;
    synchronized (this) {
      neverTaken = List.copyOf(unread);
      neverReturned = List.copyOf(inHands.values());
      ended = report(exitValue);
      unread.clear();
      inHands.clear();
    }
    neverTaken.forEach(DecoderSlot::readerLeft);
    neverReturned.forEach(ReaderHold::close);
    over.countDown();
  }

  private RunReport.Process report(int exitValue) {
    Ending ending;
    if (complaint != null) {
      ending = Ending.failed(complaint);
    } else {
      ending = isFinished ? Ending.FINISHED : Ending.of(exitValue);
    }
    return new RunReport.Process(
        role.importerName(),
        process.pid(),
        done,
        role.leases() ? taken : 0,
        role.leases() ? done : 0,
        ending.end(),
        ending.how(),
        published,
        inHands.size(),
        unread.size());
  }

  @Override
  public String toString() {
    RunReport.Process last = ended();
    return last == null ? role.importerName() + ", process " + process.pid() : last.loss();
  }
}
