package io.entrepot.internal.sharing;

import io.entrepot.internal.memory.Words;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.ToLongFunction;

/**
 * What a pool counts. Rare events are counted by atomic adds to words of the header; what happens
 * on hot paths is counted by each port in words of its own lane, and added up here.
 */
public final class PoolNumbers {
  private final Words words;
  private final PoolDescriptor layout;
  private final Lanes lanes;
  private final AtomicReferenceArray<LanePort> ports;

  /** The most that was told of {@link #acquires} and of {@link #releases}. */
  private final AtomicLong acquiresTold = new AtomicLong();

  private final AtomicLong releasesTold = new AtomicLong();

  PoolNumbers(
      Words words, PoolDescriptor layout, Lanes lanes, AtomicReferenceArray<LanePort> ports) {
    this.words = words;
    this.layout = layout;
    this.lanes = lanes;
    this.ports = ports;
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
    for (int lane = 0; lane < ports.length(); lane++) {
      sum += lanes.uses(lane);
    }
    return sum;
  }

  /** Mappings open now. */
  public int openMappings() {
    int sum = 0;
    for (int lane = 0; lane < ports.length(); lane++) {
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
        BufferOwner::acquires);
  }

  /** Buffers that owners gave back through their port without publishing; as {@link #acquires}. */
  public long releases() {
    return told(releasesTold, counted(PoolCounter.PORT_RELEASES), BufferOwner::releases);
  }

  private long told(AtomicLong most, long before, ToLongFunction<BufferOwner> count) {
    long sum = before;
    for (int lane = 0; lane < ports.length(); lane++) {
      LanePort port = ports.get(lane);
      BufferOwner owner = port == null ? null : port.owner();
      if (owner != null) {
        long counted = count.applyAsLong(owner);
        // Behind its end the lane's words are the next tenant's.
        sum += ports.get(lane) == port ? counted : 0;
      }
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

  /** Takes over the counts of an owner whose port is closing. */
  void closing(BufferOwner owner, int lane) {
    // In this order nothing is counted twice meanwhile.
    lanes.ownsNoMore(lane);
    count(PoolCounter.PORT_ACQUIRES, owner.acquires());
    count(PoolCounter.PORT_RELEASES, owner.releases());
  }
}
