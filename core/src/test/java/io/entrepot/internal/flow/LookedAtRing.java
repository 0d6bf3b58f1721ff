package io.entrepot.internal.flow;

import io.entrepot.internal.memory.HeapWords;
import io.entrepot.internal.memory.Words;

/**
 * A feed with one ring, whose memory is unmapped when it has left: what models of looks at rings
 * run on.
 *
 * <p>{@link RingLooks} and {@link Publishing} are called as they are. The lines of {@link
 * RingWriter}, {@link RingBroadcast} and {@link FarReader} that touch words are repeated here in
 * their order.
 */
public final class LookedAtRing {
  private static final long IN = 0;
  private static final long MAPPED = IN + Words.WORD_BYTES;

  private final Words words = new HeapWords(Words.PAD_BYTES);
  private final Publishing publishing = new Publishing(new HeapWords(Publishing.BYTES));
  private final RingLooks looks = new RingLooks(new HeapWords(RingLooks.BYTES), publishing);
  private final Fault fault;
  private RingLooks.Pending pending;

  /** What a planted bug does wrongly. */
  public enum Fault {
    NONE,
    /** Who looks reads whether the ring is in before it says that it looks. */
    FOUND_BEFORE_SAYING,
    /** Who is under way is asked before the ring is taken out. */
    ASKED_BEFORE_OUT,
    /** A look within another one ends that. */
    ENDED_WITHIN
  }

  /** The ring is in, and mapped. */
  public LookedAtRing(Fault fault) {
    this.fault = fault;
    words.setVolatile(IN, 1);
    words.setVolatile(MAPPED, 1);
  }

  private boolean isIn() {
    return words.getVolatile(IN) != 0;
  }

  /** Whether an access to the ring's memory, if it was found, is to what is mapped. */
  private boolean touches(boolean found) {
    return !found || words.getVolatile(MAPPED) != 0;
  }

  /** As {@code RingWriter.hasRoom}; false when what is touched is unmapped, as below. */
  public boolean writerLooks() {
    boolean before = fault == Fault.FOUND_BEFORE_SAYING && isIn();
    boolean hasBegun = looks.writerBegins();
    boolean found = fault == Fault.FOUND_BEFORE_SAYING ? before : isIn();
    boolean isMapped = touches(found);
    looks.writerEnds(hasBegun);
    return isMapped;
  }

  /** As {@link #writerLooks}, in the midst of which code of others has the writer look again. */
  public boolean writerLooksWithin() {
    boolean hasBegun = looks.writerBegins();
    boolean found = isIn();
    boolean isMapped = touches(found);
    boolean hasBegunWithin = looks.writerBegins();
    isMapped &= touches(isIn());
    looks.writerEnds(hasBegunWithin || fault == Fault.ENDED_WITHIN);
    isMapped &= touches(found);
    if (fault != Fault.ENDED_WITHIN) {
      looks.writerEnds(hasBegun);
    }
    return isMapped;
  }

  /** As {@code RingWriter.publish}. */
  public boolean writerPublishes() {
    boolean before = fault == Fault.FOUND_BEFORE_SAYING && isIn();
    publishing.begin();
    boolean found = fault == Fault.FOUND_BEFORE_SAYING ? before : isIn();
    boolean isMapped = touches(found);
    publishing.end();
    return isMapped;
  }

  /** As {@code RingBroadcast.retirePassed}. */
  public boolean otherLooks() {
    boolean before = fault == Fault.FOUND_BEFORE_SAYING && isIn();
    looks.begin();
    boolean found = fault == Fault.FOUND_BEFORE_SAYING ? before : isIn();
    boolean isMapped = touches(found);
    looks.end();
    return isMapped;
  }

  /** As {@code RingBroadcast.remove}, and {@code LeftRings.add} behind it. */
  public void leave() {
    if (fault == Fault.ASKED_BEFORE_OUT) {
      pending = looks.pending();
    }
    words.setVolatile(IN, 0);
    if (fault != Fault.ASKED_BEFORE_OUT) {
      pending = looks.pending();
    }
    release();
  }

  /** As {@code LeftRings.release}; whether the ring is unmapped. */
  public boolean release() {
    if (pending.areOver()) {
      words.setVolatile(MAPPED, 0);
      return true;
    }
    return false;
  }
}
