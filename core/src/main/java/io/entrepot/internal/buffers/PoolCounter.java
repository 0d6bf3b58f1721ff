package io.entrepot.internal.buffers;

/** Rare events of a pool that are counted in words of its header, by atomic adds. */
public enum PoolCounter {
  /** Buffers taken through ports that have closed. */
  PORT_ACQUIRES,
  /** Buffers given back through ports that have closed. */
  PORT_RELEASES,
  /** Buffers taken as references, not through a port. */
  REFERENCE_ACQUIRES,
  /** Calls that had to wait for a buffer. */
  WAITS,
  /** Calls that waited in vain. */
  TIMEOUTS,
  /** Passes over retired buffers. */
  RECLAIMS,
  /** Buffers that a pass made free. */
  RECLAIMED,
  /** Buffers taken back from ports that kept them. */
  RECALLED,
  /** Leases given to native code. */
  LEASES,
  /** Leases that came back. */
  LEASES_RETURNED,
  /** CPU windows opened. */
  WINDOWS,
  /** Copies through a bounce buffer. */
  BOUNCES,
  /** Bytes copied through bounce buffers. */
  BOUNCED_BYTES,
  /** Attachments made. */
  ATTACHES,
  /** Attachments refused. */
  REFUSALS,
  /** Revocations. */
  REVOCATIONS,
  /** Revocations that closed views by force. */
  FORCED_CLOSES,
  /** Buffers that a revocation left in quarantine. */
  QUARANTINED,
  /** Ports taken back from threads that ended without closing them. */
  REAPED_PORTS,
  /** Memories made because a process that was cut off may still see the one before. */
  REPLACEMENTS;

  public long offset() {
    return PoolDescriptor.COUNTERS + (long) ordinal() * Long.BYTES;
  }
}
