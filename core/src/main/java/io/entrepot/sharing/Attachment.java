package io.entrepot.sharing;

import io.entrepot.internal.sharing.PoolAttachment;
import io.entrepot.sync.Timeline;

/**
 * The negotiated tie between an importer and all buffers of a pool. Long-lived; mappings are made
 * and ended within it for the price of a few stores.
 */
public sealed interface Attachment extends AutoCloseable permits PoolAttachment {

  /** Who is attached. */
  Importer importer();

  /** The mapping type and access that negotiation settled on. */
  Need granted();

  /** The exporter's offer that was taken. */
  Offer offer();

  /**
   * Opens a port: the lane in which the <em>calling</em> thread maps and unmaps.
   *
   * @throws RevokedException when the attachment was revoked
   * @throws IllegalStateException when it is closed, or all lanes of the pool are in use
   */
  Port open();

  /**
   * Leases a buffer's address to native code. Needs an attachment that negotiated {@link
   * MappingType#NATIVE_POINTER}.
   *
   * @param buffer an open reference; the lease has its own claim and outlives it
   */
  NativeLease lease(SharedBuffer buffer);

  /**
   * Opens a timeline for this importer's asynchronous work. A revocation waits for what is pending
   * on it.
   */
  Timeline timeline(String name);

  /** Whether CPU access exists for this importer, and under which conditions. */
  CpuAccess cpuAccess();

  /** Whether the exporter has taken the memory back. */
  boolean isRevoked();

  /**
   * Ends the attachment. Twice is harmless.
   *
   * @throws IllegalStateException when mappings, windows or leases are open, naming them
   */
  @Override
  void close();
}
