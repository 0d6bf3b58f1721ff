package io.entrepot.internal.reach;

import io.entrepot.internal.buffers.PoolMemories;
import io.entrepot.internal.memory.Seal;
import io.entrepot.internal.memory.SharedMemory;
import io.entrepot.internal.memory.Words;
import io.entrepot.internal.reach.WireFormat.PlacedClass;
import io.entrepot.internal.sharing.SharedBacking;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongPredicate;

/**
 * A pool's memory in an importing process: data that it may read, or was granted to write, and
 * words of its own.
 *
 * <p>What the exporter sent is checked before it is mapped: a memory that could shrink would kill
 * this process where it reads behind the end. Of one that is longer than its buffers need no more
 * is mapped than they do.
 *
 * <p><b>Memory that is gone.</b> An exporter that replaces its memory lets go of those in which no
 * buffer lies. Such a one shows zeros from then on, and is unmapped when nothing of this process
 * can reach it: at once, unless a lease, a CPU window or a transfer is still at it, else when that
 * has ended, or something else is heard of memory. So {@value #MAX_MAPPED} stand here at most, of
 * as many bytes as the pool's buffers take: an exporter has {@value PoolMemories#MOST_MAPPED} with
 * buffers in them, and as many again are for what is gone and in use here. One that sends more is
 * not believed any more. Thread-safe.
 */
final class ImportedMemory implements SharedBacking {
  /** Buffers that a pool may have. */
  private static final int MAX_BUFFERS = 1 << 20;

  /** Data memories that stand here at a time: more than an exporter has. */
  static final int MAX_MAPPED = 2 * PoolMemories.MOST_MAPPED;

  private final List<PlacedClass> classes;
  private final long number;
  private final List<MemorySegment> buffers;
  private final Words words;
  private final String exporter;

  /** Whether the data is one memory that is {@link #granted} for writing, or yet to be. */
  private final boolean writing;

  /** Data memories in which buffers may lie, by their numbers. */
  private final Map<Long, Mapping> mapped = new HashMap<>();

  /** Those in which none lies, that something here may look at. */
  private final List<Mapping> gone = new ArrayList<>();

  /** Ends what shows a memory that is gone; whether nothing here can look at it any more. */
  private LongPredicate ending = _ -> false;

  private boolean closed;

  /** A memory that is mapped until the arena closes. */
  private record Mapping(long number, Arena arena, MemorySegment whole) {}

  /**
   * Maps memory that an exporter sent. The descriptors stay the caller's.
   *
   * @param data {@code null} where it is yet to be {@link #granted}
   */
  ImportedMemory(
      String exporter, WireFormat.Welcome welcome, SharedMemory data, SharedMemory lane) {
    this.exporter = exporter;
    this.classes = welcome.classes();
    this.number = welcome.memory();
    this.writing = data == null;
    require("words", lane, Seal.SHRINK, Seal.GROW);
    long count = classes.stream().mapToLong(placed -> placed.sizeClass().buffers()).sum();
    // Before anything is made for each of them.
    if (count < 1 || count > MAX_BUFFERS) {
      throw new IllegalStateException(
          exporter + " sent " + count + " buffers, which is not within 1 to " + MAX_BUFFERS);
    }
    if (writing) {
      checkPlaces(Long.MAX_VALUE);
    } else {
      checkData(data);
    }
    this.words = Words.over(lane.map(true, Arena.ofAuto()));
    this.buffers = writing ? outOfReach() : map(number, data, false);
  }

  private void checkData(SharedMemory data) {
    require("data", data, Seal.SHRINK, Seal.GROW);
    checkPlaces(data.byteSize());
  }

  private void checkPlaces(long dataBytes) {
    classes.forEach(placed -> checkPlace(placed, dataBytes));
  }

  private List<MemorySegment> map(long as, SharedMemory data, boolean write) {
    Arena arena = Arena.ofShared();
    boolean done = false;
    try {
      MemorySegment whole = data.mapFirst(write, arena, neededBytes());
      List<MemorySegment> cut = cut(whole, write);
      mapped.put(as, new Mapping(as, arena, whole));
      done = true;
      return cut;
    } finally {
      if (!done) {
        arena.close();
      }
    }
  }

  /** Bytes to the end of the last buffer; the places are checked. */
  private long neededBytes() {
    return classes.stream()
        .mapToLong(placed ->
            placed.offsetBytes()
                + (placed.sizeClass().buffers() - 1L) * placed.strideBytes()
                + placed.sizeClass().bufferBytes())
        .max()
        .orElseThrow();
  }

  private List<MemorySegment> cut(MemorySegment whole, boolean write) {
    List<MemorySegment> cut = new ArrayList<>();
    for (PlacedClass placed : classes) {
      for (int i = 0; i < placed.sizeClass().buffers(); i++) {
        long at = placed.offsetBytes() + i * placed.strideBytes();
        MemorySegment bytes = whole.asSlice(at, placed.sizeClass().bufferBytes());
        cut.add(write ? bytes : bytes.asReadOnly());
      }
    }
    return List.copyOf(cut);
  }

  /** Segments that have the sizes of the buffers, and throw when they are used. */
  @SuppressWarnings("restricted")
  private List<MemorySegment> outOfReach() {
    List<MemorySegment> sizes = new ArrayList<>();
    try (Arena over = Arena.ofConfined()) {
      for (PlacedClass placed : classes) {
        MemorySegment size =
            MemorySegment.NULL.reinterpret(placed.sizeClass().bufferBytes(), over, null);
        sizes.addAll(Collections.nCopies(placed.sizeClass().buffers(), size));
      }
    }
    return List.copyOf(sizes);
  }

