package io.entrepot.internal.sharing;

import io.entrepot.internal.buffers.BufferTaking;
import io.entrepot.internal.buffers.Lanes;
import io.entrepot.internal.buffers.OwnedBuffer;
import io.entrepot.internal.buffers.Places;
import io.entrepot.internal.buffers.PoolMemories;
import io.entrepot.internal.buffers.ReadyBuffers;
import io.entrepot.internal.memory.CoarseClock;
import io.entrepot.internal.memory.WaitList;
import io.entrepot.internal.memory.Words;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.agrona.concurrent.IdleStrategy;

/**
 * What a port has of its own: at most one buffer at a time, shown by one flyweight.
 *
 * <p>Taking looks first at the buffer that the port keeps, which costs no atomic step, then at
 * those that are {@linkplain ReadyBuffers ready} for a writer, then for a free one. All but the
 * numbers belongs to the port's thread.
 */
public final class BufferOwner {
  private static final long NOBODY = 0;

  private final LanePort port;
  private final PoolCore pool;
  private final WaitList freed;
  private final PoolMemories memories;
  private final OwnedBuffer owned;
  private final MappingSlot slot;
  private final Words words;
  private final long publishedPlace;
  private final long usesBefore;
  private final long publishedBefore;
  private final BufferTaking takeFree;
  private final BooleanSupplier isTaken = () -> tryTake() != null;
  private final long thread = Thread.currentThread().threadId();
  private WritableMappedView view;

  /** Place of the slice, and whether the view is bound to it. */
  private long shown = Places.NOWHERE;

  private MemorySegment slice;
  private boolean isBound;

  /** The port's thread while this may take a buffer; one comparison tells that and whose it is. */
  private long idleFor = thread;

  /** Where to look for a free buffer. */
  private int next;

  /** What small passes have found; {@code null} before the first. */
  private ReadyBuffers ready;

  /** When the buffer was last noted as this port's. */
  private long notedMs;

  /**
   * The owner of a port, which has none yet.
   *
   * @param keeps whether a buffer that is given back stays ready for this port
   */
  public BufferOwner(LanePort port, boolean keeps) {
    this.port = port;
    this.pool = port.attachment().pool();
    this.freed = pool.freed();
    this.memories = pool.memories();
    this.slot = port.flyweightSlot();
    this.owned =
        new OwnedBuffer(
            pool.words(),
            pool.states(),
            pool.layout(),
            port.lane(),
            slot.number(),
            keeps ? pool.free().start(1) : 0,
            pool.zeroesOnReuse());
    this.words = pool.words();
    this.publishedPlace = pool.layout().published(port.lane());
    this.publishedBefore = words.getPlain(publishedPlace);
    this.usesBefore = owned.uses();
    pool.lanes().ownsThrough(port.lane(), slot.number());
    this.takeFree = owned.taking();
    this.view = new WritableMappedView(slot);
    port.owner(this);
    slot.owner = this;
  }

  /** Throws unless the calling thread may use this and no buffer is owned. */
  public void checkOwnsNone() {
    if (Thread.currentThread().threadId() != idleFor) {
      port.checkUsable();
      throw new IllegalStateException(
          "a buffer is acquired already, or being acquired: release it first");
    }
  }

  /** Throws unless the calling thread may use this and a buffer is owned. */
  public void checkOwns() {
    if (!view.isOpenToCaller()) {
      port.checkUsable();
      if (!owned.isOwning()) {
        throw new IllegalStateException("no buffer is acquired; call acquire first");
      }
    }
  }

  /** Whether a buffer is being looked for, or waited for, and this is asked from within. */
  public boolean isTaking() {
    return idleFor == NOBODY && !owned.isOwning();
  }

  /** Whether a buffer is owned. */
  public boolean isOwning() {
    return owned.isOwning();
  }

  /** Index of the owned buffer. */
  public int buffer() {
    return owned.buffer();
  }

  /** Generation of the owned buffer. */
  public long generation() {
    return owned.generation();
  }

  /**
   * Takes a free buffer and shows it; none is owned.
   *
   * @return this port's view of it, or {@code null} when there is none
   */
  public WritableMappedView tryTake() {
    if (!owned.takeKept()) {
      return takeFree() ? show() : null;
    }
    if (memories.isElsewhere(shown)) {
      return moveKept() ? show() : null;
    }
    if (CoarseClock.millis() != notedMs) {
      note();
    }
    idleFor = NOBODY;
    if (LanePort.isChecked()) {
      return show();
    }
    view.reopen();
    return view;
  }

  /** Has the kept buffer, which was taken, lie where buffers are handed out, or lets go of it. */
  private boolean moveKept() {
    long before = idleFor;
    idleFor = NOBODY;
    boolean done = false;
    try {
      done = settle(owned.buffer());
      return done;
    } finally {
      if (!done) {
        idleFor = before;
        letGoOfTaken();
      }
    }
  }

