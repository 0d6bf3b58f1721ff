package io.entrepot.sharing;

import io.entrepot.flow.BufferPool;
import io.entrepot.sync.Fence;
import io.entrepot.sync.Timeline;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

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

  /** Hardware that writes a picture behind the back of the JVM, and signals a fence then. */
  interface Decoder {
    void decodeInto(long address, long byteSize, Fence done);
  }

  static Fence decode(Attachment codec, SharedBuffer frame, Timeline decodings, Decoder decoder) {
    // @start region="until"
    NativeLease lease = codec.lease(frame); // waits until nobody is at work on the old picture
    Fence decoded = decodings.next(); // signaled when the new one is there
    decoder.decodeInto(lease.address(), lease.byteSize(), decoded);
    lease.close(decoded); // from now on readers wait for it, and reuse of the buffer does
    // @end
    return decoded;
  }

  static int implicitly(Port port, SharedBuffer frame) {
    // @start region="implicit"
    try (var view = port.map(frame)) { // waits for whoever writes, whether we know of them or not
      return view.crc32c(0, view.byteSize());
    }
    // @end
  }

  static int explicitly(Port port, SharedBuffer frame, Plane luma, Fence decoded, int late) {
    // @start region="explicit"
    // A logo is being drawn into the chroma planes: we read luma, and wait for the decoder alone.
    try (var view = port.map(frame, decoded, 40, TimeUnit.MILLISECONDS)) {
      if (view == null) {
        return late; // and nothing has changed
      }
      if (decoded.error().isPresent()) {
        return late; // the wait is over, but there is no picture
      }
      return view.plane(luma).crc32c(0, luma.byteSize());
    }
    // @end
  }

  static Fence handOver(SharedBuffer frame, SharedBuffer copy) {
    // @start region="bridge"
    Fence all = frame.exportFence(Access.READ); // what map would wait for, as one fence
    copy.importFence(all, Access.WRITE); // and what others shall wait for
    // @end
    return all;
  }
}
