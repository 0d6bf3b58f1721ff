package io.entrepot.internal.reach;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.entrepot.flow.BufferPool;
import io.entrepot.internal.memory.Linux;
import io.entrepot.reach.PoolServer;
import io.entrepot.sharing.Exporter;
import io.entrepot.sharing.Offer;
import io.entrepot.sharing.SharedMemoryExporter;
import io.entrepot.sharing.SizeClass;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** C12: a pool that is closed while it begins to be served is served to nobody. */
class ClosedMeanwhileTest {
  private static final String NAME = "closed meanwhile";

  @TempDir Path folder;

  @BeforeEach
  void needsLinux() {
    assumeTrue(Linux.isAvailable(), "processes share memory on Linux alone");
  }

  /** Does something when it is asked by whoever begins to serve, behind the look at the pool. */
  private static final class AskedExporter implements Exporter {
    private final Exporter below = SharedMemoryExporter.named(NAME);
    private Runnable asked = () -> {};

    @Override
    public String name() {
      return below.name();
    }

    @Override
    public List<Offer> offers() {
      return below.offers();
    }

    @Override
    public Backing allocate(List<SizeClass> classes) {
      return below.allocate(classes);
    }

    @Override
    public boolean zeroesOnRelease() {
      asked.run();
      return below.zeroesOnRelease();
    }
  }

  @Test
  void aPoolThatIsClosedAsItIsServedIsNotServed() {
    AskedExporter exporter = new AskedExporter();
    BufferPool pool = BufferPool.of(exporter, new SizeClass(64, 4));
    exporter.asked = pool::close;
    Path socket = folder.resolve("pool");
    String message =
        assertThrows(IllegalStateException.class, () -> PoolServer.serve(pool, socket).close())
            .getMessage();
    assertEquals("pool '" + NAME + "' is closed", message);
    assertFalse(Files.exists(socket), "nobody listens there");
    assertEquals(
        0,
        Thread.getAllStackTraces().keySet().stream()
            .filter(thread -> thread.getName().equals("entrepot-serve-" + NAME))
            .count());
  }
}
