package io.entrepot.internal.buffers;

import io.entrepot.internal.memory.Words;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntPredicate;

/**
 * The mapping slots of all ports: single-writer words that say which buffers are in use.
 *
 * <pre>
 *   63                     22 21        2  1      0
 *  +-------------------------+-----------+-------+--------+
 *  |        use count        |  buffer   | write | mapped |
 *  +-------------------------+-----------+-------+--------+
 * </pre>
 *
 * <p>A slot through which a lane <em>owns</em> a buffer says WRITE without MAPPED: the buffer's
 * state keeps it from others, and the slot of a thread which only tries for a buffer must not.
 *
 * <p><b>Map</b> is a release store of a slot by the lane's thread; <b>unmap</b> a release store of
 * the use count alone. The use count makes every mapping's word differ from the one before, so "the
 * slot is no longer what I saw" means that this mapping has ended (of an owned buffer it may also
 * be that a try was taken back); it also counts mappings, over all tenants of the lane, without a
 * store of its own.
 *
 * <p><b>Reuse.</b> A mapping needs a protection: a hold, or a queue entry not yet passed by the
 * reader's cursor. The slot is stored before the protection is dropped by a release; whoever
 * retires the buffer has read that drop with acquire, and whoever reclaims it has read RETIRED with
 * acquire. So a reclaimer that reads slots after it has seen RETIRED sees the slot of every mapping
 * made while the buffer was live, without a fence on the mapping side.
 *
 * <p>A lane changes its tenant by CAS of its tenant word, which counts tenancies: an alert or a
 * kill that was meant for one tenant and comes late does not hit the next. A reclaimer that skips a
 * lane because it was free cannot miss a mapping of its next tenant: that would need a protection
 * of a buffer which is RETIRED already, and there is none.
 */
public final class Lanes {
  private static final long FREE = 0;
  private static final long USED = 1;
  private static final long DEAD = 2;
  private static final long USE_MASK = 3;
  private static final int TENANCY_SHIFT = 2;

  private static final int TENANCY_ALERTED_SHIFT = 16;
  private static final long WRITERS_MASK = (1L << TENANCY_ALERTED_SHIFT) - 1;

  public static final int MAX_BUFFERS = 1 << 20;

  private static final long MAPPED = 1;
  private static final long WRITE = 2;
  private static final int BUFFER_SHIFT = 2;
  private static final long BUFFER_MASK = MAX_BUFFERS - 1;
  private static final int USE_SHIFT = 22;

  private static final int OWNER_SHIFT = 4;
  private static final long OWNER_SLOT_MASK = (1L << OWNER_SHIFT) - 1;

  private final Words words;
  private final PoolDescriptor layout;

  /** Lanes below this may be in use: those that were ever claimed, where that is done here. */
  private final AtomicInteger end;

  /** The lanes of another process, or in words that others claim lanes in. */
  public Lanes(Words words, PoolDescriptor layout) {
    this(words, layout, layout.lanes());
  }

  private Lanes(Words words, PoolDescriptor layout, int end) {
    this.words = words;
    this.layout = layout;
    this.end = new AtomicInteger(end);
  }

  /** Lanes that are claimed here alone; none is yet. */
  static Lanes ours(Words words, PoolDescriptor layout) {
    return new Lanes(words, layout, 0);
  }

  /** What one more use adds to a slot word. */
  public static final long ONE_USE = 1L << USE_SHIFT;

  public static long slotWord(int buffer, boolean write, long use) {
    return emptyWord(use) | mapped(buffer, write);
  }

  /** The part of a slot word that names a buffer. */
  static long mapped(int buffer, boolean write) {
    return (long) buffer << BUFFER_SHIFT | (write ? WRITE : 0) | MAPPED;
  }

  /** The part of a slot word that names a buffer which the lane owns, or tries to. */
  public static long owned(int buffer) {
    return (long) buffer << BUFFER_SHIFT | WRITE;
  }

  /** Whether a slot word names a buffer: mapped, or owned. */
  public static boolean isUsed(long slotWord) {
    return (slotWord & (MAPPED | WRITE)) != 0;
  }

  /** What a slot holds between two mappings. */
  public static long emptyWord(long use) {
    return use << USE_SHIFT;
  }

  static boolean isMapped(long slotWord) {
    return (slotWord & MAPPED) != 0;
  }

  /** Mappings made in the slot so far. */
  public static long uses(long slotWord) {
    return slotWord >>> USE_SHIFT;
  }

  public static int buffer(long slotWord) {
    return (int) (slotWord >>> BUFFER_SHIFT & BUFFER_MASK);
  }

