package io.entrepot.internal.sharing;

import io.entrepot.internal.buffers.PoolNumbers;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.ToLongFunction;

/** The open ports of a pool, each at its lane. */
final class OpenPorts implements PoolNumbers.Owners {
  private final AtomicReferenceArray<LanePort> ports;

  OpenPorts(int lanes) {
    this.ports = new AtomicReferenceArray<>(lanes);
  }

  /** The port at a lane, or {@code null}. */
  LanePort at(int lane) {
    return ports.get(lane);
  }

  /** A port was opened at a lane that nobody else has. */
  void opened(int lane, LanePort port) {
    ports.set(lane, port);
  }

  /** A port is being closed, unless it was by another; whether it was there still. */
  boolean closing(int lane, LanePort port) {
    return ports.compareAndSet(lane, port, null);
  }

  /** Takes back the ports of threads that ended without closing them; how many. */
  int reap() {
    int reaped = 0;
    for (int lane = 0; lane < ports.length(); lane++) {
      LanePort port = ports.get(lane);
      if (port != null && port.isOrphaned() && closing(lane, port)) {
        port.abandon();
        reaped++;
      }
    }
    return reaped;
  }

  @Override
  public long acquires(int lane) {
    return counted(lane, BufferOwner::acquires);
  }

  @Override
  public long releases(int lane) {
    return counted(lane, BufferOwner::releases);
  }

  private long counted(int lane, ToLongFunction<BufferOwner> count) {
    LanePort port = ports.get(lane);
    BufferOwner owner = port == null ? null : port.owner();
    if (owner == null) {
      return 0;
    }
    long counted = count.applyAsLong(owner);
    // Behind its end the lane's words are the next tenant's.
    return ports.get(lane) == port ? counted : 0;
  }
}
