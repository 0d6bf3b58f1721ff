package io.entrepot.internal.sharing;

import io.entrepot.internal.buffers.BufferStates;
import io.entrepot.internal.buffers.BufferTaking;
import io.entrepot.internal.buffers.Places;
import io.entrepot.internal.buffers.PoolCounter;
import io.entrepot.internal.buffers.PoolDescriptor;
import io.entrepot.internal.memory.CoarseClock;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BooleanSupplier;

/** Takes one buffer for a reference, from a random place on so that threads do not meet. */
final class ReferenceTaking implements BufferTaking, BooleanSupplier {
  private final PoolCore pool;
  private final int sizeClass;
  private int buffer;
  private long owned;

  /** One try after the other to take a buffer of a size class or of a larger one. */
  ReferenceTaking(PoolCore pool, int sizeClass) {
    this.pool = pool;
    this.sizeClass = sizeClass;
    this.buffer = ThreadLocalRandom.current().nextInt(pool.buffers());
  }

  @Override
  public boolean take(int asked) {
    owned = pool.states().free2owned(asked);
    return owned != 0;
  }

  @Override
  public boolean take(int asked, long candidate) {
    owned = pool.states().candidate2owned(asked, candidate);
    return owned != 0;
  }

  @Override
  public boolean getAsBoolean() {
    pool.checkOpen();
    int taken = pool.free().tryTake(sizeClass, buffer, this);
    buffer = Math.max(taken, 0);
    if (taken >= 0 && pool.memories().settle(taken) == Places.NOWHERE) {
      pool.states().owned2free(taken, owned);
      // Handed out again meanwhile, it may be what somebody sleeps for who did not find it.
      pool.freed().signal();
      return false;
    }
    return taken >= 0;
  }

  /** The reference to the buffer that was taken, which is noted as its holder since now. */
  HeldBuffer reference() {
    pool.numbers().count(PoolCounter.REFERENCE_ACQUIRES, 1);
    pool.words()
        .setOpaque(
            pool.layout().buffer(buffer) + PoolDescriptor.HOLDER,
            PoolDescriptor.holder(-1, CoarseClock.millis()));
    return new HeldBuffer(pool, buffer, BufferStates.generation(owned));
  }
}
