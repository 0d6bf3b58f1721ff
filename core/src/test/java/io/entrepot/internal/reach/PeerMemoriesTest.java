package io.entrepot.internal.reach;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.entrepot.flow.BufferPool;
import io.entrepot.internal.flow.ExportedPool;
import io.entrepot.internal.memory.Errno;
import io.entrepot.internal.memory.Linux;
import io.entrepot.internal.memory.SystemCallException;
import io.entrepot.internal.sharing.PoolCore;
import io.entrepot.internal.sharing.Replacements;
import io.entrepot.internal.sync.FarProcess;
import io.entrepot.reach.PeerIdentity;
import io.entrepot.sharing.SharedMemoryExporter;
import io.entrepot.sharing.SizeClass;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a peer was sent, when it leaves and is cut off at once. */
class PeerMemoriesTest {
  private static final long LONG_NS = TimeUnit.SECONDS.toNanos(20);

  /** Not this process, of which nothing could be hidden. */
  private static final PeerIdentity OTHER = new PeerIdentity(0, 0, 0);

  @TempDir Path folder;

  /** The handle of its process is closed by then: whoever evicts it is told nothing of that. */
  @Test
  void onePeerThatHasJustLeftIsCutOffWithoutAWord() throws Exception {
    assumeTrue(Linux.isAvailable(), "needs Linux on x86-64 or aarch64");
    Path path = folder.resolve("socket");
    try (BufferPool pool = BufferPool.of(SharedMemoryExporter.named("left"), new SizeClass(64, 2));
        UnixSocket listening = UnixSocket.listen(path, 1);
        UnixSocket peer = UnixSocket.connect(path, LONG_NS);
        UnixSocket accepted = listening.accept(LONG_NS);
        PeerProcess process = PeerProcess.of(accepted)) {
      PoolCore core = ((ExportedPool) pool).core();
      PeerMemories memories =
          new PeerMemories(core.replacements(), new WireSocket(accepted), process, OTHER);
      memories.begin((number, data) -> assertFalse(peer.descriptor().isClosed()));
      memories.end();
      memories.cutOff(true);
      assertFalse(core.memories().isWithheld(), "it is believed");
      assertEquals(0, pool.statistics().oldMemories());
    }
  }

  /**
   * A process whose peer does not listen for a while: it never has more than there are at a time.
   */
  @Test
  void whatHasGoneIsToldBeforeWhatHasCome() throws Exception {
    assumeTrue(Linux.isAvailable(), "needs Linux on x86-64 or aarch64");
    Path path = folder.resolve("socket");
    try (BufferPool pool = BufferPool.of(SharedMemoryExporter.named("late"), new SizeClass(64, 2));
        UnixSocket listening = UnixSocket.listen(path, 1);
        RawPeer peer = new RawPeer(UnixSocket.connect(path, LONG_NS));
        UnixSocket accepted = listening.accept(LONG_NS);
        PeerProcess process = PeerProcess.of(accepted)) {
      Replacements replacements = ((ExportedPool) pool).core().replacements();
      WireSocket socket = new WireSocket(accepted);
      PeerMemories memories = new PeerMemories(replacements, socket, process, OTHER);
      memories.begin((number, data) -> assertEquals(0, number));
      int filled = 0;
      try {
        while (true) {
          socket.trySend(0, new WireFormat.Done());
          filled++;
        }
      } catch (SystemCallException full) {
        assertEquals(Errno.EAGAIN, full.errno());
      }
      Seeing seeing = new Seeing();
      replacements.expose(seeing, "another", Set.of(0L), true);
      long startNs = System.nanoTime();
      while (replacements.mapped().size() != 1 || replacements.mapped().getLast().getKey() != 1) {
        assertTrue(System.nanoTime() - startNs < LONG_NS, pool::dump);
        Thread.onSpinWait();
      }
      // Waits for whoever is telling just now, by what it saw before the first one went.
      memories.tell();
      for (int i = 0; i < filled; i++) {
        assertEquals(new WireFormat.Done(), peer.answer());
      }
      memories.tell();
      assertEquals(new WireFormat.MemoryGone(0), peer.answer());
      assertEquals(new WireFormat.Memory(1), peer.answer());
      seeing.isAlive = false;
      memories.end();
    }
  }

  /** A process that was cut off. */
  private static final class Seeing implements FarProcess {
    private volatile boolean isAlive = true;

    @Override
    public boolean isAlive() {
      return isAlive;
    }

    @Override
    public void close() {
      // There is nothing to let go of.
    }
  }
}
