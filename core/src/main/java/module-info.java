/**
 * Zero-copy buffer sharing on the model of the Linux kernel's DMA-BUF.
 *
 * <p>Read in this order: {@link io.entrepot.flow} for pools and queues, {@link io.entrepot.sharing}
 * for who may do what with a buffer, {@link io.entrepot.sync} for fences, {@link io.entrepot.reach}
 * for pools across processes; {@link io.entrepot.agrona} is for SBE and Agrona's buffers over
 * views.
 */
module io.entrepot {
  requires transitive org.agrona;

  exports io.entrepot.agrona;
  exports io.entrepot.flow;
  exports io.entrepot.reach;
  exports io.entrepot.sharing;
  exports io.entrepot.sync;
}
