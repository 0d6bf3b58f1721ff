package io.entrepot.internal.sync;

import io.entrepot.internal.memory.HeapWords;
import io.entrepot.internal.memory.Words;
import io.entrepot.sync.FenceError;

/** The errors of one timeline as other processes see them, for tests of other packages. */
public final class ErrorTelling {
  private static final FenceError.Kind KIND = FenceError.Kind.TIMED_OUT;
  private static final int PAUSES = 20;
  private static final long FIRST_PAIR = TimelineDescriptor.ERRORS + Words.WORD_BYTES;

  private final Words words;
  private final ErrorWords errors;

  public ErrorTelling(Words words) {
    this.words = words;
    this.errors = new ErrorWords(words, words.base());
  }

  /** Words that a model checker can follow, with errors at so many first points. */
  public static ErrorTelling onHeap(int errors) {
    ErrorTelling made = new ErrorTelling(new HeapWords(bytes()));
    for (int point = 1; point <= errors; point++) {
      made.tell(point, point);
    }
    return made;
  }

  /** Bytes of words that it takes. */
  public static long bytes() {
    return TimelineDescriptor.RECORD_BYTES;
  }

  /** Tells that points had an error. */
  public void tell(long from, long to) {
    errors.tell(from, to, KIND);
  }

  /** As {@link #tell}, of one point, with a fault: by stores, in the first pair. */
  public void tellByStore(long point) {
    ErrorTelling made = new ErrorTelling(new HeapWords(bytes()));
    made.tell(point, point);
    for (long at = FIRST_PAIR; at <= FIRST_PAIR + Words.WORD_BYTES; at += Words.WORD_BYTES) {
      words.setVolatile(words.base() + at, made.words.getVolatile(made.words.base() + at));
    }
  }

  /** As {@link #tellByStore}, which says a while after that an earlier one was forgotten. */
  public void forgetAfterwards(long point, long forgotten) {
    tellByStore(point);
    for (int i = 0; i < PAUSES; i++) {
      Thread.onSpinWait();
    }
    forget(forgotten);
  }

  /** As {@link #forgetAfterwards}, for who needs no help to look in between. */
  public void forgetAtLast(long point, long forgotten) {
    tellByStore(point);
    forget(forgotten);
  }

  private void forget(long forgotten) {
    words.setVolatile(words.base() + TimelineDescriptor.ERRORS, 1L << 46 | forgotten);
  }

  /** What is told of a point that is signaled, when the last signal had no error. */
  public String of(long point) {
    ErrorWords.Told told = errors.of(point, Long.MAX_VALUE >>> 18);
    if (told == null) {
      return "not yet";
    }
    return told.kind() == null ? "none" : told.isCertain() ? told.kind().name() : "perhaps";
  }
}
