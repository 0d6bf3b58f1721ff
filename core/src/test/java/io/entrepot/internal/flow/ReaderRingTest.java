package io.entrepot.internal.flow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.internal.memory.HeapWords;
import io.entrepot.internal.memory.Words;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What each side of a ring makes of words that are not its own. */
class ReaderRingTest {
  private static final int DEPTH = 4;
  private static final int TAKEN = 2;
  private static final int PUSHED = 3;

  private final Words producer = new HeapWords(RingPlaces.producerBytes(DEPTH));
  private final Words reader = new HeapWords(RingPlaces.READER_BYTES);
  private final Words keeper = new HeapWords(RingPlaces.KEEPER_BYTES);
  private final ReaderRing ring =
      new ReaderRing(new RingPlaces(producer, 0, reader, 0, keeper, 0), DEPTH);
  private final long[] handles = new long[2 * DEPTH];

  private void pushThreeTakeTwo() {
    for (int i = 0; i < PUSHED; i++) {
      ring.push(RingDescriptor.handle(i, 1), i, 10 + i, 100 + i, 1000 + i, 0);
    }
    for (int i = 0; i < TAKEN; i++) {
      assertTrue(ring.claim(i, i));
    }
    assertEquals(TAKEN, ring.passed());
  }

  @Test
  void anEntryCarriesAllThatItsReaderNeeds() {
    pushThreeTakeTwo();
    RingEntry entry = new RingEntry();
    assertTrue(ring.isPublished(TAKEN));
    entry.read(ring, TAKEN);
    assertEquals(2, entry.buffer);
    assertEquals(1, entry.generation);
    assertEquals(2, entry.sequence);
    assertEquals(12, entry.timestamp);
    assertEquals(102, entry.validOffset);
    assertEquals(1002, entry.validLength);
    assertFalse(ring.isPublished(PUSHED), "what comes next is not there yet");
  }

  @Test
  void aValidRangeLiesWithinItsBuffer() {
    RingEntry entry = new RingEntry();
    entry.validOffset = 3;
    entry.validLength = 5;
    assertTrue(entry.isWithin(8));
    assertFalse(entry.isWithin(7));
    entry.validLength = Long.MAX_VALUE;
    assertFalse(entry.isWithin(8));
    entry.validLength = -1;
    assertFalse(entry.isWithin(8));
    entry.validLength = 1;
    entry.validOffset = -1;
    assertFalse(entry.isWithin(8));
  }

  @ParameterizedTest
  @ValueSource(longs = {PUSHED + 1, TAKEN - 1, -1, Long.MAX_VALUE, Long.MIN_VALUE})
  void aCursorThatMakesNoSenseClosesItsRing(long nonsense) {
    pushThreeTakeTwo();
    reader.setVolatile(0, nonsense);
    assertEquals(TAKEN, ring.passed(), "what was seen before is what counts");
    assertTrue(ring.isClosed());
    assertTrue(ring.fault().contains(Long.toString(nonsense)), ring.fault());
    assertEquals(PUSHED, ring.retire(handles), "all frames of a closed ring come back");
    assertEquals(0, ring.retire(handles), "and come back once");
    assertTrue(ring.isDrained());
  }

  @Test
  void aCursorThatMakesSenseIsNoFault() {
    pushThreeTakeTwo();
    assertTrue(ring.claim(TAKEN, TAKEN));
    assertEquals(PUSHED, ring.passed());
    assertNull(ring.fault());
    assertFalse(ring.isClosed());
  }

  @Test
  void theReadersWordIsLookedAtOnlyWhenThereIsNoRoom() {
    pushThreeTakeTwo();
    reader.setVolatile(0, -1);
    assertTrue(ring.hasRoom());
    assertNull(ring.fault(), "one frame of four is there: no need to look");
    for (int i = PUSHED; i < TAKEN + DEPTH; i++) {
      ring.push(RingDescriptor.handle(i, 1), i, 0, 0, 0, 0);
    }
    assertFalse(ring.hasRoom());
    assertTrue(ring.isClosed());
  }

  @Test
  void passedEntriesAreRetiredSeveralAtOnce() {
    pushThreeTakeTwo();
    assertEquals(TAKEN, ring.retire(handles));
    assertEquals(RingDescriptor.handle(0, 1), handles[0]);
    assertEquals(RingDescriptor.handle(1, 1), handles[1]);
    ring.drop(TAKEN);
    assertEquals(1, ring.retire(handles));
    assertEquals(RingDescriptor.handle(2, 1), handles[0]);
    assertTrue(ring.isDrained());
  }

  @Test
  void aReaderThatHasReadMeanwhileNeedsNoRoomMade() {
    for (int i = 0; i < DEPTH; i++) {
      ring.push(RingDescriptor.handle(i, 1), i, 0, 0, 0, 0);
    }
    assertFalse(ring.hasRoom());
    for (int i = 0; i < DEPTH; i++) {
      assertTrue(ring.claim(i, i));
    }
    ring.makeRoom();
    assertEquals(0, ring.floor(), "nothing was dropped");
    assertEquals(DEPTH, ring.retire(handles), "and nothing given back that was never pushed");
    ring.push(RingDescriptor.handle(DEPTH, 1), DEPTH, 0, 0, 0, 0);
    assertTrue(ring.hasNext(), "the next one is read");
  }

  @Test
  void theOldestMakesRoomForTheNewest() {
    for (int i = 0; i < DEPTH; i++) {
      ring.push(RingDescriptor.handle(i, 1), i, 0, 0, 0, 0);
    }
    ring.makeRoom();
    ring.makeRoom();
    assertEquals(1, ring.floor(), "there is room after the first");
    assertTrue(ring.hasRoom());
  }

  @Test
  void retiringTakesNoMoreThanThereIsRoomFor() {
    pushThreeTakeTwo();
    assertEquals(1, ring.retire(new long[1]));
    assertEquals(1, ring.retire(new long[1]));
    assertEquals(0, ring.retire(new long[1]));
  }

  @Test
  void eachSideWritesItsOwnWordsAlone() {
    pushThreeTakeTwo();
    long[] before = words(reader);
    ring.hasRoom();
    ring.drop(TAKEN);
    ring.refuse();
    ring.over(RingDescriptor.ENDED);
    ring.retire(handles);
    assertTrue(Arrays.equals(before, words(reader)), "the keeper's side writes no reader's words");
    ring.push(RingDescriptor.handle(4, 1), 4, 0, 0, 0, 0);
    long[] theirs = words(producer);
    long[] kept = words(keeper);
    assertTrue(ring.claim(ring.cursor(), ring.next()));
    ring.wasDropped(ring.next() - 1);
    assertTrue(Arrays.equals(theirs, words(producer)), "a reader writes no producer's words");
    assertTrue(Arrays.equals(kept, words(keeper)), "a reader writes no keeper's words");
  }

  private static long[] words(Words words) {
    long[] all = new long[(int) (words.byteSize() / Words.WORD_BYTES)];
    for (int i = 0; i < all.length; i++) {
      all[i] = words.getVolatile((long) i * Words.WORD_BYTES);
    }
    return all;
  }
}
