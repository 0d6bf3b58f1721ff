package io.entrepot.internal.memory;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Words in a {@code long[]}, all zero: the form that model checkers can follow. A place is the
 * offset in bytes.
 *
 * <p>Open, so that tests may decide at each access which thread goes on.
 */
public non-sealed class HeapWords extends Words {
  private static final VarHandle WORD =
      MethodHandles.arrayElementVarHandle(long[].class).withInvokeExactBehavior();

  private final long[] array;

  /** So many bytes of words. */
  public HeapWords(long byteSize) {
    super(0, byteSize);
    this.array = new long[Math.toIntExact(byteSize / WORD_BYTES)];
  }

  private static int index(long place) {
    return (int) (place >>> 3);
  }

  @Override
  public long getPlain(long place) {
    return (long) WORD.get(array, index(place));
  }

  @Override
  public void setPlain(long place, long value) {
    WORD.set(array, index(place), value);
  }

  @Override
  public long getOpaque(long place) {
    return (long) WORD.getOpaque(array, index(place));
  }

  @Override
  public void setOpaque(long place, long value) {
    WORD.setOpaque(array, index(place), value);
  }

  @Override
  public long getAcquire(long place) {
    return (long) WORD.getAcquire(array, index(place));
  }

  @Override
  public void setRelease(long place, long value) {
    WORD.setRelease(array, index(place), value);
  }

  @Override
  public long getVolatile(long place) {
    return (long) WORD.getVolatile(array, index(place));
  }

  @Override
  public void setVolatile(long place, long value) {
    WORD.setVolatile(array, index(place), value);
  }

  @Override
  public boolean compareAndSet(long place, long expected, long value) {
    return WORD.compareAndSet(array, index(place), expected, value);
  }

  @Override
  public long getAndAdd(long place, long delta) {
    return (long) WORD.getAndAdd(array, index(place), delta);
  }
}
