package io.entrepot.internal.sharing;

import io.entrepot.internal.memory.Words;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.ToLongFunction;

/**
 * What a pool counts. Rare events are counted by atomic adds to words of the header; what happens
 * on hot paths is counted by each port for itself and added up here.
 */
public final class PoolNumbers {
  private final Words words;
  private final PoolDescriptor layout;
  private final Lanes lanes;
  private final AtomicReferenceArray<LanePort> ports;

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

  /** Buffers handed out. */
  public long acquires() {
    return portSum(PoolCounter.PORT_ACQUIRES, BufferOwner::acquires)
        + counted(PoolCounter.REFERENCE_ACQUIRES);
  }

  /** Buffers that owners gave back through their port without publishing. */
  public long releases() {
    return portSum(PoolCounter.PORT_RELEASES, BufferOwner::releases);
  }

  /** Buffers published through ports. */
  public long publishes() {
    return portSum(PoolCounter.PORT_PUBLISHES, BufferOwner::publishes);
  }

  /** Sum of one count over all ports, those that have closed included. */
  private long portSum(PoolCounter closedPorts, ToLongFunction<BufferOwner> count) {
    long sum = counted(closedPorts);
    for (int lane = 0; lane < ports.length(); lane++) {
      LanePort port = ports.get(lane);
      BufferOwner owner = port == null ? null : port.owner();
      sum += owner == null ? 0 : count.applyAsLong(owner);
    }
    return sum;
  }

  /** Takes over the counts of an owner whose port is closing. */
  void closing(BufferOwner owner) {
    count(PoolCounter.PORT_ACQUIRES, owner.acquires());
    count(PoolCounter.PORT_RELEASES, owner.releases());
    count(PoolCounter.PORT_PUBLISHES, owner.publishes());
  }
}
