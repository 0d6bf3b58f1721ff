package io.entrepot.internal.reach;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.entrepot.flow.BufferPool;
import io.entrepot.internal.flow.ExportedPool;
import io.entrepot.internal.memory.Linux;
import io.entrepot.internal.sharing.PoolCore;
import io.entrepot.reach.PeerIdentity;
import io.entrepot.sharing.SharedMemoryExporter;
import io.entrepot.sharing.SizeClass;
import java.nio.file.Path;
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
}
