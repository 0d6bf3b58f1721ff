package io.entrepot.flow;

import static java.util.concurrent.TimeUnit.SECONDS;

import io.entrepot.sharing.Access;
import io.entrepot.sharing.FrameLayout;
import io.entrepot.sharing.Importer;
import io.entrepot.sharing.Importer.Release;
import io.entrepot.sharing.MappingType;
import io.entrepot.sharing.NativeLease;
import io.entrepot.sharing.Need;
import io.entrepot.sharing.SharedBuffer;
import io.entrepot.sharing.View;
import io.entrepot.sharing.WritableView;
import java.io.IOException;
import java.nio.channels.FileChannel;

/** The examples of this package's descriptions. */
final class FeedExamples {
  private FeedExamples() {}

  /** A library that calls back when it has let go of an address. */
  @FunctionalInterface
  interface Codec {
    void encode(long address, FrameLayout layout, long timestamp, Runnable released);
  }

  static void write(Broadcast feed, long frames) {
    // @start region="write"
    try (var writer = feed.writer()) {
      for (long n = 0; n < frames && writer.acquire(1, SECONDS) instanceof WritableView slot; n++) {
        slot.putLong(0, n);
        writer.publish(System.nanoTime()); // to all readers, without a copy
      }
    } // end of stream, behind the frames published so far
    // @end
  }

  static long read(FeedReader reader) {
    long sum = 0;
    // @start region="read"
    try (var port = reader.open()) { // for this thread
      while (port.next(1, SECONDS) instanceof View frame) { // the one before is over
        sum += frame.getLong(0);
      }
      if (!port.isEnded()) {
        throw new IllegalStateException("nothing came for a second");
      }
    }
    // @end
    return sum;
  }

  static long newest(Broadcast feed) {
    long number = -1;
    // @start region="late"
    var importer = Importer.viewing("display", Access.READ);
    try (var reader = feed.join(importer, Overflow.DROP_OLDEST, 1, Division.EACH, Start.NEWEST);
        var port = reader.open()) {
      if (port.next(0, SECONDS) instanceof View newest) { // at once, where a frame is retained
        number = newest.getLong(0);
      }
    }
    // @end
    return number;
  }

  static void redraw(BufferPool pool, Broadcast feed, long times) {
    // @start region="again"
    try (var painter = pool.attach(Importer.viewing("painter", Access.WRITE));
        var writer = feed.writer(painter);
        var picture = pool.acquire(4096, 1, SECONDS)) { // ours all the time
      for (long n = 0; n < times; n++) {
        try (var canvas = writer.port().mapInPlace(picture, 1, SECONDS)) {
          canvas.putLong(0, n);
        }
        var published = picture.share();
        if (!writer.publish(published, null, n, 1, SECONDS)) {
          published.close(); // still ours
        }
        if (!picture.awaitExclusive(1, SECONDS)) {
          throw new IllegalStateException("a reader has kept picture " + n + " for a second");
        }
      }
    }
    // @end
  }

  static void encode(FeedReader reader, Codec codec) {
    // @start region="lease"
    try (var port = reader.open()) {
      while (port.nextLease(1, SECONDS) instanceof NativeLease lease) {
        codec.encode(lease.address(), port.layout(), port.timestamp(), lease::close);
      }
    }
    // @end
  }

  static void copy(BufferPool pool, Broadcast feed, FileChannel file) throws IOException {
    // @start region="transfer"
    var loader =
        Importer.accepting(
            "loader", Release.BOUNDED, Need.of(MappingType.CHANNEL_IO, Access.WRITE));
    try (var attachment = pool.attach(loader);
        var writer = feed.writer(attachment)) {
      for (long at = 0;
          at < file.size() && pool.acquire(4096, 1, SECONDS) instanceof SharedBuffer buffer;
          at += 4096) {
        writer.port().readFrom(file, at, buffer, 0, 4096);
        if (!writer.publish(buffer, null, at, 1, SECONDS)) {
          buffer.close(); // still ours
        }
      }
    }
    // @end
  }
}
