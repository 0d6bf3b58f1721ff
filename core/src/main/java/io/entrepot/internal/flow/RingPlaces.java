package io.entrepot.internal.flow;

import io.entrepot.internal.memory.Words;

/**
 * Where the words of a {@link ReaderRing} lie: in three places, which may be of different memories,
 * for each has writers of one kind alone.
 *
 * @param producer words that only the exporter's process writes and the reader reads
 * @param producerPlace first of {@link #producerBytes} bytes, aligned to {@link Words#PAD_BYTES}
 * @param reader words that only the reader's side writes
 * @param readerPlace first of {@link #READER_BYTES} bytes, aligned alike
 * @param keeper words that only the exporter's process writes and reads
 * @param keeperPlace first of {@link #KEEPER_BYTES} bytes, aligned alike
 */
record RingPlaces(
    Words producer,
    long producerPlace,
    Words reader,
    long readerPlace,
    Words keeper,
    long keeperPlace) {
  static final long READER_BYTES = Words.PAD_BYTES;
  static final long KEEPER_BYTES = Words.PAD_BYTES;

  /** Bytes of the producer's words. */
  static long producerBytes(int depth) {
    return RingDescriptor.failure(depth) + FailureText.BYTES;
  }

  /** All in one memory of this process. */
  static RingPlaces offHeap(int depth) {
    long producerBytes = producerBytes(depth);
    Words words = Words.offHeap(producerBytes + READER_BYTES + KEEPER_BYTES);
    long reader = words.base() + producerBytes;
    return new RingPlaces(words, words.base(), words, reader, words, reader + READER_BYTES);
  }
}
