package io.entrepot.internal.sharing;

import io.entrepot.internal.buffers.Bookkeeping;
import io.entrepot.internal.buffers.BufferStates;
import io.entrepot.internal.buffers.ExporterWords;
import io.entrepot.internal.buffers.FreeBuffers;
import io.entrepot.internal.buffers.InPlaceWriters;
import io.entrepot.internal.buffers.Lanes;
import io.entrepot.internal.buffers.LostWrites;
import io.entrepot.internal.buffers.Peers;
import io.entrepot.internal.buffers.PlacedBytes;
import io.entrepot.internal.buffers.Places;
import io.entrepot.internal.buffers.PoolCounter;
import io.entrepot.internal.buffers.PoolDescriptor;
import io.entrepot.internal.buffers.PoolMemories;
import io.entrepot.internal.buffers.PoolNumbers;
import io.entrepot.internal.memory.NativeCalls;
import io.entrepot.internal.memory.WaitList;
import io.entrepot.internal.memory.Words;
import io.entrepot.internal.sync.FarSignals;
import io.entrepot.internal.sync.ReservationSlots;
import io.entrepot.internal.sync.TimelineTable;
import io.entrepot.sharing.Attachment;
import io.entrepot.sharing.Exporter;
import io.entrepot.sharing.Importer;
import io.entrepot.sharing.SizeClass;
import io.entrepot.sync.Reservation;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.agrona.concurrent.IdleStrategy;

/**
 * The buffers of one pool: their memory, their words, and who is attached.
 *
 * <p>What buffers hold is here; finding them is the work of {@link FreeBuffers}, counting that of
 * {@link PoolNumbers}. Longer than a page, since it puts all parts of a pool together.
 */
public final class PoolCore {
  /** Ports open at a time. */
  public static final int LANES = 64;

  /** Timelines of a pool at a time. */
  public static final int TIMELINES = 256;

  private final String name;
  private final Exporter exporter;
  private final Exporter.Backing backing;
  private final List<SizeClass> classes;
  private final MemorySegment[] memory;

  /** Sizes of the buffers: a frame costs no look at a segment. */
  private final long[] byteSizes;

  private final FrameRecords frames;
  private final PoolMemories memories;

  private final PoolDescriptor layout;
  private final Words words;
  private final BufferStates states;
  private final Lanes lanes;
  private final TimelineTable timelines;
  private final ReservationSlots reservations;
  private final WaitList freed;
  private final FreeBuffers free;
  private final PoolNumbers numbers;
  private final OpenPorts ports = new OpenPorts(LANES);
  private final Attachments attachments = new Attachments(this);
  private final Peers peers;
  private final FarSignals signals;
  private final InPlaceWriters inPlace;
  private final LostWrites lostWrites;
  private final Replacements replacements;
  private final boolean zeroesOnReuse;
  private ExporterWords imported;
  private volatile boolean closed;

  /** A pool over memory of an exporter. */
  public PoolCore(String name, Exporter exporter, List<SizeClass> classes) {
    NativeCalls.requireNativeAccess();
    this.name = name;
    this.exporter = exporter;
    this.classes = GivenMemory.asked(classes);
    this.zeroesOnReuse = exporter.zeroesOnReuse() || exporter.zeroesOnRelease();
    this.backing = exporter.allocate(this.classes);
    boolean whole = false;
    try {
      this.memory = GivenMemory.of(exporter, backing, this.classes);
      this.byteSizes = Arrays.stream(memory).mapToLong(MemorySegment::byteSize).toArray();
      this.words =
          SharedBacking.words(backing, PoolDescriptor.byteSize(memory.length, LANES, TIMELINES));
      this.layout = new PoolDescriptor(words.base(), memory.length, LANES, TIMELINES);
      long first = 0;
      if (backing instanceof SharedBacking shared) {
        shared.laidOut(layout);
        first = shared.firstMemory();
      }
      this.memories = new PoolMemories(name, words, layout, first, memory);
      Bookkeeping books =
          new Bookkeeping(
              name,
              words,
              layout,
              memories,
              this.classes.stream().mapToLong(SizeClass::bufferBytes).toArray(),
              this.classes.stream().mapToInt(SizeClass::buffers).toArray(),
              zeroesOnReuse,
              exporter.zeroesOnRelease(),
              ports,
              attachments::isUsing);
      this.states = books.states();
      this.lanes = books.lanes();
      this.timelines = books.timelines();
      this.reservations = books.reservations();
      this.signals = books.signals();
      this.peers = books.peers();
      this.freed = books.freed();
      this.inPlace = books.inPlace();
      this.lostWrites = books.lostWrites();
      this.numbers = books.numbers();
      this.free = books.free();
      timelines.toldBy(new SignalTelling(this)::tell, layout.header(PoolDescriptor.ARMED));
      this.frames = new FrameRecords(words, layout);
      this.replacements =
          backing instanceof SharedSlabs shared && shared.grant() == null
              ? new Replacements(this, shared)
              : null;
      whole = true;
    } finally {
      if (!whole) {
        backing.close();
      }
    }
  }

