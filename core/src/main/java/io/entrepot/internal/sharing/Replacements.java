package io.entrepot.internal.sharing;

import io.entrepot.internal.buffers.PoolCounter;
import io.entrepot.internal.buffers.PoolMemories;
import io.entrepot.internal.memory.Barrier;
import io.entrepot.internal.memory.SharedMemory;
import io.entrepot.internal.sync.FarProcess;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/**
 * Gives a pool other memory when a process that was cut off without having let go may still see the
 * one it has: nothing that is acquired from then on lies in memory that such a process was sent.
 *
 * <pre>
 *   memory    handed out --seen by a process that was cut off--> withheld
 *             withheld --another one is there--> old           buffers move when they are acquired
 *             withheld --those processes have ended--> handed out
 *             old --no buffer lies in it--> let go here, and by all who import the pool
 *             old --let go, and those processes have ended--> gone
 * </pre>
 *
 * <p><b>Order.</b> {@link #expose} has the memory withheld before it returns: what is acquired
 * later lies elsewhere. What was acquired before stays where it is and is published from there, as
 * what was published stays to be read. All the rest is the work of a thread of its own, which is
 * there as long as such a process is: it makes the other memory, has importers told, then hands
 * buffers out in it; moves those that are free, so that the old memory can go; and looks whether
 * the processes have ended.
 *
 * <p><b>Bounds.</b> Of old memories there stand as many as the exporter allows, at most {@value
 * PoolMemories#MOST_MAPPED} of which still have buffers in them. Beyond that, and where there is no
 * room, the memory stays withheld: nobody gets a buffer, until one of the processes has ended or
 * there is room. Locks: the pool's before this one's.
 */
public final class Replacements {
  private static final System.Logger LOG = System.getLogger(Replacements.class.getName());

  /** Connections of processes that cannot be told apart, which were cut off and may live. */
  static final int MOST_ALIKE = 16;

  private static final long LOOK_NS = TimeUnit.MILLISECONDS.toNanos(20);
  private static final long RETRY_NS = TimeUnit.SECONDS.toNanos(1);

  private final PoolCore pool;
  private final PoolMemories memories;
  private final SharedSlabs backing;
  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();

  /** All that stand, in ascending order of their numbers. */
  private final List<Standing> standing = new ArrayList<>();

  private final List<Seer> seers = new ArrayList<>();
  private volatile Thread keeper;

  /**
   * Whether somebody wants a buffer while none is handed out, or shall not have to wait for one.
   */
  private volatile boolean wanted;

  private boolean closed;
  private long triedNs;

  /**
   * Why there is no other memory than the one that is withheld; {@code null} if that was not so.
   */
  private String refused;

  /** A memory; without slabs once nothing lies in it. */
  private static final class Standing {
    private final long number;
    private final long byteSize;
    private MappedSlabs slabs;

    Standing(long number, MappedSlabs slabs) {
      this.number = number;
      this.slabs = slabs;
      this.byteSize = slabs.data().byteSize();
    }
  }

  /** A process that lives and was sent memories, which it may still see. */
  private record Seer(FarProcess process, String name, Set<Long> seen) {}

  /** Of a pool over a backing. */
  Replacements(PoolCore pool, SharedSlabs backing) {
    this.pool = pool;
    this.memories = pool.memories();
    this.backing = backing;
    standing.add(new Standing(0, backing.slabs()));
    memories.onWant(this::want);
  }

  // ---------------------------------------------------------------- what others say and ask

  /** Has an action run, on a thread of this pool, whenever a memory has come or was let go. */
  public void register(Runnable listener) {
    listeners.add(listener);
  }

  /** Ends {@link #register}. */
  public void unregister(Runnable listener) {
    listeners.remove(listener);
  }

  /** The memories in which buffers may lie, by their numbers, the newest last. */
  public synchronized List<Map.Entry<Long, SharedMemory>> mapped() {
    return standing.stream()
        .filter(memory -> memory.slabs != null)
        .map(memory -> Map.entry(memory.number, memory.slabs.data()))
        .toList();
  }

  /**
   * A process was cut off that has not said that it let go: no buffer that is acquired from now on
   * lies in a memory that it was sent.
   *
   * @param process a handle of it, which belongs to this from now on
   * @param name of it, for people
   * @param seen numbers of the memories that it was sent
   * @param isUrgent whether other memory is made at once; else when a buffer is wanted next
   */
  public void expose(FarProcess process, String name, Set<Long> seen, boolean isUrgent) {
    synchronized (this) {
      if (closed || pool.isClosed() || !process.isAlive()) {
        process.close();
        return;
      }
      addSeer(process, name, seen);
      if (seen.contains(newest().number)) {
        memories.handOut(PoolMemories.NONE);
      }
      wanted |= isUrgent;
      keepFromNowOn();
    }
    Barrier.heavy();
  }