  public static boolean isWrite(long slotWord) {
    return (slotWord & WRITE) != 0;
  }

  /** Claims a free lane; its index, or -1 when all are in use. */
  public int claim() {
    for (int i = 0; i < layout.lanes(); i++) {
      long offset = layout.lane(i) + PoolDescriptor.TENANT;
      long tenant = words.getAcquire(offset);
      if ((tenant & USE_MASK) == FREE
          && words.compareAndSet(offset, tenant, tenant + (1L << TENANCY_SHIFT) | USED)) {
        useUpTo(i + 1);
        return i;
      }
    }
    return -1;
  }

  /**
   * Has a lane looked at, before its tenant has it. Who reclaims a buffer of which that tenant has
   * made a mapping has acquired what protected it, and so this.
   */
  private void useUpTo(int more) {
    if (end.get() < more) {
      end.accumulateAndGet(more, Math::max);
    }
  }

  /** Number of the tenancy of a lane that the caller has claimed. */
  public long tenancy(int lane) {
    return words.getAcquire(layout.lane(lane) + PoolDescriptor.TENANT) >>> TENANCY_SHIFT;
  }

  /** Gives a lane back; its slots are empty. Tenant only. */
  public void free(int lane, long tenancy) {
    words.setRelease(layout.lane(lane) + PoolDescriptor.TENANT, tenancy << TENANCY_SHIFT | FREE);
  }

  /** Makes every later map of a tenancy look again, and find itself revoked. */
  public void alert(int lane, long tenancy) {
    long place = layout.attention(lane);
    long seen;
    do {
      seen = words.getVolatile(place);
    } while (alerted(seen) < tenancy
        && !words.compareAndSet(place, seen, attention(tenancy, seen)));
  }

  /** Whether a tenancy is alerted; an alert of an earlier one, which came late, is cleared. */
  public boolean isAlerted(int lane, long tenancy) {
    long seen = words.getVolatile(layout.attention(lane));
    if (alerted(seen) != 0 && alerted(seen) < tenancy) {
      calm(lane, alerted(seen));
    }
    return alerted(seen) == tenancy;
  }

  /** Ends {@link #alert} of a tenancy. */
  public void calm(int lane, long tenancy) {
    long place = layout.attention(lane);
    long seen;
    do {
      seen = words.getVolatile(place);
    } while (alerted(seen) == tenancy && !words.compareAndSet(place, seen, attention(0, seen)));
  }

  private static long alerted(long attention) {
    return attention >>> TENANCY_ALERTED_SHIFT;
  }

  private static long attention(long tenancy, long writersOf) {
    return tenancy << TENANCY_ALERTED_SHIFT | writersOf & WRITERS_MASK;
  }

  /** Makes every later map of any lane look whether somebody writes in place, or no more. */
  void writersInPlace(int more) {
    for (int lane = 0; lane < layout.lanes(); lane++) {
      words.getAndAdd(layout.attention(lane), more);
    }
  }

  /** Takes the lane of a tenancy whose views can touch nothing any more out of sight. */
  public void kill(int lane, long tenancy) {
    words.compareAndSet(
        layout.lane(lane) + PoolDescriptor.TENANT,
        tenancy << TENANCY_SHIFT | USED,
        tenancy << TENANCY_SHIFT | DEAD);
  }

  /** Whether the lane was killed, and its thread has not given it back. */
  boolean isDead(int lane) {
    return (words.getAcquire(layout.lane(lane) + PoolDescriptor.TENANT) & USE_MASK) == DEAD;
  }

  private boolean isUsed(int lane) {
    return (words.getAcquire(layout.lane(lane) + PoolDescriptor.TENANT) & USE_MASK) == USED;
  }

  /** Slot word of a lane that is in use, an empty one for any other. */
  public long slotAcquire(int lane, int slot) {
    if (!isUsed(lane)) {
      return 0;
    }
    return words.getAcquire(layout.slot(lane, slot));
  }

  /**
   * Whether the keeper of a KEPT or RECALLED buffer has it in use. Also of a lane that was killed:
   * its views can touch nothing, but its thread may still give back or publish.
   */
  public boolean isUsedByKeeper(int buffer, long state) {
    long keeper = BufferStates.holds(state);
    long word =
        words.getAcquire(
            layout.slot(
                (int) keeper / PoolDescriptor.MAPPINGS, (int) keeper % PoolDescriptor.MAPPINGS));
    return isUsed(word) && buffer(word) == buffer;
  }

  /** Whether a word of a KEPT or RECALLED buffer names a lane that there is. */
  public boolean isKeeper(long state) {
    return BufferStates.holds(state) / PoolDescriptor.MAPPINGS < layout.lanes();
  }

