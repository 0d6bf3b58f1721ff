package io.entrepot.sync;

/**
 * What a fence in a {@link Reservation} protects, in the order of the kernel's {@code
 * dma_resv_usage}: a query for one usage sees the fences of that usage and of all before it.
 *
 * <table>
 *   <caption>Who waits for what</caption>
 *   <tr><th>who</th><th>asks for</th><th>sees</th></tr>
 *   <tr><td>new reader</td><td>{@link #WRITE}</td><td>MOVE, WRITE</td></tr>
 *   <tr><td>new writer</td><td>{@link #READ}</td><td>MOVE, WRITE, READ</td></tr>
 *   <tr><td>revocation, reuse</td><td>{@link #BOOKKEEP}</td><td>all</td></tr>
 * </table>
 */
public enum Usage {
  /** The exporter's own moves and clears; everybody waits for them. The kernel says KERNEL. */
  MOVE,
  /** A write that readers and writers wait for. */
  WRITE,
  /** A read that writers wait for. */
  READ,
  /** Work that only reuse and revocation wait for. */
  BOOKKEEP;

  /**
   * {@return what work of this usage has to wait for before it begins: a MOVE for everything, a
   * WRITE for READ and what comes before it, a READ for WRITE and MOVE, BOOKKEEP for MOVE alone}
   *
   * <p>Of two usages, each waits for the other or neither does.
   */
  public Usage awaited() {
    return switch (this) {
      case MOVE -> BOOKKEEP;
      case WRITE -> READ;
      case READ -> WRITE;
      case BOOKKEEP -> MOVE;
    };
  }

  /**
   * {@return what an access of the given kind has to wait for: READ before a write, WRITE before a
   * read}
   *
   * @param write whether the access writes
   */
  public static Usage awaitedBy(boolean write) {
    return write ? READ : WRITE;
  }
}
