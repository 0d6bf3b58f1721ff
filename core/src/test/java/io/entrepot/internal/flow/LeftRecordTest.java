package io.entrepot.internal.flow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.internal.memory.HeapWords;
import io.entrepot.internal.memory.Words;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;

/**
 * Numbers of a reader whose ring is left while they are asked for: the words in which the ring's
 * cursor stood are given back by then, and may be those of another ring.
 */
class LeftRecordTest {
  private static final int DEPTH = 4;
  private static final int PUSHED = 3;
  private static final long CURSOR = 0;
  private static final long OTHERS_DROPPED = 7;

  /** What is done before the next look at the cursor. */
  private Runnable once;

  private boolean isReleased;
  private final Words producer = new HeapWords(RingPlaces.producerBytes(DEPTH));

  private final Words reader =
      new HeapWords(RingPlaces.READER_BYTES) {
        @Override
        public long getVolatile(long place) {
          Runnable now = place == CURSOR ? once : null;
          if (now != null) {
            once = null;
            now.run();
          }
          return super.getVolatile(place);
        }
      };

  private final ReaderRings rings = new ReaderRings();
  private ReaderRings.Member member;

  private void open() {
    ReaderRing ring =
        ReaderRing.far(
            new FarFeed.FarRing(producer, 0, reader, CURSOR, _ -> {}, this::release), DEPTH, true);
    for (int i = 0; i < PUSHED; i++) {
      ring.push(RingDescriptor.handle(i, 1), i, 0, 0, 0, 0);
    }
    member = rings.add(ring);
    // Two are taken.
    ring.claim(0, 0);
    ring.claim(1, 1);
  }

  /** Another ring has the words from now on. */
  private void release() {
    isReleased = true;
    for (long place = 0; place < RingPlaces.READER_BYTES; place += Words.WORD_BYTES) {
      reader.setVolatile(place, 0);
    }
    reader.setVolatile(CURSOR + Words.WORD_BYTES, OTHERS_DROPPED);
  }

  private void leave() {
    member.ring().close();
    rings.leftFeed(member);
  }

  private void askWhileItIsLeft(long expected, LongSupplier number) {
    open();
    once = this::leave;
    assertEquals(expected, number.getAsLong());
    assertTrue(isReleased, "while it was asked for");
    assertEquals(PUSHED - 2, rings.dropped());
  }

  @Test
  void dropped() {
    askWhileItIsLeft(PUSHED - 2, rings::dropped);
  }

  @Test
  void unread() {
    askWhileItIsLeft(0, rings::unread);
  }
}