  /** One for each process, however often it comes and is cut off. */
  private void addSeer(FarProcess process, String name, Set<Long> seen) {
    for (Seer seer : seers) {
      if (seer.process.isSameAs(process) && seer.process.isAlive()) {
        seer.seen.addAll(seen);
        process.close();
        return;
      }
    }
    seers.add(new Seer(process, name, new HashSet<>(seen)));
  }

  private void want() {
    if (wanted && keeper != null) {
      return;
    }
    synchronized (this) {
      if (!closed && (!wanted || keeper == null)) {
        wanted = true;
        keepFromNowOn();
      }
    }
  }

  /** Starts the thread, or has it look at once. */
  private void keepFromNowOn() {
    notifyAll();
    if (keeper != null) {
      return;
    }
    try {
      keeper =
          Thread.ofPlatform().daemon().name("entrepot-replacing-" + pool.name()).start(this::keep);
    } catch (OutOfMemoryError noThread) {
      // Whoever wants a buffer next tries again; until then none is handed out.
      pool.peers()
          .log()
          .warn("no thread to replace memory of pool '" + pool.name() + "'", noThread);
    }
  }

  /**
   * Whether as many old memories stand as may, and one process for which they do is that, or cannot
   * be told from that; of those that cannot be told apart there are not many in any case.
   */
  public synchronized boolean isUsedUpBy(String name) {
    long alike =
        seers.stream().filter(seer -> seer.name.equals(name) && seer.process.isAlive()).count();
    return alike >= MOST_ALIKE || (alike > 0 && standing.size() - 1 >= backing.mostReplaced());
  }

  /** Old memories that stand. */
  public synchronized int old() {
    return standing.size() - 1;
  }

  /** Bytes of the old memories. */
  public synchronized long oldBytes() {
    return standing.stream().limit(standing.size() - 1L).mapToLong(old -> old.byteSize).sum();
  }

  /** What stands beside the memory in which buffers are handed out, and why; a line each. */
  public synchronized List<String> describe() {
    List<String> lines = new ArrayList<>();
    for (Standing memory : standing) {
      List<String> seenBy =
          seers.stream().filter(seer -> seer.seen.contains(memory.number)).map(Seer::name).toList();
      if (memory != newest() || !seenBy.isEmpty()) {
        lines.add(
            (memory == newest() ? "withheld" : "old")
                + " memory "
                + memory.number
                + " of "
                + memory.byteSize
                + " bytes"
                + (memory.slabs == null ? "" : ", in which buffers lie")
                + (seenBy.isEmpty() ? "" : ", may be seen by " + seenBy)
                + (memory == newest() && refused != null ? ": " + refused : ""));
      }
    }
    return lines;
  }

  private Standing newest() {
    return standing.getLast();
  }

  // ---------------------------------------------------------------- the thread of its own

  private void keep() {
    try {
      while (goesOn()) {
        synchronized (this) {
          if (!closed && !(isDue() && refused == null)) {
            TimeUnit.NANOSECONDS.timedWait(this, LOOK_NS);
          }
        }
      }
    } catch (InterruptedException e) {
      // Nobody but a JVM that ends does that.
      Thread.currentThread().interrupt();
    } finally {
      synchronized (this) {
        if (keeper == Thread.currentThread()) {
          // Whoever wants a buffer next tries again.
          keeper = null;
        }
      }
    }
  }

  /** One round; whether there is to be another. */
  private boolean goesOn() throws InterruptedException {
    try {
      if (!isNeeded()) {
        return false;
      }
      look();
    } catch (RuntimeException | Error failed) {
      // Who waits for a buffer waits for this thread, and so do memories that may go: it goes on.
      pool.peers()
          .log()
          .warn("memory of pool '" + pool.name() + "' stays as it is: " + failed, failed);
      TimeUnit.NANOSECONDS.sleep(LOOK_NS);
    }
    return true;
  }

  private void look() {
    if (isDue()) {
      replace();
    }
    if (letGoOfOld()) {
      listeners.forEach(Runnable::run);
    }
  }

  /** Forgets the processes that have ended; whether there is anything left to look after. */
  private synchronized boolean isNeeded() {
    for (Iterator<Seer> each = seers.iterator(); each.hasNext(); ) {
      Seer seer = each.next();
      if (!seer.process.isAlive()) {
        seer.process.close();
        each.remove();
        triedNs = System.nanoTime() - RETRY_NS;
      }
    }
    // Before another is asked for, for which they made no room.
    forgetUnseen();
    if (!closed && memories.isWithheld() && !isSeen(newest())) {
      refused = null;
      handOutNewest();
    }
    if (closed || (seers.isEmpty() && standing.size() == 1)) {
      keeper = null;
      return false;
    }
    return true;
  }

