package io.entrepot.internal.sync;

import io.entrepot.internal.memory.Doorbell;
import io.entrepot.internal.memory.Doorbells;
import io.entrepot.internal.memory.Words;

/** Two processes that tell each other of their signals, played in one; nobody tells at first. */
final class TwoSignals {
  private final Words theirWords = Words.offHeap(FarSignals.BYTES);
  private final Words ourWords = Words.offHeap(FarSignals.BYTES);
  final FarSignals theirs = new FarSignals(theirWords, theirWords.base());
  final FarSignals ours = new FarSignals(ourWords, ourWords.base());

  /** For sleeps of ours until they tell. */
  Doorbells bellOfTheirs() {
    return ours.bellOf(theirWords, theirWords.base());
  }

  /** Has us hear them, and them tell us. */
  Doorbell connect() {
    ours.hears(theirWords, theirWords.base());
    return theirs.tells(ourWords, ourWords.base());
  }
}
