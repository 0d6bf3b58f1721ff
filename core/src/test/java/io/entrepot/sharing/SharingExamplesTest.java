package io.entrepot.sharing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.flow.BufferPool;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The examples do what they say. */
class SharingExamplesTest {
  @Test
  void bytesAreReachedThroughViewsAndWindows() {
    try (var pool = BufferPool.offHeap("pool", 4096, 2)) {
      assertEquals(42, SharingExamples.throughAView(pool));
      assertEquals(42, SharingExamples.throughAWindow(pool));
    }
  }

  @Test
  void anExporterThatOffersNoWindowSaysSoFirst() {
    var exporter =
        ArenaExporter.named("strict").offering(Offer.of(MappingType.VIEW, Access.WRITE, 64));
    try (var pool = BufferPool.of(exporter, new SizeClass(4096, 2))) {
      String text =
          assertThrows(IllegalStateException.class, () -> SharingExamples.throughAWindow(pool))
              .getMessage();
      assertTrue(text.contains("offers no CPU window"), text);
    }
  }

  @Test
  void memoryIsTakenBack() {
    try (var pool = BufferPool.offHeap("pool", 4096, 2);
        var attachment = pool.attach(Importer.leasing("codec", Access.READ));
        var buffer = pool.tryAcquire(4096)) {
      NativeLease lease = attachment.lease(buffer);
      List<String> stillOut = SharingExamples.takeBack(pool, attachment);
      assertEquals(
          List.of("native lease of buffer " + lease.bufferIndex() + " by 'codec'"), stillOut);
      lease.close();
      assertEquals(List.of(), SharingExamples.takeBack(pool, attachment));
    }
  }
}