  /** Which buffers are mapped, and by which lanes, for dumps: a clause for each mapping. */
  public Map<Integer, StringBuilder> describeMappings() {
    Map<Integer, StringBuilder> mappings = new HashMap<>();
    for (int lane = 0; lane < layout.lanes(); lane++) {
      for (int slot = 0; slot < PoolDescriptor.MAPPINGS; slot++) {
        long word = slotAcquire(lane, slot);
        if (isUsed(word)) {
          mappings
              .computeIfAbsent(buffer(word), _ -> new StringBuilder())
              .append(", mapped for ")
              .append(isWrite(word) ? "WRITE" : "READ")
              .append(" by lane ")
              .append(lane);
        }
      }
    }
    return mappings;
  }

  /**
   * Marks, in a bit set of buffers, every buffer that a slot names; the words may be another
   * process's.
   */
  void mark(long[] mapped) {
    int most = end.get();
    for (int lane = 0; lane < most; lane++) {
      if (!isUsed(lane)) {
        continue;
      }
      for (int slot = 0; slot < PoolDescriptor.MAPPINGS; slot++) {
        long word = words.getAcquire(layout.slot(lane, slot));
        if (isMapped(word) && buffer(word) < layout.buffers()) {
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

  /** Whether a lane has the buffer mapped that is none of some. */
  boolean isMapped(int buffer, IntPredicate except) {
    for (int lane = 0; lane < layout.lanes(); lane++) {
      if (isMappedBy(lane, buffer) && !except.test(lane)) {
        return true;
      }
    }
    return false;
  }

  /** Whether any lane has the buffer mapped for writing. */
  public boolean isMappedForWriting(int buffer) {
    for (int lane = 0; lane < layout.lanes(); lane++) {
      if (isMappedForWriting(lane, buffer)) {
        return true;
      }
    }
    return false;
  }

  /** Whether a lane has the buffer mapped for writing. */
  boolean isMappedForWriting(int lane, int buffer) {
    for (int slot = 0; slot < PoolDescriptor.MAPPINGS; slot++) {
      long word = slotAcquire(lane, slot);
      if (isMapped(word) && isWrite(word) && buffer(word) == buffer) {
        return true;
      }
    }
    return false;
  }

  private boolean isMappedBy(int lane, int buffer) {
    for (int slot = 0; slot < PoolDescriptor.MAPPINGS; slot++) {
      long word = slotAcquire(lane, slot);
      if (isMapped(word) && buffer(word) == buffer) {
        return true;
      }
    }
    return false;
  }

  /** Mappings made in a lane by all its tenants. */
  public long uses(int lane) {
    long sum = 0;
    for (int slot = 0; slot < PoolDescriptor.MAPPINGS; slot++) {
      sum += uses(words.getOpaque(layout.slot(lane, slot)));
    }
    return sum;
  }

  // ---------------------------------------------------------------- what owners count

  /** Tells through which slot, empty yet, the tenant owns buffers. Tenant only. */
  public void ownsThrough(int lane, int slot) {
    long uses = uses(words.getPlain(layout.slot(lane, slot)));
    words.setRelease(layout.owner(lane), uses << OWNER_SHIFT | (slot + 1));
  }

  /** Ends {@link #ownsThrough}. */
  void ownsNoMore(int lane) {
    words.setRelease(layout.owner(lane), 0);
  }

  /**
   * Buffers that the tenant has acquired to own them: each is mapped once, in the slot of its
   * owner. What it is trying to acquire counts, too; 0 where it has ended meanwhile, for the slot
   * is the next tenant's then.
   */
  public long acquires(int lane) {
    long owner = words.getAcquire(layout.owner(lane));
    int slot = (int) (owner & OWNER_SLOT_MASK) - 1;
    if (slot < 0 || slot >= PoolDescriptor.MAPPINGS) {
      return 0;
    }
    long uses = uses(words.getAcquire(layout.slot(lane, slot)));
    return words.getAcquire(layout.owner(lane)) == owner
        ? Math.max(0, uses - (owner >>> OWNER_SHIFT))
        : 0;
  }

  /** Buffers that a lane's tenants, all of them, have published. */
  public long publishes(int lane) {
    return words.getOpaque(layout.published(lane));
  }

  /** Number of mappings that are open in a lane. */
  public int mappings(int lane) {
    int count = 0;
    for (int slot = 0; slot < PoolDescriptor.MAPPINGS; slot++) {
      if (isUsed(slotAcquire(lane, slot))) {
        count++;
      }
    }
    return count;
  }
}