  public String name() {
    return name;
  }

  public Exporter exporter() {
    return exporter;
  }

  public List<SizeClass> classes() {
    return classes;
  }

  public int buffers() {
    return memory.length;
  }

  /** Whether so many is the index of a buffer: what a racing reader must ask before it uses one. */
  public boolean isBuffer(int index) {
    return index < memory.length;
  }

  /** Size in bytes of a buffer. */
  public long byteSize(int buffer) {
    return byteSizes[buffer];
  }

  boolean zeroesOnReuse() {
    return zeroesOnReuse;
  }

  public boolean isClosed() {
    return closed;
  }

  public TimelineTable timelines() {
    return timelines;
  }

  /** The threads that wait for something of this pool to be let go. */
  public WaitList freed() {
    return freed;
  }

  /** The buffers that can be had. */
  public FreeBuffers free() {
    return free;
  }

  /** What this pool counts. */
  public PoolNumbers numbers() {
    return numbers;
  }

  /** The words that this process writes. */
  public Words words() {
    return words;
  }

  /** Where in them what lies. */
  public PoolDescriptor layout() {
    return layout;
  }

  BufferStates states() {
    return states;
  }

  Lanes lanes() {
    return lanes;
  }

  ReservationSlots reservations() {
    return reservations;
  }

  /** The memory of this pool, as its exporter gave it. */
  public Exporter.Backing backing() {
    return backing;
  }

  /** Other processes that use this pool's buffers. */
  public Peers peers() {
    return peers;
  }

  /**
   * Makes this the core of an importing process, in which nothing is acquired; before its use.
   *
   * @param writes whether this process may write, and so waits for uses in the exporter's
   * @param memoryWaitNs how long a memory is waited for that the exporter says a buffer lies in
   */
  public void imports(ExporterWords exporter, boolean writes, long memoryWaitNs) {
    imported = exporter;
    timelines.hearElsewhere();
    freed.rings(exporter.doorbell());
    if (writes) {
      exporter.listen(peers.doorbells());
    }
    memories.placedBy(exporter.places(), memoryWaitNs);
  }

  /** A fence was signaled here, or ended otherwise: for whoever waits for it by the words alone. */
  void tellOfSignal() {
    signals.tell();
    if (imported != null) {
      // There it may have kept a buffer from reuse.
      imported.ring();
    }
    freed.wake();
  }

  /** How this process and others learn of each other's fences. */
  public FarSignals signals() {
    return signals;
  }

  /** The words of the process that exports this pool; {@code null} where that is this one. */
  public ExporterWords imported() {
    return imported;
  }

  /**
   * Where other processes may see this pool's memory and it can be replaced, what becomes of that;
   * else {@code null}.
   */
  public Replacements replacements() {
    return replacements;
  }

  /** The importer of another process that may write; {@code null} where none may. */
  public WritingGrant grant() {
    return backing instanceof SharedSlabs slabs ? slabs.grant() : null;
  }

  /** What frames say of themselves beside their bytes. */
  public FrameRecords frames() {
    return frames;
  }

  /** Who writes in place to published buffers. */
  InPlaceWriters inPlace() {
    return inPlace;
  }

