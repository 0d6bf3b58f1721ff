package io.entrepot.sharing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.flow.BufferPool;
import io.entrepot.sync.Fence;
import io.entrepot.sync.FenceError;
import io.entrepot.sync.Timeline;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
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

  private static Fence signaled(Timeline timeline) {
    Fence fence = timeline.next();
    timeline.signal(fence.point());
    return fence;
  }

  @Test
  void aPictureIsWaitedForImplicitlyAndExplicitly() {
    try (var pool = BufferPool.offHeap("pool", 4096, 2);
        var codec = pool.attach(Importer.leasing("codec", Access.WRITE));
        var filter = pool.attach(Importer.viewing("filter", Access.READ));
        var port = filter.open();
        var decodings = codec.timeline("decodings");
        var logos = pool.sync().timeline("logos");
        var frame = pool.tryAcquire(4096);
        var copy = pool.tryAcquire(4096)) {
      List<Fence> decoding = new ArrayList<>();
      Fence decoded =
          SharingExamples.decode(
              codec, frame, decodings, (address, byteSize, done) -> decoding.add(done));
      assertEquals(List.of(decoded), decoding);
      assertNull(port.map(frame, 0, TimeUnit.SECONDS), "the picture is not there");
      Plane luma = new Plane(0, 64, 64, 32);
      assertEquals(-1, SharingExamples.explicitly(port, frame, luma, decoded, -1));
      assertEquals(decoded, SharingExamples.handOver(frame, copy));
      assertNull(port.map(copy, 0, TimeUnit.SECONDS), "waits for the same");
      decodings.signal(decoded.point());
      Fence drawn = logos.next();
      frame.importFence(drawn, Access.WRITE);
      assertNull(port.map(frame, 0, TimeUnit.SECONDS), "the logo is not there");
      int luminance = SharingExamples.explicitly(port, frame, luma, decoded, -1);
      logos.signal(drawn.point());
      try (var view = port.map(frame, signaled(logos), 0, TimeUnit.SECONDS)) {
        assertEquals(view.plane(luma).crc32c(0, luma.byteSize()), luminance);
        assertEquals(view.crc32c(0, 4096), SharingExamples.implicitly(port, frame));
      }
    }
  }

  @Test
  void aPictureThatCouldNotBeDecodedIsNotLookedAt() {
    try (var pool = BufferPool.offHeap("pool", 4096, 1);
        var filter = pool.attach(Importer.viewing("filter", Access.READ));
        var port = filter.open();
        var decodings = pool.sync().timeline("decodings");
        var frame = pool.tryAcquire(4096)) {
      Fence decoded = decodings.next();
      decodings.signal(decoded.point(), FenceError.failed("no key frame"));
      Plane luma = new Plane(0, 64, 64, 32);
      assertEquals(-1, SharingExamples.explicitly(port, frame, luma, decoded, -1));
    }
  }
}
