package io.entrepot.internal.flow;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** When nobody can be at a ring any more that was taken out. */
class RingLooksTest {
  private final Publishing publishing = new Publishing();
  private final RingLooks looks = new RingLooks(publishing);

  @Test
  void whereNobodyLooksItIsOverAtOnce() {
    assertTrue(looks.pending().areOver());
    looks.writerEnds(looks.writerBegins());
    looks.begin();
    looks.end();
    assertTrue(looks.pending().areOver());
  }

  @Test
  void aLookOfTheWritersIsWaitedForAndNotTheNext() {
    looks.writerBegins();
    RingLooks.Pending pending = looks.pending();
    assertFalse(pending.areOver());
    looks.writerEnds(true);
    looks.writerBegins();
    assertTrue(pending.areOver(), "the next does not find the ring");
    assertFalse(looks.pending().areOver());
    looks.writerEnds(true);
  }

  @Test
  void aPublicationIsALookOfTheWriters() {
    publishing.begin();
    RingLooks.Pending pending = looks.pending();
    assertFalse(pending.areOver());
    publishing.end();
    publishing.begin();
    assertTrue(pending.areOver(), "the next does not find the ring");
    assertFalse(looks.pending().areOver());
    publishing.end();
  }

  @Test
  void looksOfOthersAreWaitedForAll() {
    looks.begin();
    looks.begin();
    RingLooks.Pending pending = looks.pending();
    looks.end();
    assertFalse(pending.areOver());
    looks.end();
    assertTrue(pending.areOver());
    looks.begin();
    assertTrue(pending.areOver(), "it was over once");
    looks.end();
  }

  @Test
  void whatWasOverOnceIsNotWaitedForAgain() {
    looks.writerBegins();
    looks.begin();
    RingLooks.Pending pending = looks.pending();
    looks.end();
    assertFalse(pending.areOver(), "the writer looks still");
    looks.begin();
    looks.writerEnds(true);
    assertTrue(pending.areOver());
    looks.end();
  }

  /** Code of others that runs in the middle of a look may publish. */
  @Test
  void aLookWithinALookEndsNothing() {
    assertTrue(looks.writerBegins());
    RingLooks.Pending pending = looks.pending();
    boolean hasBegun = looks.writerBegins();
    assertFalse(hasBegun);
    assertFalse(looks.pending().areOver());
    looks.writerEnds(hasBegun);
    assertFalse(pending.areOver());
    looks.writerEnds(true);
    assertTrue(pending.areOver());
  }
}
