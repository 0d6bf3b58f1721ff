package io.entrepot.contract;

import static io.entrepot.contract.Feeds.drain;
import static io.entrepot.contract.Feeds.join;
import static io.entrepot.contract.Feeds.numbers;
import static io.entrepot.contract.Feeds.publish;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.flow.Division;
import io.entrepot.flow.FeedFailedException;
import io.entrepot.flow.Overflow;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.YieldingIdleStrategy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;

/** C8: the end of a stream, or its failure, comes after what was published before. */
@InBothForms
class C8EndOfStreamTest {
  @Parameter Form form;

  @Test
  void theEndComesAfterTheRemainingFrames() {
    try (var place = form.place(64, 8);
        var pool = place.pool();
        var feed = pool.broadcast("feed");
        var reader = join(place.reach(feed), Overflow.BLOCK, 8);
        var port = reader.open()) {
      try (var writer = feed.writer()) {
        for (int i = 0; i < 3; i++) {
          publish(writer, i);
        }
        assertFalse(port.isEnded());
      }
      assertFalse(port.isEnded(), "three are left");
      assertEquals(numbers(0, 3), drain(port));
      assertTrue(port.isEnded());
      assertNull(port.next(10, TimeUnit.MINUTES), "at once");
    }
  }

  @Test
  void aFailureComesAfterTheRemainingFrames() {
    IllegalStateException cause = new IllegalStateException("broken disk");
    try (var place = form.place(64, 8);
        var pool = place.pool();
        var feed = pool.broadcast("feed");
        var reader = join(place.reach(feed), Overflow.BLOCK, 8);
        var port = reader.open()) {
      var writer = feed.writer();
      publish(writer, 0);
      publish(writer, 1);
      assertNotNull(writer.acquire(1, TimeUnit.SECONDS));
      writer.fail(cause);
      writer.close();
      assertEquals(0, port.next(1, TimeUnit.SECONDS).getLong(0));
      assertEquals(1, port.next(1, TimeUnit.SECONDS).getLong(0));
      for (int i = 0; i < 2; i++) {
        var failed = assertThrows(FeedFailedException.class, () -> port.next(10, TimeUnit.MINUTES));
        if (place.isFar()) {
          // An object stays in its process: what it says travels.
          String text = failed.getCause().getMessage();
          assertTrue(text.contains(cause.toString()), text);
        } else {
          assertSame(cause, failed.getCause());
        }
        assertTrue(failed.getMessage().contains("'feed'"), failed.getMessage());
      }
      assertThrows(FeedFailedException.class, () -> port.nextBuffer(10, TimeUnit.MINUTES));
      assertEquals(List.of(), pool.holders(), "what was not published came back");
    }
  }

  @Test
  void waitingReadersLearnOfTheEnd() {
    try (var place = form.place(64, 8);
        var pool = place.pool();
        var feed = pool.broadcast("feed");
        var reader = join(place.reach(feed), Overflow.BLOCK, 8)) {
      var writer = feed.writer();
      var parked =
          Elsewhere.start(
                  () -> {
                    try (var port = reader.open()) {
                      return port.next(10, TimeUnit.MINUTES) == null && port.isEnded();
                    }
                  })
              .awaitWaiting();
      var spinning =
          Elsewhere.start(() -> {
            try (var port = reader.open(new YieldingIdleStrategy())) {
              return port.next(10, TimeUnit.MINUTES) == null && port.isEnded();
            }
          });
      writer.close();
      assertTrue(parked.result());
      assertTrue(spinning.result());
    }
  }

  @Test
  void aNewWriterGoesOnWithTheNumbersOfTheFeed() {
    try (var place = form.place(64, 8);
        var pool = place.pool();
        var feed = pool.broadcast("feed");
        var reader = join(place.reach(feed), Overflow.BLOCK, 8);
        var port = reader.open()) {
      try (var writer = feed.writer()) {
        publish(writer, 0);
        publish(writer, 1);
        assertThrows(IllegalStateException.class, feed::writer, "there is one already");
        publish(writer, 2);
      }
      try (var writer = feed.writer()) {
        publish(writer, 3);
      }
      assertEquals(numbers(0, 4), drain(port));
      assertTrue(port.isEnded());
    }
  }

  @Test
  void aReaderOfAClosedFeedOpensNoPort() {
    for (Division division : Division.values()) {
      try (var place = form.place(64, 8);
          var pool = place.pool()) {
        var feed = pool.broadcast("feed");
        var unopened = join(place.reach(feed), "unopened", Overflow.BLOCK, 8, division);
        var opened = join(place.reach(feed), "opened", Overflow.BLOCK, 8, division);
        var port = opened.open();
        var closed = join(place.reach(feed), "closed", Overflow.BLOCK, 8, division);
        closed.open().close();
        feed.close();
        assertTrue(port.isEnded());
        for (var reader : List.of(unopened, opened, closed)) {
          for (int i = 0; i < 2; i++) {
            String message = assertThrows(IllegalStateException.class, reader::open).getMessage();
            assertTrue(message.contains("feed 'feed'"), message);
          }
          assertEquals(0, reader.unread());
        }
        port.close();
        for (var reader : List.of(unopened, opened, closed)) {
          reader.close();
        }
        assertEquals(List.of(), pool.holders(), "no lane is left behind");
        assertFalse(place.dump().contains("by port"), place::dump);
      }
    }
  }
}
