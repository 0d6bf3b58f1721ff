package io.entrepot.internal.sharing;

import io.entrepot.internal.buffers.Lanes;
import io.entrepot.internal.buffers.PeerWords;
import io.entrepot.internal.buffers.PoolDescriptor;
import io.entrepot.internal.memory.Seal;
import io.entrepot.internal.memory.SharedMemory;
import io.entrepot.internal.memory.Words;
import java.lang.foreign.Arena;
import java.util.Map;

/**
 * What a process uses of a pool that it imports, seen from outside by the words that it writes:
 * those that the exporter believes it too, see {@link PeerWords}. For one thread, which closes it.
 */
public final class PeerSight implements AutoCloseable {
  private final String name;
  private final Arena arena;
  private final PeerWords uses;
  private final Map<Integer, StringBuilder> mappings;

  PeerSight(String name, Arena arena, PoolDescriptor layout, Words words) {
    this.name = name;
    this.arena = arena;
    this.uses = new PeerWords(name, words, layout);
    this.mappings = new Lanes(words, layout).describeMappings();
  }

  /**
   * Maps a memory that says it is the words of a peer. Its descriptor stays the caller's.
   *
   * @param of the pool that it imports
   * @throws IllegalStateException when it is not, or could hurt this process: why
   */
  static PeerSight of(String name, SharedMemory lane, PoolNotice of) {
    PoolSight.requireSeals(lane, Seal.SHRINK, Seal.GROW);
    long needed = PoolDescriptor.byteSize(of.buffers(), of.lanes(), of.timelines());
    long byteSize = lane.byteSize();
    // A hole would be filled by reading it, at our cost.
    if (lane.allocatedBytes() < byteSize) {
      throw new IllegalStateException(
          "only " + lane.allocatedBytes() + " of its " + byteSize + " bytes are allocated");
    }
    if (byteSize < needed || byteSize % Words.WORD_BYTES != 0) {
      throw new IllegalStateException(
          "it has " + byteSize + " bytes, words of its pool have " + needed);
    }
    Arena arena = Arena.ofConfined();
    PeerSight sight = null;
    try {
      Words words = Words.over(lane.map(false, arena));
      sight = new PeerSight(name, arena, of.layout(words), words);
      return sight;
    } finally {
      if (sight == null) {
        arena.close();
      }
    }
  }

  /** What it does with a buffer, as part of the buffer's line; empty when it does not use it. */
  String describe(int buffer) {
    StringBuilder mapped = mappings.getOrDefault(buffer, new StringBuilder());
    if (mapped.isEmpty() && !uses.isHolding(buffer)) {
      return "";
    }
    long holds = uses.holds(buffer);
    if (holds == 0 && mapped.isEmpty()) {
      return ", fences of " + name;
    }
    String held = holds == 0 ? "" : " holds=" + holds;
    return ", used by " + name + held + mapped.toString().replace(",", "");
  }

  /** Ends the look; once. */
  @Override
  public void close() {
    arena.close();
  }
}
