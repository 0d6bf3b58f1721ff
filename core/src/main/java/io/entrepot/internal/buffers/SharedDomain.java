package io.entrepot.internal.buffers;

import io.entrepot.internal.memory.Doorbell;
import io.entrepot.internal.memory.Doorbells;
import io.entrepot.internal.memory.Words;
import io.entrepot.internal.sync.FarSignals;
import io.entrepot.internal.sync.FarTimelines;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The sync domain of a pool as its words tell it: each process that uses the pool has a domain of
 * its own in its own copy of the words, which the other side reads.
 *
 * @param words of that copy
 * @param layout where in them what lies
 */
public record SharedDomain(Words words, PoolDescriptor layout) {

  /** The number of the copy, or 0 while its process has not given it one. */
  public long number() {
    return words.getVolatile(layout.header(PoolDescriptor.DOMAIN));
  }

  /** The number of this process's copy, which gets one when it is first asked for. */
  public long numbered() {
    long place = layout.header(PoolDescriptor.DOMAIN);
    while (number() == 0) {
      words.compareAndSet(place, 0, ThreadLocalRandom.current().nextLong());
    }
    return number();
  }

  /** Tells the process of this copy what the one of another has signaled, from now on. */
  public Doorbell toldBy(FarSignals signals) {
    return signals.tells(words, layout.signalsPlace());
  }

  /** For sleeps until the process of this copy has signaled something. */
  public Doorbells heardBy(FarSignals signals) {
    return signals.bellOf(words, layout.signalsPlace());
  }

  /** The timelines in another process's copy. */
  public FarTimelines timelines() {
    return new FarTimelines(words, layout.timelinesPlace(), layout.timelines());
  }
}