  /** Frames that were being written in place by a process that has died. */
  LostWrites lostWrites() {
    return lostWrites;
  }

  /** Whether a use of a buffer is not to be shown, for its writer in place has died on it. */
  public boolean isHalfOverwritten(int buffer, long generation) {
    return lostWrites.isMarked(buffer, generation)
        || (imported != null && imported.isHalfOverwritten(buffer));
  }

  /** Throws when a use of a buffer {@linkplain #isHalfOverwritten is not to be shown}. */
  void requireWhole(int buffer, long generation) {
    if (isHalfOverwritten(buffer, generation)) {
      throw new IllegalStateException(
          "buffer "
              + buffer
              + " of pool '"
              + name
              + "' is half overwritten: who was writing to it in place has ended, or was revoked."
              + " Close the reference; what it shows is not shown any more");
    }
  }

  /**
   * The exporter's own bytes of a buffer that is in use. Never handed to an importer as they are.
   */
  MemorySegment memory(int buffer) {
    return memories.of(buffer);
  }

  /** As {@link #memory}, with where that is. */
  PlacedBytes placed(int buffer) {
    long place = memories.places().of(buffer);
    return new PlacedBytes(Places.memory(place), memories.at(place));
  }

  /** Where buffers lie. */
  public PoolMemories memories() {
    return memories;
  }

  /**
   * Ends what views show of a memory that was {@linkplain PoolMemories#remove removed}.
   *
   * @return whether it may be unmapped; false while a lease or a CPU window may look at it, or a
   *     bulk operation is in the middle of it
   */
  public boolean letGoOf(long memory) {
    return attachments.letGoOf(memory);
  }

  Attachments attachments() {
    return attachments;
  }

  OpenPorts ports() {
    return ports;
  }

  // ---------------------------------------------------------------- acquiring

  /**
   * Waits until a buffer could be taken or the time is over, when the first try took none.
   *
   * @param take takes a buffer, if there is one
   * @param idle how to wait; {@code null} for parking
   */
  public boolean await(BooleanSupplier take, long timeoutNs, IdleStrategy idle) {
    if (timeoutNs <= 0) {
      return false;
    }
    numbers.count(PoolCounter.WAITS, 1);
    boolean taken =
        idle == null ? freed.await(take, timeoutNs) : WaitList.awaitSlow(take, timeoutNs, idle);
    if (taken || (reap() > 0 && take.getAsBoolean())) {
      return true;
    }
    numbers.count(PoolCounter.TIMEOUTS, 1);
    return false;
  }

  /** Takes a buffer as a reference; {@code null} when the time was over. */
  public HeldBuffer acquireReference(long byteSize, long timeoutNs) {
    ReferenceTaking taking = new ReferenceTaking(this, free.classFor(byteSize));
    return taking.getAsBoolean() || await(taking, timeoutNs, null) ? taking.reference() : null;
  }

  /**
   * Takes a hold for this process on a buffer of another's pool, which a queue of that pool holds;
   * false when a later use of the buffer has come to be held here, so that the queue does no more.
   */
  public boolean adopt(int buffer, long generation) {
    BufferStates.Adoption done;
    while ((done = states.adopt(buffer, generation)) == BufferStates.Adoption.CLOSING) {
      // A close has all buffers, for a moment or for good.
      checkOpen();
      Thread.onSpinWait();
    }
    return done == BufferStates.Adoption.TAKEN;
  }

  /** Drops a hold that {@link #adopt} has taken, whichever use of the buffer it was for. */
  public void disown(int buffer) {
    if (states.disown(buffer)) {
      freed.signal();
    }
  }

  /** Adds a hold to a live buffer; false when that generation is over. */
  public boolean hold(int buffer, long generation) {
    return states.hold(buffer, generation);
  }

  /** Drops a hold and wakes whoever waits, if it was the last. */
  public void unhold(int buffer, long generation) {
    // What another process exports may have been reused by it under our hold, if it is hostile.
    if (imported != null) {
      disown(buffer);
    } else if (states.unhold(buffer, generation)) {
      freed.signal();
    }
  }

