package io.entrepot.internal.sharing;

import io.entrepot.internal.buffers.PoolCounter;
import io.entrepot.internal.memory.Barrier;
import io.entrepot.internal.memory.WaitList;
import io.entrepot.internal.sync.ImporterTimelines;
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
import io.entrepot.sync.Fence;
import io.entrepot.sync.Timeline;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;

/**
 * An importer's tie to a pool: its ports, its timelines, and the pool's memory as it may see it.
 *
 * <p><b>Revocation</b> closes that {@link AttachedMemory}. What does not run on it (leases, channel
 * transfers, CPU windows) has a hold on its buffer and is listed in its {@link BufferUses}.
 */
public final class PoolAttachment implements Attachment {
  private enum State {
    ATTACHED,
    /** Being closed, unless a use turns up: goes on to CLOSED, or back, or is revoked. */
    CLOSING,
    REVOKED,
    CLOSED
  }

  /** How long another process has, behind the deadline, to say what it did at the deadline. */
  private static final long FAR_ANSWER_NS = TimeUnit.MILLISECONDS.toNanos(250);

  private final PoolCore pool;
  private final Importer importer;
  private final Offer offer;
  private final Need granted;
  private final AttachedMemory memory;
  private final List<LanePort> ports = new CopyOnWriteArrayList<>();
  private final ImporterTimelines timelines;
  private final BufferUses uses;
  private final AtomicBoolean forgotten = new AtomicBoolean();
  private volatile boolean closeRequested;
  private volatile FarEnd farEnd;
  private volatile Runnable onEnd = () -> {};
  private final AtomicReference<State> state = new AtomicReference<>(State.ATTACHED);

  PoolAttachment(PoolCore pool, Importer importer, Offer offer, Need granted) {
    this.pool = pool;
    this.importer = importer;
    this.offer = offer;
    this.granted = granted;
    this.memory = new AttachedMemory(pool);
    this.timelines = new ImporterTimelines(pool.timelines());
    this.uses = new BufferUses(this);
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

  /** Ties this attachment to an importer in another process. */
  public void reaches(FarEnd end) {
    farEnd = end;
  }

  /** What is to be done when this attachment has ended, and nothing of it is in use. */
  public void onEnd(Runnable action) {
    onEnd = action;
  }

  @Override
  public boolean isRevoked() {
    return state.get() == State.REVOKED;
  }

  /** The bytes at the place of a buffer, as this importer may see them. */
  MemorySegment slice(long place, boolean write) {
    try {
      return memory.slice(place, write);
    } catch (IllegalStateException arenaClosed) {
      checkAttached();
      throw arenaClosed;
    }
  }

  /** As {@link PoolCore#letGoOf}, of this importer. */
  boolean letGoOf(long gone) {
    return memory.letGoOf(gone) && uses.stream().noneMatch(use -> use.mayLookAt(gone));
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
    LanePort port = null;
    try {
      port = new LanePort(this, lane);
    } finally {
      if (port == null) {
        pool.lanes().free(lane, pool.lanes().tenancy(lane));
      }
    }
    pool.ports().opened(lane, port);
    ports.add(port);
    if (state.get() != State.ATTACHED) {
      // A revocation that began meanwhile may have missed this port: it is our turn to look.
      port.close();
      checkAttached();
      // A close that was refused by now.
      return openPort();
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
      case CLOSING, CLOSED ->
          throw new IllegalStateException(
              "the attachment of importer '" + importer.name() + "' is closed or being closed");
    }
  }

  boolean isAttached() {
    return state.get() == State.ATTACHED;
  }

  private RevokedException revoked() {
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
    return lease((HeldBuffer) buffer, Patience.DEFAULT);
  }

  @Override
  public NativeLease lease(SharedBuffer buffer, long timeout, TimeUnit unit) {
    return lease((HeldBuffer) buffer, Patience.of(timeout, unit));
  }

  @Override
  public NativeLease lease(SharedBuffer buffer, Fence after, long timeout, TimeUnit unit) {
    return lease((HeldBuffer) buffer, Patience.after(after, timeout, unit));
  }

  private NativeLease lease(HeldBuffer held, Patience patience) {
    require(MappingType.NATIVE_POINTER, granted.access());
    held.checkOpenIn(pool);
    checkAttached();
    HeldLease lease = new HeldLease(this, held.index(), held.generation(), granted.access());
    return uses.begin(lease, held, granted.access(), patience) ? counted(lease) : null;
  }

  /** Leases a live buffer of a generation; {@code null} when that generation is over. */
  public HeldLease lease(int buffer, long generation) {
    require(MappingType.NATIVE_POINTER, granted.access());
    checkAttached();
    if (!pool.hold(buffer, generation)) {
      return null;
    }
    HeldLease lease = new HeldLease(this, buffer, generation, granted.access());
    Patience patience = Patience.DEFAULT;
    return uses.begin(lease, granted.access(), patience, patience.limitNs())
        ? counted(lease)
        : null;
  }

  @Override
  public boolean isExclusive(SharedBuffer buffer) {
    return exclusive(buffer).getAsBoolean();
  }

  @Override
  public boolean awaitExclusive(SharedBuffer buffer, long timeout, TimeUnit unit) {
    return exclusive(buffer).await(unit.toNanos(timeout));
  }

  private ExclusiveUse exclusive(SharedBuffer buffer) {
    return new ExclusiveUse(((HeldBuffer) buffer).checkOpenIn(pool), this);
  }

  /** Has a lease that has begun lead to the bytes. */
  private HeldLease counted(HeldLease lease) {
    boolean found = false;
    try {
      lease.find();
      found = true;
    } finally {
      if (!found) {
        uses.end(lease);
      }
    }
    pool.numbers().count(PoolCounter.LEASES, 1);
    return lease;
  }

  /** The uses that are under way. */
  BufferUses uses() {
    return uses;
  }

  /** A use has ended, which may have been the last. */
  void useEnded() {
    pool.memories().useEnded();
    if (state.get() == State.CLOSED) {
      forgetIfUnused();
    } else {
      closeIfUnused();
    }
  }

  @Override
  public Timeline timeline(String name) {
    checkAttached();
    return timelines.open(name);
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
    if (state.compareAndSet(State.ATTACHED, State.CLOSING)) {
      closeUnused();
    } else if (state.compareAndSet(State.REVOKED, State.CLOSED)) {
      end();
    }
  }

  /** Closes if nothing is in use once everybody can see that it is being closed; else refuses. */
  private void closeUnused() {
    alertPorts();
    List<String> open = openUses();
    if (open.isEmpty() && state.compareAndSet(State.CLOSING, State.CLOSED)) {
      end();
    } else if (state.compareAndSet(State.CLOSING, State.ATTACHED)) {
      // The ports are calmed by their own threads: here it could undo the alert of a revocation.
      throw new IllegalStateException(
          "the attachment of importer '" + importer.name() + "' is in use: " + open);
    } else {
      // Revoked while we looked: then it is closed as a revoked one.
      close();
    }
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
        && (now == State.ATTACHED || now == State.REVOKED)
        && state.compareAndSet(now, State.CLOSED)) {
      end();
    }
  }

