package io.entrepot.internal.sharing;

import io.entrepot.internal.memory.Words;
import io.entrepot.sharing.Port;

/**
 * The mapping slots of all ports: single-writer words that say which buffers are in use.
 *
 * <pre>
 *   63        43 42          22 21        2  1      0
 *  +------------+--------------+-----------+-------+-------+
 *  | use count  |  generation  |  buffer   | write | valid |   0 = empty
 *  +------------+--------------+-----------+-------+-------+
 * </pre>
 *
 * <p><b>Map</b> is a release store of a slot by the lane's thread; <b>unmap</b> a release store of
 * 0. The use count makes every mapping's word differ from the one before, so "the slot is no longer
 * what I saw" means that this mapping has ended.
 *
 * <p><b>Reuse.</b> A mapping needs a protection: a hold, or a queue entry not yet passed by the
 * reader's cursor. The slot is stored before the protection is dropped by a release; whoever
 * retires the buffer has read that drop with acquire, and whoever reclaims it has read RETIRED with
 * acquire. So a reclaimer that reads slots after it has seen RETIRED sees the slot of every mapping
 * made while the buffer was live, without a fence on the mapping side.
 *
 * <p>A lane changes its tenant by CAS of its tenant word. A reclaimer that skips a lane because it
 * was free cannot miss a mapping of its next tenant: that would need a protection of a buffer which
 * is RETIRED already, and there is none.
 */
final class Lanes {
  static final long TENANT_FREE = 0;
  static final long TENANT_USED = 1;
  static final long TENANT_DEAD = 2;

  static final int MAX_BUFFERS = 1 << 20;

  private static final long VALID = 1;
  private static final long WRITE = 2;
  private static final int BUFFER_SHIFT = 2;
  private static final long BUFFER_MASK = MAX_BUFFERS - 1;
  private static final int GENERATION_SHIFT = 22;
  private static final long GENERATION_MASK = (1L << 21) - 1;
  private static final int USE_SHIFT = 43;

  private final Words words;
  private final PoolDescriptor layout;

  Lanes(Words words, PoolDescriptor layout) {
    this.words = words;
    this.layout = layout;
  }

  static long slotWord(int buffer, long generation, boolean write, long use) {
    return use << USE_SHIFT
        | (generation & GENERATION_MASK) << GENERATION_SHIFT
        | (long) buffer << BUFFER_SHIFT
        | (write ? WRITE : 0)
        | VALID;
  }

  static int buffer(long slotWord) {
    return (int) (slotWord >>> BUFFER_SHIFT & BUFFER_MASK);
  }

  static boolean isWrite(long slotWord) {
    return (slotWord & WRITE) != 0;
  }

  /** Claims a free lane; its index, or -1 when all are in use. */
  int claim() {
    for (int i = 0; i < layout.lanes(); i++) {
      long tenant = layout.lane(i) + PoolDescriptor.TENANT;
      if (words.getOpaque(tenant) == TENANT_FREE
          && words.compareAndSet(tenant, TENANT_FREE, TENANT_USED)) {
        return i;
      }
    }
    return -1;
  }

  /** Gives a lane back; its slots are empty. */
  void free(int lane) {
    words.setRelease(layout.lane(lane) + PoolDescriptor.LANE_ATTENTION, 0);
    words.setRelease(layout.lane(lane) + PoolDescriptor.TENANT, TENANT_FREE);
  }

  /** Makes every later map in the lane look again, and find itself revoked. */
  void alert(int lane) {
    words.setVolatile(layout.lane(lane) + PoolDescriptor.LANE_ATTENTION, 1);
  }

  /** Takes a lane whose views can touch nothing any more out of sight. */
  void kill(int lane) {
    words.setVolatile(layout.lane(lane) + PoolDescriptor.TENANT, TENANT_DEAD);
  }

  /** Slot word of a lane that is in use, 0 for any other. */
  long slotAcquire(int lane, int slot) {
    long base = layout.lane(lane);
    if (words.getAcquire(base + PoolDescriptor.TENANT) != TENANT_USED) {
      return 0;
    }
    return words.getAcquire(base + PoolDescriptor.SLOTS + (long) slot * Words.WORD_BYTES);
  }

  /** Marks, in a bit set of buffers, every buffer that a slot names. */
  void mark(long[] mapped) {
    for (int lane = 0; lane < layout.lanes(); lane++) {
      long base = layout.lane(lane);
      if (words.getAcquire(base + PoolDescriptor.TENANT) != TENANT_USED) {
        continue;
      }
      for (int slot = 0; slot < Port.MAPPINGS; slot++) {
        long word = words.getAcquire(base + PoolDescriptor.SLOTS + (long) slot * Words.WORD_BYTES);
        if (word != 0) {
          mapped[buffer(word) >>> 6] |= 1L << buffer(word);
        }
      }
    }
  }

  /** Whether a lane other than {@code except} has the buffer mapped. */
  boolean isMapped(int buffer, int except) {
    for (int lane = 0; lane < layout.lanes(); lane++) {
      if (lane != except && isMappedBy(lane, buffer)) {
        return true;
      }
    }
    return false;
  }

  private boolean isMappedBy(int lane, int buffer) {
    for (int slot = 0; slot < Port.MAPPINGS; slot++) {
      long word = slotAcquire(lane, slot);
      if (word != 0 && buffer(word) == buffer) {
        return true;
      }
    }
    return false;
  }

  /** Number of mappings that are open in a lane. */
  int mappings(int lane) {
    int count = 0;
    for (int slot = 0; slot < Port.MAPPINGS; slot++) {
      if (slotAcquire(lane, slot) != 0) {
        count++;
      }
    }
    return count;
  }
}