  /**
   * Makes a buffer, on which the caller has a hold, one that nobody maps for writing but in place.
   *
   * @throws IllegalStateException when somebody has it mapped for writing; all is as it was
   */
  public void publish(int buffer, long generation) {
    boolean wasOwned = states.live2published(buffer, generation);
    VarHandle.fullFence();
    // A map for writing stores its slot, then looks whether the buffer is published: one sees.
    if (lanes.isMappedForWriting(buffer)
        && words.getVolatile(layout.buffer(buffer) + PoolDescriptor.WRITER) == 0) {
      if (wasOwned) {
        // Else it is read: what was seen is a map that finds that out and fails.
        states.published2owned(buffer, generation);
      }
      throw new IllegalStateException(
          "buffer " + buffer + " cannot be published: it is mapped for writing");
    }
  }

  /** Passes a hold on a published buffer on to so many holders in queues; drops it for none. */
  public void passOn(int buffer, long generation, int holders) {
    if (holders == 0) {
      unhold(buffer, generation);
    } else {
      states.passOn(buffer, holders);
    }
  }

  /** Whether a buffer is still its owner's alone to write, not published yet. */
  public boolean isOwned(int buffer) {
    return BufferStates.kind(states.acquire(buffer)) == BufferStates.OWNED;
  }

  /** Adds a hold to a buffer that the caller has mapped. */
  public boolean holdMapped(int buffer, long generation) {
    // Of another process's buffer a mapping needs no hold here, so this may be the first.
    return imported == null ? states.holdMapped(buffer, generation) : adopt(buffer, generation);
  }

  /**
   * The fences of a buffer that a mapping or a reference protects, whatever its others.
   *
   * @param mapped whether the one that is asked still stands
   */
  Reservation mappedReservation(int buffer, BooleanSupplier mapped) {
    long place = layout.buffer(buffer);
    return imported == null
        ? reservations.of(place, mapped)
        : reservations.of(place, imported.reservations(), imported.place(buffer), mapped);
  }

  // ---------------------------------------------------------------- attaching

  /** Attaches an importer. */
  public PoolAttachment attach(Importer importer) {
    return attach(exporter, importer);
  }

  /**
   * Attaches an importer for whom another decides than this pool's own exporter: one that offers
   * less on its behalf, to other processes.
   */
  public PoolAttachment attach(Exporter decider, Importer importer) {
    return attachments.attach(decider, importer);
  }

  /** The attachment, when it is one that a user made to this pool and that still stands. */
  public PoolAttachment ours(Attachment attachment) {
    PoolAttachment given = (PoolAttachment) attachment;
    if (given.pool() != this) {
      throw new IllegalArgumentException(
          "attachment " + attachment + " is not of pool '" + name + "'");
    }
    given.checkAttached();
    return given;
  }

  /**
   * Takes back the ports of threads that ended without closing them.
   *
   * @return how many
   */
  public int reap() {
    int reaped = ports.reap() + attachments.reapWindows();
    if (reaped > 0) {
      numbers.count(PoolCounter.REAPED_PORTS, reaped);
      freed.signal();
    }
    return reaped;
  }

  // ---------------------------------------------------------------- dumps and the end

  /** What keeps buffers from being free, a line each; empty when all can be. */
  public List<String> holders() {
    if (closed) {
      return List.of(); // the close took all buffers, and nobody else has them
    }
    free.reclaim();
    return PoolDump.holders(this);
  }

  /** Everything about this pool as text. */
  public String dump() {
    return PoolDump.of(this);
  }

  public void checkOpen() {
    if (closed) {
      throw new IllegalStateException("pool '" + name + "' is closed");
    }
  }

  /**
   * Closes the pool, if nobody uses it.
   *
   * @return what keeps it open; empty when it is closed
   */
  public synchronized List<String> tryClose() {
    if (closed) {
      return List.of();
    }
    reap();
    List<String> holders = FarWriter.leftOut(this, () -> PoolEnd.takeAll(this));
    if (!holders.isEmpty()) {
      return holders;
    }
    closed = true;
    try {
      PoolEnd.tellAll(this);
    } finally {
      if (replacements != null) {
        replacements.close();
      }
      backing.close();
    }
    return List.of();
  }
}
