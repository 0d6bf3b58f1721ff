package io.entrepot.contract;

import static io.entrepot.contract.Feeds.attachments;
import static io.entrepot.contract.Feeds.drain;
import static io.entrepot.contract.Feeds.join;
import static io.entrepot.contract.Feeds.numbers;
import static io.entrepot.contract.Feeds.publish;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.flow.Division;
import io.entrepot.flow.Overflow;
import io.entrepot.sharing.View;
import io.entrepot.sharing.ViewClosedException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.BusySpinIdleStrategy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;

/** C8: readers come, go and share the frames of a feed, each as it asked. */
@InBothForms
class C8ReadersTest {
  @Parameter Form form;

  @Test
  void aLateReaderSeesWhatIsPublishedAfterItJoined() {
    try (var place = form.place(64, 8);
        var pool = place.pool();
        var feed = pool.broadcast("feed");
        var writer = feed.writer()) {
      publish(writer, 0);
      publish(writer, 1);
      try (var reader = join(place.reach(feed), Overflow.BLOCK, 8)) {
        publish(writer, 2);
        try (var first = reader.open();
            var second = reader.open()) {
          publish(writer, 3);
          assertEquals(numbers(2, 4), drain(first), "since it joined");
          assertEquals(numbers(3, 4), drain(second), "since it was opened");
        }
      }
      assertEquals(List.of(), pool.holders());
    }
  }

  @Test
  void aReaderThatLeavesGivesItsUnreadFramesBack() {
    try (var place = form.place(64, 4);
        var pool = place.pool();
        var feed = pool.broadcast("feed");
        var writer = feed.writer()) {
      for (int round = 0; round < 5; round++) {
        var reader = join(place.reach(feed), Overflow.BLOCK, 4);
        var port = reader.open();
        for (int i = 0; i < 4; i++) {
          publish(writer, i + round * 4L);
        }
        View frame = port.next(0, TimeUnit.SECONDS);
        assertNotNull(frame);
        assertNull(writer.acquire(0, TimeUnit.SECONDS));
        reader.close();
        reader.close();
        assertTrue(port.isEnded());
        assertEquals(3, 4 - pool.holders().size(), "all but the one that is mapped");
        assertEquals(round * 4L, frame.getLong(0), "which stays until it is let go");
        port.close();
        assertThrows(ViewClosedException.class, () -> frame.getLong(0));
        assertEquals(List.of(), pool.holders());
      }
      assertEquals(0, attachments(pool, "'reader'"), pool::dump);
    }
  }

