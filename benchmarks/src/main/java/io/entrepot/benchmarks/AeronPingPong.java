package io.entrepot.benchmarks;

import io.aeron.Aeron;
import io.aeron.driver.MediaDriver;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicReference;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** A message of Aeron IPC that is answered by another; see {@link AeronLink}. */
public final class AeronPingPong {
  private AeronPingPong() {}

  /** What both forms have: a driver, and the end that asks. */
  private abstract static class Asking implements PingPong {
    final MediaDriver driver = AeronLink.startDriver();
    final Aeron aeron = AeronLink.connect(driver.aeronDirectoryName());
    final AeronLink link = new AeronLink(aeron, AeronLink.THERE, AeronLink.BACK);

    @Override
    public void goAndComeBack() {
      link.send();
      link.take();
    }

    void end() {
      link.close();
      aeron.close();
      driver.close();
    }
  }

  /** With another thread. */
  @State(Scope.Thread)
  public static class Threads extends Asking {
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private Thread answering;

    @Override
    @Setup
    public void open() {
      answering = Thread.ofPlatform().daemon().name("answering").start(this::answerAll);
      link.awaitOther();
    }

    private void answerAll() {
      try (AeronLink other = new AeronLink(aeron, AeronLink.BACK, AeronLink.THERE)) {
        answer(other);
      } catch (RuntimeException e) {
        failure.set(e);
      }
    }

    @Override
    @TearDown
    public void close() throws InterruptedException {
      link.sendLast();
      answering.join();
      end();
      if (failure.get() != null) {
        throw new IllegalStateException("not every message was answered", failure.get());
      }
    }
  }

  /** With another process. */
  @State(Scope.Thread)
  public static class Processes extends Asking {
    private OtherProcess other;

    @Override
    @Setup
    public void open() throws IOException {
      other = OtherProcess.start("aeron", driver.aeronDirectoryName());
      other.awaitReady();
      link.awaitOther();
    }

    @Override
    @TearDown
    public void close() throws IOException, InterruptedException {
      link.sendLast();
      other.awaitEnd();
      end();
    }
  }

  /** Answers until the last message. */
  static void answer(AeronLink link) {
    link.awaitOther();
    while (link.take()) {
      link.send();
    }
  }
}
