package io.entrepot.sharing;

import io.entrepot.flow.BufferPool;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.List;

/** The examples of this package's description. */
final class SharingExamples {
  private SharingExamples() {}

  static long throughAView(BufferPool pool) {
    // @start region="view"
    try (var attachment = pool.attach(Importer.viewing("filter", Access.WRITE));
        var port = attachment.open(); // for this thread
        var buffer = pool.tryAcquire(4096);
        var view = port.mapForWriting(buffer)) {
      view.putLong(0, 42);
      return view.getLong(0);
    }
    // @end
  }

  static long throughAWindow(BufferPool pool) {
    // @start region="window"
    var importer =
        Importer.accepting(
            "histogram", Importer.Release.BOUNDED, Need.of(MappingType.CPU_WINDOW, Access.WRITE));
    CpuAccess answer = pool.cpuAccess(importer); // asked before it is tried
    if (!answer.available()) {
      throw new IllegalStateException(answer.reason());
    }
    try (var attachment = pool.attach(importer);
        var port = attachment.open();
        var buffer = pool.tryAcquire(4096);
        var window = port.cpuWindow(buffer)) {
      MemorySegment bytes = window.segment(); // dies with the window
      bytes.set(ValueLayout.JAVA_LONG, 0, 42);
      return bytes.get(ValueLayout.JAVA_LONG, 0);
    }
    // @end
  }

  static List<String> takeBack(BufferPool pool, Attachment attachment) {
    // @start region="revoke"
    Revocation revocation = pool.revoke(attachment, Duration.ofMillis(100));
    List<String> stillOut = revocation.quarantined(); // nobody gets it until it comes back
    // @end
    return stillOut;
  }
}
