package io.entrepot.internal.sync;

import io.entrepot.internal.memory.Words;
import java.lang.invoke.VarHandle;

/**
 * Tells in one word per buffer whether its reservation slots may have anything in them, so that who
 * maps a buffer without fences looks at one word and not at eight.
 *
 * <pre>
 *   63                  2 |  1   |    0
 *          version        | LOOK | TOUCHED
 * </pre>
 *
 * <p>The word is sticky: {@link #touch} changes it only where it must, so that a buffer which gets
 * one fence after the other pays a read. It is taken down by a sweep that found all slots EMPTY.
 *
 * <p><b>Invariant.</b> When a call that puts something into a slot has returned and the slot is not
 * EMPTY, TOUCHED is up.
 *
 * <p><b>Why.</b> Such a call changes its slot first and touches then: it ends only after it saw or
 * made the word {@code TOUCHED, no LOOK}. A sweep marks the word with LOOK and a version that never
 * was, then reads the slots, and takes TOUCHED down by a CAS from its own mark alone. Where the
 * adder saw the word before the mark, its slot was changed before the sweep read it, and the sweep
 * finds it. Where it saw the mark, or what came of it, it puts up a word with a new version, which
 * that sweep's CAS does not expect, nor that of any sweep before. All of these are volatile
 * accesses, but for the reads of the slots, which a full fence keeps behind the mark.
 *
 * <p>A sweep that is stopped between its two steps leaves LOOK up, which costs the next adder one
 * CAS, and nobody anything else.
 */
final class TouchedWord {
  private static final long TOUCHED = 1;
  private static final long LOOK = 2;
  private static final long BITS = TOUCHED | LOOK;
  private static final long ONE_VERSION = 4;

  private final Words words;
  private final long wordOffset;

  TouchedWord(Words words, long wordOffset) {
    this.words = words;
    this.wordOffset = wordOffset;
  }

  boolean isTouched(long base) {
    return isTouchedWord(words.getAcquire(base + wordOffset));
  }

  static boolean isTouchedWord(long word) {
    return (word & TOUCHED) != 0;
  }

  /** Puts TOUCHED up. Behind the change of a slot. */
  void touch(long base) {
    long offset = base + wordOffset;
    long word;
    do {
      word = words.getVolatile(offset);
    } while ((word & BITS) != TOUCHED
        && !words.compareAndSet(offset, word, (word & ~BITS) + ONE_VERSION | TOUCHED));
  }

  /** Marks that the slots are about to be looked at; the mark, or 0 when another came between. */
  long beginLook(long base) {
    long offset = base + wordOffset;
    long word = words.getVolatile(offset);
    long mark = (word & ~BITS) + ONE_VERSION | BITS;
    if ((word & TOUCHED) == 0 || !words.compareAndSet(offset, word, mark)) {
      return 0;
    }
    // The slots are read with acquire alone: none of these reads may come before the mark.
    VarHandle.fullFence();
    return mark;
  }

  /** Takes TOUCHED down, unless somebody touched since the mark. All slots were EMPTY. */
  void endLook(long base, long mark) {
    if (mark != 0) {
      words.compareAndSet(base + wordOffset, mark, (mark & ~BITS) + ONE_VERSION);
    }
  }
}
