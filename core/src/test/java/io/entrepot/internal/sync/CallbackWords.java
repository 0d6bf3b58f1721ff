package io.entrepot.internal.sync;

import io.entrepot.internal.memory.HeapWords;
import io.entrepot.internal.memory.Words;
import io.entrepot.sync.Fence;

/**
 * A signaled word and the callbacks that wait for it: {@link Callbacks} as they are, but that they
 * file each callback which a signal passes over, so that models need few of them.
 */
public final class CallbackWords {
  private final Words words;
  private final Callbacks callbacks;

  private CallbackWords(Words words, int few) {
    this.words = words;
    this.callbacks = new Callbacks(this::signaled, few);
  }

  /** Callbacks that a model checker can follow. */
  public static CallbackWords filing() {
    return new CallbackWords(new HeapWords(Words.WORD_BYTES), 0);
  }

  /** Callbacks as they are in use. */
  public static CallbackWords inUse() {
    return new CallbackWords(new HeapWords(Words.WORD_BYTES), Callbacks.FEW);
  }

  private long signaled() {
    return words.getVolatile(0);
  }

  public Fence.Callback onSignal(long point, Runnable action) {
    PendingCallback added = callbacks.push(point, action);
    return signaled() >= point && added.remove() ? null : added;
  }

  /** Has a thread woken, which must be parked from before the signal on. */
  public void wakeOnSignal(long point, Thread parked) {
    callbacks.push(point, parked);
  }

  /** Raises the word, and then runs what is due. */
  public void signal(long point) {
    raise(point);
    callbacks.signaled(point);
  }

  /** What a thread did that was stopped before it ran anything. */
  public void raise(long point) {
    long before = signaled();
    while (before < point && !words.compareAndSet(0, before, point)) {
      before = signaled();
    }
  }

  public boolean await(long point, long timeoutNs) {
    return callbacks.await(point, timeoutNs);
  }

  /** Callbacks that are kept, pending or not. */
  public int kept() {
    return callbacks.kept();
  }
}
