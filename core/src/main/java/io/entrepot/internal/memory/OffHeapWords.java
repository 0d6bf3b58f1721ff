package io.entrepot.internal.memory;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.lang.ref.Reference;

/**
 * Words outside the heap; a place is the address.
 *
 * <p>They are accessed through one segment over all memory, which is a constant: nothing is loaded
 * and nothing checked. The memory's own segment is kept reachable until each access is done.
 */
final class OffHeapWords extends Words {
  private static final VarHandle WORD = ValueLayout.JAVA_LONG.varHandle().withInvokeExactBehavior();
  private static final MemorySegment MEMORY = allMemory();

  /**
   * The bits that the address of a word can have. Whatever has no others is aligned and within all
   * memory, as the compiler sees: both checks of each access go, and with them more than half of
   * the code of a publication.
   */
  private static final long ADDRESS = (Long.MAX_VALUE >>> 1) & -Words.WORD_BYTES;

  private final MemorySegment segment;

  OffHeapWords(MemorySegment segment) {
    super(segment.address(), segment.byteSize());
    this.segment = segment;
  }

  @SuppressWarnings("restricted")
  private static MemorySegment allMemory() {
    return MemorySegment.NULL.reinterpret(Long.MAX_VALUE);
  }

  @Override
  public long getPlain(long place) {
    long value = (long) WORD.get(MEMORY, place & ADDRESS);
    Reference.reachabilityFence(segment);
    return value;
  }

  @Override
  public void setPlain(long place, long value) {
    WORD.set(MEMORY, place & ADDRESS, value);
    Reference.reachabilityFence(segment);
  }

  @Override
  public long getOpaque(long place) {
    long value = (long) WORD.getOpaque(MEMORY, place & ADDRESS);
    Reference.reachabilityFence(segment);
    return value;
  }

  @Override
  public void setOpaque(long place, long value) {
    WORD.setOpaque(MEMORY, place & ADDRESS, value);
    Reference.reachabilityFence(segment);
  }

  @Override
  public long getAcquire(long place) {
    long value = (long) WORD.getAcquire(MEMORY, place & ADDRESS);
    Reference.reachabilityFence(segment);
    return value;
  }

  @Override
  public void setRelease(long place, long value) {
    WORD.setRelease(MEMORY, place & ADDRESS, value);
    Reference.reachabilityFence(segment);
  }

  @Override
  public long getVolatile(long place) {
    long value = (long) WORD.getVolatile(MEMORY, place & ADDRESS);
    Reference.reachabilityFence(segment);
    return value;
  }

  @Override
  public void setVolatile(long place, long value) {
    WORD.setVolatile(MEMORY, place & ADDRESS, value);
    Reference.reachabilityFence(segment);
  }

  @Override
  public boolean compareAndSet(long place, long expected, long value) {
    boolean done = WORD.compareAndSet(MEMORY, place & ADDRESS, expected, value);
    Reference.reachabilityFence(segment);
    return done;
  }

  @Override
  public long getAndAdd(long place, long delta) {
    long before = (long) WORD.getAndAdd(MEMORY, place & ADDRESS, delta);
    Reference.reachabilityFence(segment);
    return before;
  }
}