  /** Whether it was revoked or closed, for good. */
  boolean isEnded() {
    State now = state.get();
    return now == State.REVOKED || now == State.CLOSED;
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
    try {
      timelines.close();
      memory.close();
    } finally {
      forgetIfUnused();
    }
  }

  /**
   * Leaves the pool and tells the exporter, once, when nothing is in use: a lease that outlives its
   * attachment stays in sight of those who must not touch its buffer.
   */
  private void forgetIfUnused() {
    if (uses.isEmpty() && forgotten.compareAndSet(false, true)) {
      pool.attachments().forget(this);
      pool.exporter().detach(importer);
      onEnd.run();
    }
  }

  /**
   * Takes the pool's memory back from this importer; see {@link Revocation}.
   *
   * <p>Order: mark, make the mark seen, tell the importer, wait for its fences, wait for its
   * mappings, and at the deadline close its views by force.
   */
  public Revocation revoke(long deadlineNs) {
    // Of the longest negative time nothing could be taken off.
    long timeoutNs = Math.max(0, deadlineNs);
    long startNs = System.nanoTime();
    boolean first =
        state.compareAndSet(State.ATTACHED, State.REVOKED)
            || state.compareAndSet(State.CLOSING, State.REVOKED);
    // Every caller marks: one that comes second must not be done before the first has marked.
    alertPorts();
    if (first) {
      pool.numbers().count(PoolCounter.REVOCATIONS, 1);
      tellImporter(timeoutNs);
    }
    List<String> pending = timelines.awaitAll(() -> WaitList.left(startNs, timeoutNs));
    boolean unused =
        pool.freed()
            .await(() -> openMappings() == 0 && uses.isEmpty(), WaitList.left(startNs, timeoutNs));
    // Not looked at again: a map that is about to find itself revoked has its slot stored briefly.
    boolean cooperative = unused || openMappings() == 0;
    if (!cooperative) {
      pool.numbers().count(PoolCounter.FORCED_CLOSES, 1);
      memory.close();
      ports.forEach(LanePort::kill);
    }
    List<String> quarantined = new ArrayList<>();
    uses.forEach(use -> quarantined.add(use.toString()));
    ports.forEach(port -> port.ownedBuffer().ifPresent(quarantined::add));
    if (farEnd != null
        && !awaitFarEnd(WaitList.left(startNs, timeoutNs), pending, quarantined)
        && cooperative) {
      cooperative = false;
      pool.numbers().count(PoolCounter.FORCED_CLOSES, 1);
    }
    if (first) {
      pool.numbers().count(PoolCounter.QUARANTINED, quarantined.size());
    }
    pool.freed().signal();
    return new Revocation(
        importer.name(),
        cooperative,
        pending,
        quarantined,
        Duration.ofNanos(System.nanoTime() - startNs));
  }

  /** From here on every map either is visible in its slot or finds itself revoked. */
  private void alertPorts() {
    ports.forEach(LanePort::alert);
    Barrier.heavy();
    // What a port keeps it takes without looking whether it was alerted.
    pool.free().recall();
  }

  /** Whether the other process let go of itself; evicts it if it did not let go at all. */
  private boolean awaitFarEnd(long leftNs, List<String> pending, List<String> quarantined) {
    if (!pool.freed().await(() -> !farEnd.isUsing(), leftNs + FAR_ANSWER_NS)) {
      quarantined.add(farEnd.evict());
      return false;
    }
    pending.addAll(farEnd.pendingFences());
    quarantined.addAll(farEnd.quarantined());
    return !farEnd.wasForced();
  }

  /** Tells the importer on a thread of its own: one that does not answer must not hold us up. */
  private void tellImporter(long timeoutNs) {
    Duration timeLeft = Duration.ofNanos(timeoutNs);
    Thread told =
        Thread.ofVirtual()
            .name("entrepot-revoking-" + importer.name())
            .uncaughtExceptionHandler(Thread.currentThread().getUncaughtExceptionHandler())
            .start(() -> importer.onRevoke().revoking(timeLeft));
    try {
      told.join(timeLeft);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private int openMappings() {
    int sum = 0;
    for (LanePort port : ports) {
      sum += pool.lanes().mappings(port.lane());
    }
    return sum;
  }

  @Override
  public String toString() {
    return "'" + importer.name() + "' " + granted + " " + state.get();
  }
}
