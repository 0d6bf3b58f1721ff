package io.entrepot.examples.hello;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class HelloTest {

  @Test
  void everyFrameIsSeenOrCountedAsDropped() throws Exception {
    Hello.Seen seen = Hello.run(1000);
    assertEquals(1000, seen.frames() + seen.dropped(), seen::toString);
    assertTrue(seen.frames() > 0, seen::toString);
  }

  @Test
  void fewFramesAreAllSeen() throws Exception {
    // As many as a reader may leave unread.
    assertEquals(new Hello.Seen(16, 15 * 16 / 2, 0), Hello.run(16));
  }

  @Test
  void itPrints() throws Exception {
    Hello.main(new String[0]);
  }
}
