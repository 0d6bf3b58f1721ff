package io.entrepot.internal.sync;

import io.entrepot.internal.memory.Words;

/**
 * The timelines of a pool in another process, by words that it alone writes. What it writes there
 * need not make sense: every word is read once for each answer, and the answer says no more than
 * that word.
 */
public final class FarTimelines {
  private final Words words;
  private final long place;
  private final int size;

  /** So many, whose records lie at a place. */
  public FarTimelines(Words words, long place, int size) {
    this.words = words;
    this.place = place;
    this.size = size;
  }

  private long word(int record, long offset) {
    return words.getVolatile(place + record * TimelineDescriptor.RECORD_BYTES + offset);
  }

  /**
   * Refuses a point that there cannot be.
   *
   * @throws IllegalArgumentException with the numbers that there are
   */
  void checkIssued(int record, long point) {
    String wrong = whyNotIssued(record, point);
    if (wrong != null) {
      throw new IllegalArgumentException(wrong);
    }
  }

  /** Why there cannot be such a point, with the numbers that there are; {@code null} if it can. */
  String whyNotIssued(int record, long point) {
    if (!isThere(record)) {
      return "timeline " + record + " is not within 0 to " + (size - 1);
    }
    long issued = issued(record);
    return point >= 1 && point <= issued
        ? null
        : "point " + point + " of timeline " + record + " was not issued: 1 to " + issued + " were";
  }

  boolean isThere(int record) {
    return record >= 0 && record < size;
  }

  long issued(int record) {
    return word(record, TimelineDescriptor.ISSUED);
  }

  /** The word that tells which point was signaled last, and whether with an error. */
  long signaledWord(int record) {
    return word(record, TimelineDescriptor.SIGNALED);
  }

  /** Whether a point that is signaled is so because its issuer ended, with its work perhaps not. */
  boolean isUnsettled(int record, long point) {
    long from = word(record, TimelineDescriptor.UNSETTLED_FROM);
    return from != 0 && point >= from && point <= word(record, TimelineDescriptor.UNSETTLED_TO);
  }

  /** What is told of the error of a point; {@code null} when nothing is known yet. */
  ErrorWords.Told error(int record, long point, long signaledWord) {
    return new ErrorWords(words, place + record * TimelineDescriptor.RECORD_BYTES)
        .of(point, signaledWord);
  }
}
