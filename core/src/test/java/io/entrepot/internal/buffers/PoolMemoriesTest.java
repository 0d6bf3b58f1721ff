package io.entrepot.internal.buffers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.internal.memory.Words;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Where buffers lie, word by word: who moves them, and which memories are still needed. */
class PoolMemoriesTest {
  private static final int BUFFERS = 4;
  private static final int KEEPER = 3;

  private final Words words = Words.offHeap(PoolDescriptor.byteSize(BUFFERS, 1, 1));
  private final PoolDescriptor layout = new PoolDescriptor(words.base(), BUFFERS, 1, 1);
  private final BufferStates states = new BufferStates(words, layout);
  private final MemorySegment[][] segments = new MemorySegment[3][BUFFERS];
  private final PoolMemories memories;

  PoolMemoriesTest() {
    for (MemorySegment[] memory : segments) {
      for (int i = 0; i < BUFFERS; i++) {
        memory[i] = Arena.ofAuto().allocate(8);
      }
    }
    memories = new PoolMemories("moving", words, layout, 0, segments[0]);
  }

  private Set<Long> sweep() {
    return memories.sweep(states, BUFFERS);
  }

  private void replace(int number) {
    memories.add(number, segments[number]);
    memories.handOut(number);
  }

  private long own(int buffer) {
    long owned = states.free2owned(buffer);
    assertTrue(owned != 0);
    return owned;
  }

  @Test
  void whoAcquiresABufferMovesItOnce() {
    own(0);
    assertEquals(Places.place(0, 0), memories.settle(0));
    replace(1);
    assertEquals(segments[0][0], memories.at(memories.places().of(0)), "an owner's does not move");
    own(1);
    assertEquals(Places.place(1, 1), memories.settle(1));
    assertEquals(Places.place(1, 1), memories.settle(1));
    assertEquals(segments[1][1], memories.at(memories.places().of(1)));
  }

  @Test
  void whatCannotBeOnItsWayIsNotWaitedFor() {
    memories.placedBy(memories.places(), TimeUnit.MINUTES.toNanos(1));
    memories.add(2, segments[2]);
    long number = 2 + PoolMemories.MOST_MAPPED + 1;
    memories.places().put(1, number);
    String told =
        assertThrows(IllegalStateException.class, () -> memories.at(memories.places().of(1)))
            .getMessage();
    assertTrue(told.contains("memory " + number + ", ") && told.endsWith("came is 2"), told);
  }

  @Test
  void whereNothingIsHandedOutNothingCanBeHad() {
    int[] asked = new int[1];
    memories.onWant(() -> asked[0]++);
    assertTrue(memories.isHandingOut());
    memories.handOut(PoolMemories.NONE);
    own(0);
    assertEquals(Places.NOWHERE, memories.settle(0));
    assertTrue(!memories.isHandingOut() && asked[0] == 1);
  }

  @Test
  void aSweepMovesWhatIsFreeAndTellsWhatIsNeeded() {
    long owned = own(0);
    states.live2published(0, BufferStates.generation(owned));
    replace(1);
    assertEquals(Set.of(0L, 1L), sweep());
    assertEquals(Places.place(0, 0), memories.places().of(0));
    for (int buffer = 1; buffer < BUFFERS; buffer++) {
      assertEquals(Places.place(1, buffer), memories.places().of(buffer));
      assertEquals(BufferStates.FREE, BufferStates.kind(states.acquire(buffer)));
    }
    // Retired, it may still be mapped.
    states.unhold(0, BufferStates.generation(owned));
    assertEquals(Set.of(0L, 1L), sweep());
  }

  @Test
  void whileABufferIsOwnedElsewhereItMayBeOnItsWayToAnyMemory() {
    long owned = own(0);
    replace(1);
    replace(2);
    // Its acquirer may have looked when memory 1 was handed out, and not have moved it yet.
    assertEquals(Set.of(0L, 1L, 2L), sweep());
    memories.places().put(0, 1);
    states.live2published(0, BufferStates.generation(owned));
    assertEquals(Set.of(1L, 2L), sweep());
    // Kept by a port, it is taken without another look at its state.
    words.setRelease(
        states.place(0), BufferStates.kept(BufferStates.owned(states.acquire(0)), KEEPER));
    assertEquals(Set.of(0L, 1L, 2L), sweep());
    assertTrue(memories.isKeptElsewhere(states, BUFFERS));
  }

  @Test
  void whatIsNotThereIsToldWithWhatIs() {
    words.setOpaque(layout.buffer(2) + PoolDescriptor.MEMORY, 7);
    String message =
        assertThrows(IllegalStateException.class, () -> memories.at(memories.places().of(2)))
            .getMessage();
    assertTrue(message.contains("buffer 2") && message.contains("memory 7"), message);
    assertTrue(message.contains("only [0]"), message);
    memories.placedBy(memories.places(), TimeUnit.SECONDS.toNanos(60));
    memories.over("it has ended");
    message =
        assertThrows(IllegalStateException.class, () -> memories.at(memories.places().of(2)))
            .getMessage();
    assertTrue(message.contains("it has ended"), message);
  }

  @Test
  void noNumberThatSomebodyWritesLeadsToAnotherBuffer() {
    for (long number : new long[] {-1, Long.MIN_VALUE, Long.MAX_VALUE, 1L << 44, 1L << 43}) {
      words.setOpaque(layout.buffer(3) + PoolDescriptor.MEMORY, number);
      assertEquals(3, Places.buffer(memories.places().of(3)));
    }
  }
}
