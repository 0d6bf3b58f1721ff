package io.entrepot.internal.sharing;

import io.entrepot.internal.memory.Barrier;
import io.entrepot.internal.sync.IssuedTimeline;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.Attachment;
import io.entrepot.sharing.CpuAccess;
import io.entrepot.sharing.Importer;
import io.entrepot.sharing.MappingType;
import io.entrepot.sharing.NativeLease;
import io.entrepot.sharing.Need;
import io.entrepot.sharing.Offer;
import io.entrepot.sharing.Port;
import io.entrepot.sharing.Revocation;
import io.entrepot.sharing.RevokedException;
import io.entrepot.sharing.SharedBuffer;
import io.entrepot.sync.Timeline;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/**
 * An importer's tie to a pool: one shared arena, and the pool's buffers re-scoped to it.
 *
 * <p>Slices are made once for each buffer and access, when first mapped, and cached. A racing pair
 * of threads may make the same slice twice; both are good, and segments are safe to publish by a
 * plain store since all their fields are final.
 *
 * <p><b>Revocation</b> closes the arena, after which the JVM lets no thread touch the slices, while
 * the exporter's memory lives on. What does not run on the arena (leases, channel transfers, CPU
 * windows) has a hold on its buffer and is listed in {@code uses}.
 */
public final class PoolAttachment implements Attachment {
  private static final Duration FORCED_CLOSE_LIMIT = Duration.ofSeconds(5);

  private static final long USE_LIMIT_NS = TimeUnit.SECONDS.toNanos(10);

  private enum State {
    ATTACHED,
    REVOKED,
    CLOSED
  }

  private final PoolCore pool;
  private final Importer importer;
  private final Offer offer;
  private final Need granted;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment[] readSlices;
  private final MemorySegment[] writeSlices;
  private final List<LanePort> ports = new CopyOnWriteArrayList<>();
  private final List<IssuedTimeline> timelines = new CopyOnWriteArrayList<>();
  private final Set<BufferUse> uses = ConcurrentHashMap.newKeySet();
  private volatile boolean closeRequested;
  private final AtomicReference<State> state = new AtomicReference<>(State.ATTACHED);

  PoolAttachment(PoolCore pool, Importer importer, Offer offer, Need granted) {
    this.pool = pool;
    this.importer = importer;
    this.offer = offer;
    this.granted = granted;
    this.readSlices = new MemorySegment[pool.buffers()];
    this.writeSlices = new MemorySegment[pool.buffers()];
  }

  public PoolCore pool() {
    return pool;
  }

  @Override
  public Importer importer() {
    return importer;
  }

  @Override
  public Offer offer() {
    return offer;
  }

  @Override
  public Need granted() {
    return granted;
  }

  @Override
  public boolean isRevoked() {
    return state.get() == State.REVOKED;
  }

  /** The bytes of a buffer, as this importer may see them. */
  MemorySegment slice(int buffer, boolean write) {
    MemorySegment slice = (write ? writeSlices : readSlices)[buffer];
    return slice != null ? slice : makeSlice(buffer, write);
  }

  @SuppressWarnings("restricted")
  private MemorySegment makeSlice(int buffer, boolean write) {
    MemorySegment bytes = pool.memory(buffer).reinterpret(arena, null);
    if (write) {
      return writeSlices[buffer] = bytes;
    }
    return readSlices[buffer] = bytes.asReadOnly();
  }

  @Override
  public Port open() {
    return openPort();
  }

  /** As {@link #open()}, for the layers above. */
  public LanePort openPort() {
    checkAttached();
    int lane = pool.lanes().claim();
    if (lane < 0) {
      pool.reap();
      lane = pool.lanes().claim();
    }
    if (lane < 0) {
      throw new IllegalStateException(
          "all " + PoolCore.LANES + " ports of pool '" + pool.name() + "' are in use; close some");
    }
    LanePort port = new LanePort(this, lane);
    pool.ports().set(lane, port);
    ports.add(port);
    if (state.get() != State.ATTACHED) {
      // A revocation that began meanwhile may have missed this port: it is our turn to look.
      port.close();
      checkAttached();
    }
    return port;
  }

  void forget(LanePort port) {
    ports.remove(port);
  }