  private boolean isSeen(Standing memory) {
    return seers.stream().anyMatch(seer -> seer.seen.contains(memory.number));
  }

  private synchronized boolean isDue() {
    return memories.isWithheld()
        && wanted
        && (refused == null || System.nanoTime() - triedNs >= RETRY_NS);
  }

  private void handOutNewest() {
    wanted = false;
    memories.handOut(newest().number);
    pool.freed().wake();
  }

  /** Makes another memory and hands buffers out there. The old one is withheld meanwhile. */
  private void replace() {
    MappedSlabs made = null;
    String why = bound();
    if (why == null) {
      try {
        made = backing.another();
      } catch (RuntimeException | OutOfMemoryError none) {
        why = none.toString();
      }
    }
    synchronized (this) {
      if (closed) {
        if (made != null) {
          made.close();
        }
        return;
      }
      triedNs = System.nanoTime();
      if (made == null) {
        refuse(why);
        return;
      }
      add(made);
      LOG.log(
          System.Logger.Level.INFO,
          "memory {0} of pool ''{1}'' is replaced, for it may still be seen by {2}",
          newest().number - 1,
          pool.name(),
          seers.stream().map(Seer::name).toList());
      refused = null;
      pool.numbers().count(PoolCounter.REPLACEMENTS, 1);
    }
    // Who imports the pool is told before a buffer lies there: then it waits for nothing.
    listeners.forEach(Runnable::run);
    synchronized (this) {
      if (!closed && !isSeen(newest())) {
        handOutNewest();
      }
    }
  }

  private void add(MappedSlabs made) {
    boolean done = false;
    try {
      Standing next = new Standing(newest().number + 1, made);
      memories.add(next.number, made.buffers().toArray(MemorySegment[]::new));
      standing.add(next);
      done = true;
    } finally {
      if (!done) {
        made.close();
      }
    }
  }

  /** Why there may be no other memory, or {@code null}. */
  private synchronized String bound() {
    if (standing.size() > backing.mostReplaced()) {
      return (standing.size() - 1)
          + " replaced memories stand already, and exporter '"
          + pool.exporter().name()
          + "' allows "
          + backing.mostReplaced()
          + " (SharedMemoryExporter.withReplacements)";
    }
    long mapped = standing.stream().filter(memory -> memory.slabs != null).count();
    return mapped < PoolMemories.MOST_MAPPED
        ? null
        : "buffers in use lie in " + mapped + " memories, which is all that there may be";
  }

  private void refuse(String why) {
    if (!why.equals(refused)) {
      LOG.log(
          System.Logger.Level.WARNING,
          "pool ''{0}'' hands out no buffer until one of {1} has ended, which may still see its"
              + " memory, or it can have another: {2}",
          pool.name(),
          seers.stream().map(Seer::name).toList(),
          why);
    }
    refused = why;
  }

  /** Moves what is free, and lets go of memory in which nothing lies; whether there was any. */
  private boolean letGoOfOld() {
    if (!isOldMapped()) {
      return false;
    }
    pool.free().reclaim();
    if (memories.isKeptElsewhere(pool.states(), pool.buffers())) {
      pool.free().recall();
    }
    boolean done = false;
    // Between where buffers are handed out, changed by whomever, and the look at states.
    Barrier.heavy();
    // A pool that is being closed looks for buffers that it cannot take.
    synchronized (pool) {
      synchronized (this) {
        if (closed) {
          return false;
        }
        Set<Long> used = memories.sweep(pool.states(), pool.buffers());
        for (Standing old : List.copyOf(standing.subList(0, standing.size() - 1))) {
          if (old.slabs != null && !used.contains(old.number)) {
            memories.remove(old.number);
            pool.letGoOf(old.number);
            old.slabs.close();
            old.slabs = null;
            done = true;
            triedNs = System.nanoTime() - RETRY_NS;
          }
        }
        isOldMapped();
      }
    }
    // Somebody may have looked for a buffer while it was being moved.
    pool.freed().wake();
    return done;
  }

  /** Forgets old memories that are let go of and not seen. */
  private void forgetUnseen() {
    standing.removeIf(old -> old != newest() && old.slabs == null && !isSeen(old));
  }

  /** Whether buffers may lie in an old memory; forgets those that are let go of and not seen. */
  private synchronized boolean isOldMapped() {
    forgetUnseen();
    return standing.stream().anyMatch(old -> old != newest() && old.slabs != null);
  }

  /** The pool is closed, with all its memories. */
  void close() {
    synchronized (this) {
      closed = true;
      seers.forEach(seer -> seer.process.close());
      seers.clear();
      for (Standing memory : standing) {
        if (memory.slabs != null) {
          memory.slabs.close();
          memory.slabs = null;
        }
      }
      notifyAll();
    }
  }
}
