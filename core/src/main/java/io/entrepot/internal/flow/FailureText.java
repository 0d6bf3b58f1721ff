package io.entrepot.internal.flow;

import io.entrepot.internal.memory.Words;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Why the writer of a feed has failed, as a {@link ReaderRing} says it: for people, and the only
 * words of a ring that are read without a promise that they belong together.
 *
 * <pre>
 *  +0    length of the text in bytes
 *  +8    the text in UTF-8, cut where it is too long
 * </pre>
 */
final class FailureText {
  static final long BYTES = 4L * Words.PAD_BYTES;

  private static final int TEXT_BYTES = (int) BYTES - Words.WORD_BYTES;

  private final Words producer;
  private final long place;

  /** A text in the producer's words. */
  FailureText(Words producer, long place) {
    this.producer = producer;
    this.place = place;
  }

  /**
   * Says why the writer has failed; {@link ReaderRing#over} publishes it. Whoever reads it while
   * the next failure is written may see a mixture of both. Producer only.
   */
  void write(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    ByteBuffer padded = ByteBuffer.wrap(Arrays.copyOf(utf8, TEXT_BYTES));
    for (int i = 0; i < TEXT_BYTES; i += Words.WORD_BYTES) {
      producer.setOpaque(place + Words.WORD_BYTES + i, padded.getLong(i));
    }
    producer.setOpaque(place, Math.min(utf8.length, TEXT_BYTES));
  }

  /** What the writer said of its failure; bounded, whatever the words are. */
  String read() {
    ByteBuffer utf8 = ByteBuffer.allocate(TEXT_BYTES);
    for (int i = 0; i < TEXT_BYTES; i += Words.WORD_BYTES) {
      utf8.putLong(i, producer.getOpaque(place + Words.WORD_BYTES + i));
    }
    int length = Math.clamp(producer.getOpaque(place), 0, TEXT_BYTES);
    return new String(utf8.array(), 0, length, StandardCharsets.UTF_8);
  }
}
