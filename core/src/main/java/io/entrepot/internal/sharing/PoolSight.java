package io.entrepot.internal.sharing;

import io.entrepot.internal.buffers.BufferStates;
import io.entrepot.internal.buffers.Lanes;
import io.entrepot.internal.buffers.PoolCounter;
import io.entrepot.internal.buffers.PoolDescriptor;
import io.entrepot.internal.memory.Seal;
import io.entrepot.internal.memory.SharedMemory;
import io.entrepot.internal.memory.Words;
import io.entrepot.internal.sync.FarSlots;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * A pool of another process, seen from outside: its control words, mapped for reading.
 *
 * <p>Nobody is asked and nobody is disturbed: the exporter's process makes no step for it, and no
 * byte of the data is mapped. What is seen may change while it is looked at: each word is right by
 * itself, together they are of no one instant. Of what Java has on its heap, names of importers,
 * ports and timelines, there are only the numbers here.
 *
 * <p>The words may be anybody's work. So nothing that was read is a place or a bound before it was
 * held against the size of the memory, which is sealed.
 *
 * <p>For one thread, which closes it.
 */
public final class PoolSight implements AutoCloseable {
  private final Arena arena;
  private final PoolNotice notice;
  private final Words words;
  private final PoolDescriptor layout;
  private final Lanes lanes;
  private final FarSlots reservations;

  /** Over words that lie in memory of an arena, which this closes. */
  PoolSight(Arena arena, Words words) {
    this.arena = arena;
    this.words = words;
    this.notice = PoolNotice.read(words);
    this.layout = notice.layout(words);
    this.lanes = new Lanes(words, layout);
    this.reservations =
        new FarSlots(
            words,
            layout.timelinesPlace(),
            layout.timelines(),
            layout.jobsPlace(),
            PoolDescriptor.JOBS,
            PoolDescriptor.FENCES,
            PoolDescriptor.RESERVATION);
  }

  /**
   * Maps a memory that says it is the control words of a pool. Its descriptor stays the caller's.
   *
   * @throws IllegalStateException when it is not, or could hurt this process: why
   */
  public static PoolSight of(SharedMemory control) {
    // Shorter, it would kill this process where it reads; written by others, it is no exporter's.
    requireSeals(control, Seal.SHRINK, Seal.GROW, Seal.FUTURE_WRITE);
    long byteSize = control.byteSize();
    if (byteSize < PoolNotice.NOTICE_BYTES
        || byteSize > PoolNotice.maxControlBytes()
        || byteSize % Words.WORD_BYTES != 0) {
      throw new IllegalStateException(
          "its "
              + byteSize
              + " bytes are no whole number of words within "
              + PoolNotice.NOTICE_BYTES
              + " to "
              + PoolNotice.maxControlBytes()
              + " bytes");
    }
    // What is sealed so stays allocated. A hole would be filled by reading it, at our cost.
    if (control.allocatedBytes() < byteSize) {
      throw new IllegalStateException(
          "only " + control.allocatedBytes() + " of its " + byteSize + " bytes are allocated");
    }
    Arena arena = Arena.ofConfined();
    PoolSight sight = null;
    try {
      sight = new PoolSight(arena, Words.over(control.map(false, arena)));
      return sight;
    } finally {
      if (sight == null) {
        arena.close();
      }
    }
  }

  static void requireSeals(SharedMemory memory, Seal... seals) {
    Set<Seal> there = memory.seals();
    for (Seal seal : seals) {
      if (!there.contains(seal)) {
        throw new IllegalStateException("it is not sealed against " + seal + ", only " + there);
      }
    }
  }

  /** What the pool says of itself. */
  public PoolNotice notice() {
    return notice;
  }

  /** A process that imports this pool, by words in memory of an arena that the result closes. */
  PeerSight peer(String name, Arena arena, Words words) {
    return new PeerSight(name, arena, notice.layout(words), words);
  }

  /** A process that imports this pool, by the memory of the words that it writes. */
  public PeerSight peer(String name, SharedMemory lane) {
    return PeerSight.of(name, lane, notice);
  }

  // ---------------------------------------------------------------- numbers

  /**
   * Numbers of a pool. Unlike its own statistics they make nothing free before they are taken: what
   * all readers have passed counts as published until the pool looks for it.
   *
   * @param free buffers that can be had, those that a port keeps ready for itself too
   * @param owned buffers that somebody writes
   * @param published buffers that were published and not retired since
   * @param retired buffers that become free when the pool next looks, unless they are mapped or
   *     have pending fences
   * @param mostInUse most buffers that the pool has found in use at a time
   * @param acquires buffers handed out; fewer by those of a port that closes in this moment, whose
   *     count is on its way from its lane to the pool's
   * @param publishes buffers published through ports
   * @param maps mappings made in the exporter's process
   * @param openMappings mappings open there now
   * @param waits calls that had to wait for a buffer
   * @param timeouts calls that waited in vain
   */
  public record Numbers(
      int free,
      int owned,
      int published,
      int retired,
      long mostInUse,
      long acquires,
      long publishes,
      long maps,
      long openMappings,
      long waits,
      long timeouts) {}