  /** Throws unless this attachment is attached. */
  public void checkAttached() {
    switch (state.get()) {
      case ATTACHED -> {}
      case REVOKED -> throw revoked();
      case CLOSED ->
          throw new IllegalStateException(
              "the attachment of importer '" + importer.name() + "' is closed");
    }
  }

  RevokedException revoked() {
    return new RevokedException(
        "the access of importer '"
            + importer.name()
            + "' to pool '"
            + pool.name()
            + "' was revoked; attach again to be re-admitted");
  }

  /** Throws unless negotiation settled on a type with that access. */
  public void require(MappingType type, Access access) {
    if (granted.type() != type || !granted.access().includes(access)) {
      throw new IllegalStateException(
          "importer '"
              + importer.name()
              + "' negotiated "
              + granted
              + ", not "
              + type
              + "/"
              + access);
    }
  }

  @Override
  public NativeLease lease(SharedBuffer buffer) {
    HeldBuffer held = (HeldBuffer) buffer;
    NativeLease lease = lease(held.index(), held.generation());
    if (lease == null) {
      throw held.stale();
    }
    return lease;
  }

  /** Leases a live buffer of a generation; {@code null} when that generation is over. */
  public NativeLease lease(int buffer, long generation) {
    require(MappingType.NATIVE_POINTER, granted.access());
    checkAttached();
    if (!pool.hold(buffer, generation)) {
      return null;
    }
    HeldLease lease = new HeldLease(this, buffer, generation, granted.access());
    beginUse(lease);
    pool.count(PoolCounter.LEASES, 1);
    return lease;
  }

  /**
   * Lists a use, on whose buffer the caller has a hold; gives the hold back and throws when
   * revoked. Waits while somebody writes to the buffer in place: listed first, looked at then, as a
   * mapping slot is.
   */
  void beginUse(BufferUse use) {
    PoolCore from = pool;
    boolean admitted = false;
    try {
      long startNs = System.nanoTime();
      while (!admitted) {
        uses.add(use);
        VarHandle.fullFence();
        if (state.get() != State.ATTACHED) {
          checkAttached();
        }
        admitted = !from.hasOtherWriter(use.bufferIndex(), -1);
        if (!admitted) {
          uses.remove(use);
          from.freed().signal();
          long leftNs = USE_LIMIT_NS - (System.nanoTime() - startNs);
          if (!from.freed().await(() -> !from.hasOtherWriter(use.bufferIndex(), -1), leftNs)) {
            throw new IllegalStateException(use + " cannot begin: the buffer is written in place");
          }
        }
      }
    } finally {
      if (!admitted) {
        uses.remove(use);
        from.unhold(use.bufferIndex(), use.generation());
      }
    }
  }

  /** Ends a listed use; true for the one caller that ends it. */
  boolean endUse(BufferUse use) {
    boolean ended = uses.remove(use);
    if (ended) {
      closeIfUnused();
    }
    return ended;
  }

  Set<BufferUse> uses() {
    return uses;
  }

  boolean isUsing(int buffer) {
    for (BufferUse use : uses) {
      if (use.bufferIndex() == buffer) {
        return true;
      }
    }
    return false;
  }

  @Override
  public Timeline timeline(String name) {
    checkAttached();
    IssuedTimeline timeline = (IssuedTimeline) pool.timelines().timeline(name);
    timelines.add(timeline);
    return timeline;
  }

  @Override
  public CpuAccess cpuAccess() {
    return CpuAccessQuery.of(pool, importer);
  }

  List<String> openWindows() {
    return uses.stream().filter(BracketedWindow.class::isInstance).map(Object::toString).toList();
  }

  /** What keeps this attachment from being closed, a line each. */
  List<String> openUses() {
    List<String> lines = new ArrayList<>();
    for (LanePort port : ports) {
      int open = pool.lanes().mappings(port.lane());
      if (open > 0) {
        lines.add(open + " mappings by " + port);
      }
    }
    uses.forEach(use -> lines.add(use.toString()));
    return lines;
  }

  @Override
  public void close() {
    if (state.get() == State.CLOSED) {
      return;
    }
    if (state.get() == State.ATTACHED) {
      List<String> open = openUses();
      if (!open.isEmpty()) {
        throw new IllegalStateException(
            "the attachment of importer '" + importer.name() + "' is in use: " + open);
      }
      if (!state.compareAndSet(State.ATTACHED, State.CLOSED)) {
        close();
        return;
      }
      ports.forEach(port -> pool.lanes().alert(port.lane()));
      Barrier.heavy();
    } else if (!state.compareAndSet(State.REVOKED, State.CLOSED)) {
      return;
    }
    end();
  }

