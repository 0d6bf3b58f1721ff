package io.entrepot.internal.memory;

import java.lang.foreign.Arena;

/**
 * The heavy side of an asymmetric Dekker hand-shake.
 *
 * <p>A hot path that must <em>store A, then look at B</em> would need a full fence between the two.
 * Where the other side (<em>store B, then look at A</em>) is rare it can pay for both: it calls
 * {@link #heavy()} between its store and its look, which makes every running thread of this process
 * execute a full barrier. The hot path then needs only program order: a release store of A followed
 * by a load of B.
 *
 * <p><b>Why program order is enough.</b> Let a hot thread be at any instruction when the barrier
 * reaches it. If its store of A came before, the store is visible when {@code heavy()} returns, and
 * the rare side's look at A sees it. If not, its load of B comes after the barrier and sees the
 * rare side's store of B, which was made before {@code heavy()} was called. One of the two always
 * holds. The Java memory model promises nothing for a release store and a later opaque load. This
 * stands on HotSpot, which keeps the two in program order: both are accesses to the same words at
 * offsets that it cannot tell apart. The stress tests of map against revoke and against a writer in
 * place, on and off heap, watch over it.
 *
 * <p>On Linux this is {@code membarrier(PRIVATE_EXPEDITED)}, about 2 µs. Elsewhere an unrelated
 * shared arena is opened and closed: its thread-local hand-shake has the same effect at some ten
 * times the price. Never assumed across processes.
 */
public final class Barrier {
  private static final boolean EXPEDITED = NativeCalls.registerExpeditedBarrier();

  private Barrier() {}

  /** Returns after every running thread of this process has executed a full memory barrier. */
  public static void heavy() {
    if (!EXPEDITED || !NativeCalls.expeditedBarrier()) {
      Arena.ofShared().close();
    }
  }
}
