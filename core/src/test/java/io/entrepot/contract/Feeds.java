package io.entrepot.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.entrepot.flow.BufferPool;
import io.entrepot.flow.Division;
import io.entrepot.flow.Feed;
import io.entrepot.flow.FeedReader;
import io.entrepot.flow.FeedWriter;
import io.entrepot.flow.FramePort;
import io.entrepot.flow.Overflow;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.Importer;
import io.entrepot.sharing.View;
import io.entrepot.sharing.WritableView;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;

/** Feeds whose frames say their own numbers: what tests of queues have in common. */
final class Feeds {
  private Feeds() {}

  static FeedReader join(Feed feed, String name, Overflow overflow, int depth, Division division) {
    return feed.join(Importer.viewing(name, Access.READ), overflow, depth, division);
  }

  static FeedReader join(Feed feed, Overflow overflow, int depth) {
    return join(feed, "reader", overflow, depth, Division.EACH);
  }

  static void publish(FeedWriter writer, long number) {
    WritableView view = writer.acquire(30, TimeUnit.SECONDS);
    assertNotNull(view, () -> "no buffer for frame " + number);
    view.putLong(0, number);
    writer.publish(number * 1000);
  }

  /** As {@link #publish(FeedWriter, long)}, frame by frame. */
  static void publish(FeedWriter writer, long from, long toExclusive) {
    for (long number = from; number < toExclusive; number++) {
      publish(writer, number);
    }
  }

  /** Reads to the end what there is: the numbers in the frames, checked against what they say. */
  static List<Long> drain(FramePort port) {
    List<Long> numbers = new ArrayList<>();
    while (port.next(0, TimeUnit.SECONDS) instanceof View view) {
      long number = view.getLong(0);
      assertEquals(number, port.sequence());
      assertEquals(number * 1000, port.timestamp());
      numbers.add(number);
    }
    return numbers;
  }

  static List<Long> numbers(long from, long toExclusive) {
    return LongStream.range(from, toExclusive).boxed().toList();
  }

  /** Attachments of an importer, named in quotes, that a pool's dump shows. */
  static long attachments(BufferPool pool, String name) {
    return pool.dump()
        .lines()
        .filter(line -> line.contains("attachment") && line.contains(name))
        .count();
  }
}