  /**
   * Closes as soon as no lease, window or transfer is out: now, or when the last of them ends. No
   * port is open any more.
   */
  public void closeWhenUnused() {
    closeRequested = true;
    closeIfUnused();
  }

  private void closeIfUnused() {
    State now = state.get();
    if (closeRequested
        && uses.isEmpty()
        && now != State.CLOSED
        && state.compareAndSet(now, State.CLOSED)) {
      end();
    }
  }

  /** Throws when revoked; a closed attachment just has nothing to give. */
  public void checkAttachedOrClosed() {
    if (state.get() == State.REVOKED) {
      throw revoked();
    }
  }

  /** Lets go of everything, when nothing can be mapped any more. */
  void end() {
    state.set(State.CLOSED);
    pool.forget(this);
    timelines.forEach(IssuedTimeline::close);
    closeArena();
    pool.exporter().detach(importer);
  }

  /**
   * Takes the pool's memory back from this importer; see {@link Revocation}.
   *
   * <p>Order: mark, make the mark seen, tell the importer, wait for its fences, wait for its
   * mappings, and at the deadline close its views by force.
   */
  public Revocation revoke(long timeoutNs) {
    long startNs = System.nanoTime();
    if (state.compareAndSet(State.ATTACHED, State.REVOKED)) {
      pool.count(PoolCounter.REVOCATIONS, 1);
      ports.forEach(port -> pool.lanes().alert(port.lane()));
      // From here on every map either is visible in its slot or finds itself revoked.
      Barrier.heavy();
      tellImporter(Duration.ofNanos(timeoutNs));
    }
    List<String> pending = new ArrayList<>();
    for (IssuedTimeline timeline : timelines) {
      if (!awaitFences(timeline, left(startNs, timeoutNs))) {
        pending.add(timeline.toString());
      }
    }
    boolean cooperative = pool.freed().await(() -> openMappings() == 0, left(startNs, timeoutNs));
    if (!cooperative) {
      pool.count(PoolCounter.FORCED_CLOSES, 1);
      closeArena();
      ports.forEach(port -> pool.lanes().kill(port.lane()));
    }
    List<String> quarantined = new ArrayList<>();
    uses.forEach(use -> quarantined.add(use.toString()));
    ports.forEach(port -> port.ownedBuffer().ifPresent(quarantined::add));
    pool.count(PoolCounter.QUARANTINED, quarantined.size());
    pool.freed().signal();
    return new Revocation(
        importer.name(),
        cooperative,
        pending,
        quarantined,
        Duration.ofNanos(System.nanoTime() - startNs));
  }

  private void tellImporter(Duration timeLeft) {
    try {
      importer.onRevoke().revoking(timeLeft);
    } catch (RuntimeException | Error thrown) {
      // An importer's failure must not keep the exporter from taking its memory back.
      Thread self = Thread.currentThread();
      self.getUncaughtExceptionHandler().uncaughtException(self, thrown);
    }
  }

  private static boolean awaitFences(IssuedTimeline timeline, long timeoutNs) {
    long issued = timeline.issued();
    return issued == 0 || timeline.fence(issued).await(Duration.ofNanos(timeoutNs));
  }

  private int openMappings() {
    int sum = 0;
    for (LanePort port : ports) {
      sum += pool.lanes().mappings(port.lane());
    }
    return sum;
  }

  private static long left(long startNs, long timeoutNs) {
    return Math.max(0, timeoutNs - (System.nanoTime() - startNs));
  }

  /**
   * Closes the arena. A bulk operation that holds the session for one chunk makes the JVM refuse:
   * then try again, for the chunks are short.
   */
  private void closeArena() {
    long startNs = System.nanoTime();
    while (arena.scope().isAlive()) {
      try {
        arena.close();
      } catch (IllegalStateException held) {
        if (!arena.scope().isAlive()) {
          return;
        }
        if (System.nanoTime() - startNs > FORCED_CLOSE_LIMIT.toNanos()) {
          throw held;
        }
        LockSupport.parkNanos(50_000);
      }
    }
  }

  @Override
  public String toString() {
    return "'" + importer.name() + "' " + granted + " " + state.get();
  }
}
