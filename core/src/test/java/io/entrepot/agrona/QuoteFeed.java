package io.entrepot.agrona;

import static java.util.concurrent.TimeUnit.SECONDS;

import io.entrepot.flow.Broadcast;
import io.entrepot.flow.FeedReader;
import io.entrepot.sharing.View;
import io.entrepot.sharing.WritableView;

/** The example of the package description. */
final class QuoteFeed {
  private QuoteFeed() {}

  static void write(Broadcast feed, int quotes) {
    var buffer = new WritableViewBuffer();
    try (var writer = feed.writer()) {
      for (int n = 0; n < quotes && writer.acquire(1, SECONDS) instanceof WritableView slot; n++) {
        int length = buffer.wrap(slot).putStringAscii(0, "EPOT");
        length += buffer.putLongAscii(length, 100 + n);
        writer.valid(0, length);
        writer.publish();
      }
    }
  }

  static long read(FeedReader reader) {
    long sum = 0;
    // @start region="loop"
    var buffer = new ViewBuffer();
    try (var port = reader.open()) {
      while (port.next(1, SECONDS) instanceof View frame) {
        buffer.wrap(frame); // the same view each time, unless one was kept: costs a comparison
        int digits = ViewBuffer.STR_HEADER_LEN + buffer.getInt(0);
        sum += buffer.parseLongAscii(digits, (int) port.validLength() - digits);
      }
    }
    // @end
    return sum;
  }
}
