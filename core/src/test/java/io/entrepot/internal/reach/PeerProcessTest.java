package io.entrepot.internal.reach;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.entrepot.internal.memory.ChildJvm;
import io.entrepot.internal.memory.Linux;
import io.entrepot.internal.memory.OpenDescriptors;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who is at the other end, and whether it still runs. */
class PeerProcessTest {
  private static final long LONG_NS = TimeUnit.SECONDS.toNanos(20);
  private static final long MS = 1_000_000;

  @TempDir Path top;

  @BeforeEach
  void needsLinux() {
    assumeTrue(Linux.isAvailable(), "needs Linux on x86-64 or aarch64");
  }

  @Test
  void aKilledPeerIsSeenByItsProcessAndByTheEndOfTheStream() throws Exception {
    Path path = top.resolve("socket");
    try (UnixSocket listening = UnixSocket.listen(path, 1);
        ChildJvm child = ChildJvm.start(Peer.class, path.toString());
        UnixSocket connection = listening.accept(LONG_NS)) {
      assertEquals(child.pid(), connection.peer().pid());
      PeerCredentials credentials = connection.peer();
      try (PeerProcess process = PeerProcess.of(connection);
          PeerProcess byCredentials = PeerProcess.byCredentials(connection, credentials)) {
        assertEquals(credentials, process.credentials());
        assertTrue(process.isAlive() && byCredentials.isAlive());
        assertFalse(process.awaitEnd(MS));
        assertThrows(
            IllegalStateException.class,
            () ->
                PeerProcess.byCredentials(
                    connection,
                    new PeerCredentials(
                        credentials.pid(), credentials.uid() + 1, credentials.gid())));
        child.kill();
        assertTrue(process.awaitEnd(LONG_NS));
        assertTrue(byCredentials.awaitEnd(LONG_NS));
        assertFalse(process.isAlive());
        assertEquals(
            Received.Outcome.END_OF_STREAM,
            connection.receive(MemorySegment.ofArray(new byte[1]), LONG_NS).outcome());
        assertThrows(IllegalStateException.class, () -> PeerProcess.of(connection));
        assertThrows(
            IllegalStateException.class, () -> PeerProcess.byCredentials(connection, credentials));
      }
      // A number that another process has now: this one's, whose end of the stream is open.
      PeerCredentials ours =
          new PeerCredentials(
              (int) ProcessHandle.current().pid(), credentials.uid(), credentials.gid());
      assertThrows(IllegalStateException.class, () -> PeerProcess.byCredentials(connection, ours));
      // Threads of other tests' connections close theirs a moment after their pools.
      long startNs = System.nanoTime();
      while (OpenDescriptors.of("pidfd") > 0) {
        assertTrue(System.nanoTime() - startNs < LONG_NS, "a handle is left");
        Thread.onSpinWait();
      }
    }
  }

  /** Connects and stays. */
  static final class Peer {
    public static void main(String[] args) throws IOException, InterruptedException {
      UnixSocket socket = UnixSocket.connect(Path.of(args[0]));
      System.in.read();
      socket.close();
    }
  }

  @Test
  void closingOrInterruptingEndsAWait() throws InterruptedException {
    Path path = top.resolve("socket");
    try (UnixSocket listening = UnixSocket.listen(path, 1);
        UnixSocket client = UnixSocket.connect(path);
        UnixSocket connection = listening.accept(LONG_NS)) {
      assertEquals(client.peer(), connection.peer());
      PeerProcess self = PeerProcess.of(connection);
      Thread.currentThread().interrupt();
      assertThrows(InterruptedException.class, () -> self.awaitEnd(LONG_NS));
      FutureTask<Boolean> waiting = new FutureTask<>(() -> self.awaitEnd(Long.MAX_VALUE));
      Thread.ofPlatform().start(waiting);
      self.close();
      self.close();
      ExecutionException ended = assertThrows(ExecutionException.class, waiting::get);
      assertInstanceOf(IllegalStateException.class, ended.getCause());
      assertThrows(IllegalStateException.class, self::isAlive);
    }
  }
}