  /** Counts. */
  public Numbers numbers() {
    checkOpen();
    int[] kinds = new int[BufferStates.RECALLED + 1];
    for (int i = 0; i < layout.buffers(); i++) {
      kinds[BufferStates.kind(state(i))]++;
    }
    int free = kinds[BufferStates.FREE] + kinds[BufferStates.KEPT] + kinds[BufferStates.RECALLED];
    int owned = kinds[BufferStates.OWNED];
    int published = kinds[BufferStates.PUBLISHED];
    long acquires = counted(PoolCounter.PORT_ACQUIRES) + counted(PoolCounter.REFERENCE_ACQUIRES);
    long publishes = 0;
    long maps = 0;
    long open = 0;
    for (int lane = 0; lane < layout.lanes(); lane++) {
      acquires += lanes.acquires(lane);
      publishes += lanes.publishes(lane);
      maps += lanes.uses(lane);
      open += lanes.mappings(lane);
    }
    return new Numbers(
        free,
        owned,
        published,
        layout.buffers() - free - owned - published,
        words.getOpaque(layout.header(PoolDescriptor.MAX_IN_USE)),
        acquires,
        publishes,
        maps,
        open,
        counted(PoolCounter.WAITS),
        counted(PoolCounter.TIMEOUTS));
  }

  private long counted(PoolCounter counter) {
    return words.getOpaque(layout.header(counter.offset()));
  }

  /** State of a buffer; one that its keeper uses is OWNED to whoever looks from outside. */
  private long state(int buffer) {
    long state = words.getAcquire(layout.buffer(buffer) + PoolDescriptor.STATE);
    return BufferStates.isKept(state)
            && lanes.isKeeper(state)
            && lanes.isUsedByKeeper(buffer, state)
        ? BufferStates.owned(state)
        : state;
  }

  // ---------------------------------------------------------------- the dump

  /**
   * Tells, a line each, of the buffers that are not free, then of all that was counted.
   *
   * @param peers who imports the pool
   * @param nowMs this moment, in milliseconds since the epoch
   * @param line takes one after the other
   */
  public void dump(List<PeerSight> peers, long nowMs, Consumer<String> line) {
    checkOpen();
    Map<Integer, StringBuilder> mappings = lanes.describeMappings();
    for (int i = 0; i < layout.buffers(); i++) {
      String text = describe(i, mappings, peers, nowMs);
      if (!text.isEmpty()) {
        line.accept(text);
      }
    }
    for (PoolCounter counter : PoolCounter.values()) {
      if (counted(counter) != 0) {
        line.accept(counter + "=" + counted(counter));
      }
    }
  }

  /** A buffer, as {@link PoolDump} describes it; empty when it is free, or as good as. */
  private String describe(
      int buffer, Map<Integer, StringBuilder> mappings, List<PeerSight> peers, long nowMs) {
    StringBuilder uses = new StringBuilder();
    if (mappings.containsKey(buffer)) {
      uses.append(mappings.get(buffer));
    }
    peers.forEach(peer -> uses.append(peer.describe(buffer)));
    String fences = reservations.describe(layout.buffer(buffer));
    uses.append(fences.isEmpty() ? "" : ", fences: " + fences);
    long state = state(buffer);
    boolean live = BufferStates.isLive(state);
    if (!live && uses.isEmpty()) {
      return "";
    }
    String held = live ? holder(buffer, nowMs) : "";
    return "buffer " + buffer + " " + BufferStates.describe(state) + held + uses;
  }

  private String holder(int buffer, long nowMs) {
    long holder = words.getOpaque(layout.buffer(buffer) + PoolDescriptor.HOLDER);
    if (holder == 0) {
      return "";
    }
    int lane = (int) (holder & 0xFFFF) - 1;
    return " acquired by "
        + (lane < 0 ? "reference" : "lane " + lane)
        + " "
        + Math.max(0, nowMs - (holder >>> 16))
        + " ms ago";
  }

  private void checkOpen() {
    if (!arena.scope().isAlive()) {
      throw new IllegalStateException("pool '" + notice.name() + "' is looked at no more");
    }
  }

  /** Ends the look; once. */
  @Override
  public void close() {
    arena.close();
  }
}