  /**
   * What another thread of the reader takes is no reason to give up: the next frame is waited for.
   */
  @Test
  void threadsThatDivideFramesWaitUntilTheEnd() {
    try (var place = form.place(64, 8);
        var pool = place.pool();
        var feed = pool.broadcast("feed");
        var reader = join(place.reach(feed), "reader", Overflow.BLOCK, 2, Division.DIVIDED)) {
      List<Elsewhere<Integer>> readers = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        readers.add(
            Elsewhere.start(() -> {
              try (var port = reader.open()) {
                int count = 0;
                while (port.next(60, TimeUnit.SECONDS) != null) {
                  count++;
                }
                assertTrue(port.isEnded(), "a reader gave up after " + count);
                return count;
              }
            }));
      }
      readers.forEach(Elsewhere::awaitWaiting);
      try (var writer = feed.writer()) {
        publish(writer, 0, 3000);
      }
      assertEquals(3000, readers.stream().mapToInt(Elsewhere::result).sum());
    }
  }

  @Test
  void aWriterThatWaitsForRoomGoesOnWhenTheReaderLeaves() {
    try (var place = form.place(64, 4);
        var pool = place.pool();
        var feed = pool.broadcast("feed")) {
      var reader = join(place.reach(feed), Overflow.BLOCK, 1);
      var writing =
          Elsewhere.start(() -> {
            try (var writer = feed.writer()) {
              publish(writer, 0);
              return writer.acquire(30, TimeUnit.SECONDS) != null;
            }
          });
      writing.awaitWaiting();
      reader.close();
      assertTrue(writing.result());
    }
  }

  @Test
  void readersComeAndGoWhileTheWriterWrites() {
    try (var place = form.place(64, 8);
        var pool = place.pool();
        var feed = pool.broadcast("feed")) {
      int frames = 20_000;
      CountDownLatch done = new CountDownLatch(1);
      var writing =
          Elsewhere.start(() -> {
            try (var writer = feed.writer()) {
              for (long i = 0; i < frames; i++) {
                publish(writer, i);
              }
            } finally {
              done.countDown();
            }
            return null;
          });
      List<Elsewhere<Long>> readers = new ArrayList<>();
      for (Overflow overflow : Overflow.values()) {
        readers.add(
            Elsewhere.start(() -> {
              long seen = 0;
              while (done.getCount() > 0) {
                try (var reader =
                        join(place.reach(feed), overflow.name(), overflow, 3, Division.EACH);
                    var port = reader.open()) {
                  long last = -1;
                  for (int i = 0; i < 50 && !port.isEnded(); i++) {
                    if (port.next(10, TimeUnit.MILLISECONDS) instanceof View view) {
                      long number = view.getLong(0);
                      assertEquals(port.sequence(), number, overflow.toString());
                      assertTrue(number > last, overflow.toString());
                      assertTrue(
                          overflow != Overflow.BLOCK || last < 0 || number == last + 1,
                          "BLOCK loses nothing");
                      last = number;
                      seen++;
                    }
                  }
                }
              }
              return seen;
            }));
      }
      writing.result();
      for (var reader : readers) {
        assertTrue(reader.result() >= 0);
      }
      assertEquals(List.of(), pool.holders());
      assertEquals(0, pool.statistics().openMappings());
    }
  }

  @Test
  void eachThreadSeesEveryFrameOrTheyAreDividedAmongThem() {
    int frames = 3000;
    for (Division division : Division.values()) {
      try (var place = form.place(64, 16);
          var pool = place.pool();
          var feed = pool.broadcast("feed");
          var reader = join(place.reach(feed), "reader", Overflow.BLOCK, 8, division)) {
        Set<Long> all = ConcurrentHashMap.newKeySet();
        CountDownLatch open = new CountDownLatch(3);
        List<Elsewhere<List<Long>>> threads = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
          threads.add(
              Elsewhere.start(() -> {
                List<Long> seen = new ArrayList<>();
                try (var port = reader.open()) {
                  open.countDown();
                  while (!port.isEnded()) {
                    if (port.next(30, TimeUnit.SECONDS) instanceof View view) {
                      assertEquals(port.sequence(), view.getLong(0));
                      seen.add(view.getLong(0));
                      boolean firstTime = all.add(view.getLong(0));
                      assertTrue(firstTime || division == Division.EACH, "divided, and seen twice");
                    }
                  }
                }
                return seen;
              }));
        }
        Elsewhere.await("all are open", () -> open.getCount() == 0);
        try (var writer = feed.writer()) {
          for (long i = 0; i < frames; i++) {
            publish(writer, i);
          }
        }
        long total = 0;
        for (var thread : threads) {
          List<Long> seen = thread.result();
          total += seen.size();
          assertEquals(seen.stream().sorted().toList(), seen, "in order");
          if (division == Division.EACH) {
            assertEquals(numbers(0, frames), seen);
          }
        }
        assertEquals(division == Division.EACH ? 3L * frames : frames, total);
        assertEquals(frames, all.size());
        assertEquals(0, reader.dropped());
      }
    }
  }

  @Test
  void dividedReadersThatLagDropAndCountExactly() {
    try (var place = form.place(64, 8);
        var pool = place.pool();
        var feed = pool.broadcast("feed");
        var writer = feed.writer();
        var reader = join(place.reach(feed), "reader", Overflow.DROP_OLDEST, 2, Division.DIVIDED);
        var port = reader.open()) {
      for (int i = 0; i < 6; i++) {
        publish(writer, i);
      }
      assertEquals(4, port.next(0, TimeUnit.SECONDS).getLong(0));
      long second =
          Elsewhere.call(() -> {
            try (var other = reader.open(BusySpinIdleStrategy.INSTANCE)) {
              return other.next(1, TimeUnit.SECONDS).getLong(0);
            }
          });
      assertEquals(5, second);
      assertNull(port.next(0, TimeUnit.SECONDS));
      assertEquals(4, reader.dropped());
    }
  }
}