  private boolean takeFree() {
    long before = idleFor;
    if (before == NOBODY) {
      // Code of others that ran just now may have closed the port, whose slot is not ours then.
      port.checkUsable();
    }
    // Looking may run code of others, which must not take a buffer here meanwhile.
    idleFor = NOBODY;
    boolean done = false;
    try {
      done = tryTakeFree() && isAdmitted();
      return done;
    } finally {
      if (!done) {
        idleFor = before;
        letGoOfTaken();
      }
    }
  }

  /** Looks for buffers to take, by a small pass, unless there are some still; none is owned. */
  public void refill() {
    if (ready == null) {
      ready = pool.free().ready();
    }
    if (ready.count == 0) {
      pool.free().refill(ready);
    }
  }

  private boolean tryTakeFree() {
    if (ready != null && ready.count > 0) {
      int found = ready.take(takeFree);
      if (found >= 0) {
        next = found;
        return true;
      }
    }
    if (next < pool.free().start(1) && owned.takeFree(next)) {
      return true;
    }
    pool.checkOpen();
    int taken = pool.free().tryTake(0, next, takeFree);
    next = Math.max(taken, 0);
    return taken >= 0;
  }

  /** Throws when this port's attachment takes no more buffers, or has no more memory. */
  private boolean isAdmitted() {
    if (port.isDisturbed() && port.isShut()) {
      port.attachment().checkAttached();
    }
    if (!settle(next)) {
      return false;
    }
    note();
    return true;
  }

  /** Has the buffer that was taken lie where buffers are handed out; false when nowhere are. */
  private boolean settle(int taken) {
    long place = memories.settle(taken);
    if (place == Places.NOWHERE) {
      // Also what was shown before the first.
      return false;
    }
    if (place != shown) {
      slice = port.attachment().slice(place, true);
      shown = place;
      isBound = false;
    }
    return true;
  }

  private void letGoOfTaken() {
    if (owned.isOwning()) {
      owned.letGo();
      freed.signal();
    }
  }

  private WritableMappedView show() {
    slot.buffer = owned.buffer();
    if (LanePort.isChecked()) {
      view = new WritableMappedView(slot);
      isBound = false;
    }
    if (isBound) {
      view.reopen();
    } else {
      port.shown(slot, view, shown, slice);
      isBound = true;
    }
    return view;
  }

  /** Notes whose the buffer is since when, for dumps. */
  private void note() {
    notedMs = CoarseClock.millis();
    owned.note(notedMs);
  }

  /**
   * As {@link #tryTake()}, waiting until there is one or the time is over.
   *
   * @param idle how to wait; {@code null} for parking
   */
  public WritableMappedView awaitTake(long timeoutNs, IdleStrategy idle) {
    return tryTake() != null || await(isTaken, timeoutNs, idle) ? view : null;
  }

  /**
   * Waits until a buffer was taken, when the first try took none.
   *
   * @param take takes a buffer, perhaps, by {@link #tryTake}
   * @param idle how to wait; {@code null} for parking
   */
  public boolean await(BooleanSupplier take, long timeoutNs, IdleStrategy idle) {
    idleFor = NOBODY;
    try {
      return pool.await(take, timeoutNs, idle);
    } finally {
      idleFor = owned.isOwning() ? NOBODY : thread;
    }
  }

  /** Unmaps the owned buffer and gives it back. */
  public void give() {
    view.unbind();
    idleFor = thread;
    if (!owned.give()) {
      freed.signal();
    }
  }

  /** Unmaps the owned buffer and passes it to so many holders in queues. */
  public void publish(int holders) {
    view.unbind();
    idleFor = thread;
    words.addOwned(publishedPlace, 1);
    next = owned.buffer() + 1;
    owned.publish(holders);
  }

  /** The view was closed by its user: the buffer stays owned, but is not mapped any more. */
  void unmap() {
    owned.unmap();
    freed.signal();
  }

  /** Lets go of everything, for a port that closes. */
  void letGo() {
    view.unbind();
    idleFor = NOBODY;
    owned.letGo();
    if (ready != null) {
      pool.free().letGo(ready);
    }
  }

  /**
   * Buffers acquired: each is mapped once, in the slot of the flyweight. To another thread it is
   * never more than that, and for a moment may be one less.
   */
  long acquires() {
    long word = owned.slotAcquire();
    // A slot that is used may be that of a try, which is taken back when it fails.
    return Lanes.uses(word) - usesBefore - (Lanes.isUsed(word) && !owned.isOwning() ? 1 : 0);
  }

  /**
   * Buffers given back unpublished; to another thread never more, and less by what happens while it
   * looks. Reads the slot first: what was published meanwhile is subtracted, and not taken for
   * given back.
   */
  long releases() {
    long word = owned.slotAcquire();
    boolean owns = owned.isOwningAcquire() || Lanes.isUsed(word);
    return Math.max(0, Lanes.uses(word) - usesBefore - (owns ? 1 : 0) - publishes());
  }

  /** Buffers published. */
  long publishes() {
    return words.getOpaque(publishedPlace) - publishedBefore;
  }

  /** What is owned now, for people; any thread. */
  Optional<String> describe() {
    int buffer = owned.buffer();
    return owned.isOwning()
        ? Optional.of("buffer " + buffer + " owned by " + port)
        : Optional.empty();
  }
}