  /**
   * Maps memory that this process was granted to write; once.
   *
   * @param data that came with the grant; its descriptor stays the caller's
   * @return the segments of all buffers
   * @throws IllegalStateException when it could hurt this process, or is too small
   * @throws io.entrepot.internal.memory.NoRoomException also when it is secret and this process may
   *     not lock so much
   */
  synchronized List<MemorySegment> granted(SharedMemory data) {
    // The size of secret memory never changes, and it has no seals.
    if (data.isSecret()) {
      data.requireLockable("of " + exporter);
      checkPlaces(data.byteSize());
    } else {
      checkData(data);
    }
    return map(number, data, true);
  }

  /** Has whatever shows a memory that is gone ended by somebody, who says whether all has. */
  synchronized void endBy(LongPredicate letGoOf) {
    ending = letGoOf;
  }

  /**
   * Maps another data memory that the exporter sent. The descriptor stays the caller's.
   *
   * @return the segments of its buffers
   * @throws IllegalStateException when it is not as it should be, or one too many, or this is
   *     closed
   */
  synchronized List<MemorySegment> add(long as, SharedMemory data) {
    if (closed) {
      throw new IllegalStateException("the pool of " + exporter + " is closed");
    }
    checkReplaceable(as);
    if (as < 0 || mapped.containsKey(as)) {
      throw new IllegalStateException(
          exporter
              + " sent memory "
              + as
              + " while there are "
              + mapped.keySet()
              + ": each is sent once");
    }
    unmapGone();
    if (mapped.size() + gone.size() >= MAX_MAPPED) {
      throw new IllegalStateException(
          exporter
              + " sent memory "
              + as
              + " while "
              + mapped.size()
              + " with buffers in them stand here and "
              + gone.size()
              + " that are gone but in use: "
              + MAX_MAPPED
              + " may, and take "
              + MAX_MAPPED
              + " times "
              + neededBytes()
              + " bytes");
    }
    checkData(data);
    return map(as, data, false);
  }

  private void checkReplaceable(long other) {
    if (writing) {
      throw new IllegalStateException(
          exporter
              + " told of memory "
              + other
              + " in a pool that is granted for writing, whose memory is never another than "
              + number);
    }
  }

  /**
   * Lets go of a data memory in which, the exporter says, no buffer lies. It is unmapped as soon as
   * nothing here can look at it; until then it reads as zeros.
   */
  synchronized void vacate(long number) {
    if (closed) {
      return;
    }
    checkReplaceable(number);
    Mapping left = mapped.remove(number);
    if (left == null) {
      throw new IllegalStateException(
          exporter + " let go of memory " + number + ", it has sent " + mapped.keySet());
    }
    gone.add(left);
    SharedMemory.vacate(left.whole);
    unmapGone();
  }

  /** Unmaps what is gone and not in use any more. */
  synchronized void unmapGone() {
    gone.removeIf(left -> ending.test(left.number) && isUnmapped(left.arena));
  }

  /** Closes an arena unless a channel has some of its bytes, which the JVM knows. */
  private static boolean isUnmapped(Arena arena) {
    try {
      arena.close();
      return true;
    } catch (IllegalStateException inTransfer) {
      return !arena.scope().isAlive();
    }
  }

  /** Refuses memory without a seal that this process's safety rests on. */
  static void require(String exporter, String what, SharedMemory memory, Seal... seals) {
    Set<Seal> there = memory.seals();
    for (Seal seal : seals) {
      if (!there.contains(seal)) {
        throw new IllegalStateException(
            exporter + " sent " + what + " memory without the seal " + seal + ", only " + there);
      }
    }
  }

  private void require(String what, SharedMemory memory, Seal... seals) {
    require(exporter, what, memory, seals);
  }

  private void checkPlace(PlacedClass placed, long dataBytes) {
    long bytes = placed.sizeClass().bufferBytes();
    boolean fits;
    try {
      long last = Math.multiplyExact(placed.strideBytes(), placed.sizeClass().buffers() - 1L);
      fits =
          placed.offsetBytes() >= 0
              && placed.offsetBytes() % Words.WORD_BYTES == 0
              && placed.strideBytes() % Words.WORD_BYTES == 0
              && placed.strideBytes() >= bytes
              && Math.addExact(Math.addExact(placed.offsetBytes(), last), bytes) <= dataBytes;
    } catch (ArithmeticException e) {
      fits = false;
    }
    if (!fits) {
      throw new IllegalStateException(
          exporter
              + " sent "
              + placed
              + ", which is not within "
              + dataBytes
              + " bytes of data, in multiples of "
              + Words.WORD_BYTES);
    }
  }

  @Override
  public long firstMemory() {
    return number;
  }

  /** The words of this process; where its reader records begin is behind the pool's words. */
  @Override
  public Words words(long byteSize) {
    if (words.byteSize() < byteSize) {
      throw new IllegalStateException(
          exporter + " sent " + words.byteSize() + " bytes of words, " + byteSize + " are needed");
    }
    return words;
  }

  @Override
  public List<MemorySegment> buffers() {
    return buffers;
  }

  /** Twice is harmless: a pool that could not be made has closed it, or has not. */
  @Override
  public synchronized void close() {
    closed = true;
    gone.addAll(mapped.values());
    mapped.clear();
    while (!gone.isEmpty()) {
      gone.getLast().arena.close();
      gone.removeLast();
    }
  }
}
