package io.entrepot.internal.buffers;

import io.entrepot.internal.memory.Words;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntToLongFunction;

/**
 * What a pool counts. Rare events are counted by atomic adds to words of the header; what happens
 * on hot paths is counted by each port in words of its own lane, and added up here.
 */
public final class PoolNumbers {
  private final Words words;
  private final PoolDescriptor layout;
  private final Lanes lanes;
  private final Owners owners;

  /** The most that was told of {@link #acquires} and of {@link #releases}. */
  private final AtomicLong acquiresTold = new AtomicLong();

  private final AtomicLong releasesTold = new AtomicLong();

  /** Who owns buffers through lanes now, with counts of its own. */
  public interface Owners {
    /** Buffers that the one of a lane was handed; 0 where there is none any more. */
    long acquires(int lane);

    /** Buffers that the one of a lane gave back unpublished; 0 where there is none any more. */
    long releases(int lane);
  }

  PoolNumbers(Words words, PoolDescriptor layout, Lanes lanes, Owners owners) {
    this.words = words;
    this.layout = layout;
    this.lanes = lanes;
    this.owners = owners;
  }

  /** Counts a rare event. */
  public void count(PoolCounter counter, long by) {
    words.getAndAdd(layout.header(counter.offset()), by);
  }

  /** How often a rare event happened. */
  public long counted(PoolCounter counter) {
    return words.getOpaque(layout.header(counter.offset()));
  }

  /** Notes how many buffers were found in use; the most counts. */
  void noteInUse(int inUse) {
    long place = layout.header(PoolDescriptor.MAX_IN_USE);
    long most = words.getOpaque(place);
    while (inUse > most && !words.compareAndSet(place, most, inUse)) {
      most = words.getOpaque(place);
    }
  }

  /** Most buffers that were found in use. */
  public int maxInUse() {
    return (int) words.getOpaque(layout.header(PoolDescriptor.MAX_IN_USE));
  }

  /** Mappings made. */
  public long maps() {
    long sum = 0;
    for (int lane = 0; lane < layout.lanes(); lane++) {
      sum += lanes.uses(lane);
    }
    return sum;
  }

  /** Mappings open now. */
  public int openMappings() {
    int sum = 0;
    for (int lane = 0; lane < layout.lanes(); lane++) {
      sum += lanes.mappings(lane);
    }
    return sum;
  }

  /**
   * Buffers handed out.
   *
   * <p>Never less than was told before. The count of an owner moves from its lane to the header
   * when its port closes. Who looks meanwhile reads the header first, and an owner only while its
   * port stands, so that nothing is counted twice; what is missed for once was told before.
   */
  public long acquires() {
    return told(
        acquiresTold,
        counted(PoolCounter.PORT_ACQUIRES) + counted(PoolCounter.REFERENCE_ACQUIRES),
        owners::acquires);
  }

  /** Buffers that owners gave back through their port without publishing; as {@link #acquires}. */
  public long releases() {
    return told(releasesTold, counted(PoolCounter.PORT_RELEASES), owners::releases);
  }

  private long told(AtomicLong most, long before, IntToLongFunction ofLane) {
    long sum = before;
    for (int lane = 0; lane < layout.lanes(); lane++) {
      sum += ofLane.applyAsLong(lane);
    }
    return most.accumulateAndGet(sum, Math::max);
  }

  /** Buffers published through ports. */
  public long publishes() {
    long sum = 0;
    for (int lane = 0; lane < layout.lanes(); lane++) {
      sum += lanes.publishes(lane);
    }
    return sum;
  }

  /** Takes over the counts of a lane's owner, whose port is closing. */
  public void closing(int lane, long acquires, long releases) {
    // In this order nothing is counted twice meanwhile.
    lanes.ownsNoMore(lane);
    count(PoolCounter.PORT_ACQUIRES, acquires);
    count(PoolCounter.PORT_RELEASES, releases);
  }
}
