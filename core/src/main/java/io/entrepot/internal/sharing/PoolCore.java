package io.entrepot.internal.sharing;

import io.entrepot.internal.memory.Barrier;
import io.entrepot.internal.memory.CoarseClock;
import io.entrepot.internal.memory.NativeCalls;
import io.entrepot.internal.memory.WaitList;
import io.entrepot.internal.memory.Words;
import io.entrepot.internal.sync.ReservationSlots;
import io.entrepot.internal.sync.TimelineTable;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.Exporter;
import io.entrepot.sharing.FrameLayout;
import io.entrepot.sharing.Importer;
import io.entrepot.sharing.SizeClass;
import io.entrepot.sync.Reservation;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * The buffers of one pool: their memory, their words, and who is attached.
 *
 * <p>Acquiring looks, in this order: at the caller's magazine of hints, at the state words from
 * where the caller last found one, and, when none is FREE, at what can be reclaimed. The state
 * word's CAS alone decides, so a hint may be stale and a free buffer may lie in somebody else's
 * magazine: it is found by the scan all the same.
 */
public final class PoolCore {
  /** Ports open at a time. */
  public static final int LANES = 64;

  private static final int TIMELINES = 256;

  private final String name;
  private final Exporter exporter;
  private final Exporter.Backing backing;
  private final List<SizeClass> classes;
  private final int[] classStart;
  private final MemorySegment[] memory;
  private final FrameLayout[] layouts;

  private final PoolDescriptor layout;
  private final Words words;
  private final BufferStates states;
  private final Lanes lanes;
  private final TimelineTable timelines;
  private final ReservationSlots reservations;
  private final Reclaimer reclaimer;
  private final WaitList freed;
  private final AtomicReference<Reclaimer.Scratch> scratch = new AtomicReference<>();
  private final AtomicReferenceArray<LanePort> ports = new AtomicReferenceArray<>(LANES);
  private final List<PoolAttachment> attachments = new CopyOnWriteArrayList<>();
  private final List<Retirer> retirers = new CopyOnWriteArrayList<>();
  private volatile boolean closed;

  /** Something that holds published buffers and can let go of those that nobody will read. */
  public interface Retirer {
    /** Drops the holds on buffers that every reader has passed. Lock-free, any thread. */
    void retirePassed();

    /** One line about what is held, for dumps and refusals; empty when nothing is. */
    String describeHolds();
  }

  /** A pool over memory of an exporter. */
  public PoolCore(String name, Exporter exporter, List<SizeClass> classes) {
    NativeCalls.requireNativeAccess();
    this.name = name;
    this.exporter = exporter;
    this.classes =
        classes.stream().sorted((a, b) -> Long.compare(a.bufferBytes(), b.bufferBytes())).toList();
    long count = this.classes.stream().mapToLong(SizeClass::buffers).sum();
    if (count < 1 || count > Lanes.MAX_BUFFERS) {
      throw new IllegalArgumentException(
          "a pool of " + count + " buffers is not within 1 to " + Lanes.MAX_BUFFERS);
    }
    this.classStart = new int[this.classes.size() + 1];
    for (int i = 0; i < this.classes.size(); i++) {
      classStart[i + 1] = classStart[i] + this.classes.get(i).buffers();
    }
    this.backing = exporter.allocate(this.classes);
    this.memory = backing.buffers().toArray(MemorySegment[]::new);
    if (memory.length != count) {
      backing.close();
      throw new IllegalStateException(
          "exporter '" + exporter.name() + "' gave " + memory.length + " buffers for " + count);
    }
    this.layouts = new FrameLayout[memory.length];
    this.layout = new PoolDescriptor(memory.length, LANES, TIMELINES);
    this.words = Words.offHeap(layout.byteSize());
    this.states = new BufferStates(words, layout);
    this.lanes = new Lanes(words, layout);
    this.timelines = new TimelineTable(words, layout.timelinesOffset(), TIMELINES);
    this.reservations =
        new ReservationSlots(words, timelines, PoolDescriptor.FENCES, PoolDescriptor.RESERVATION);
    this.reclaimer =
        new Reclaimer(
            states,
            lanes,
            reservations,
            layout,
            exporter.zeroesOnReuse() ? buffer -> memory[buffer].fill((byte) 0) : null);
    this.freed = new WaitList(words, PoolDescriptor.ARMED);
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
    return memory[buffer].byteSize();
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

  Words words() {
    return words;
  }

  PoolDescriptor layout() {
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

  /** The exporter's own bytes of a buffer. Never handed to an importer as they are. */
  MemorySegment memory(int buffer) {
    return memory[buffer];
  }

  List<PoolAttachment> attachments() {
    return attachments;
  }

  AtomicReferenceArray<LanePort> ports() {
    return ports;
  }

  // ---------------------------------------------------------------- frame words

  /** Puts a frame word of a buffer that the caller owns. */
  public void frameWord(int buffer, long word, long value) {
    words.setPlain(layout.buffer(buffer) + word, value);
  }

  /** A frame word of a buffer that the caller has mapped. */
  public long frameWord(int buffer, long word) {
    return words.getPlain(layout.buffer(buffer) + word);
  }

  /** Puts the layout of the frame in a buffer that the caller owns. */
  public void frameLayout(int buffer, FrameLayout frame) {
    layouts[buffer] = frame;
  }

  /** Layout of the frame in a buffer that the caller has mapped, or {@code null}. */
  public FrameLayout frameLayout(int buffer) {
    return layouts[buffer];
  }

  // ---------------------------------------------------------------- acquiring

  /** Index of the smallest size class whose buffers hold so many bytes. */
  public int classFor(long byteSize) {
    for (int i = 0; i < classes.size(); i++) {
      if (classes.get(i).bufferBytes() >= byteSize) {
        return i;
      }
    }
    throw new IllegalArgumentException(
        "no buffer of pool '"
            + name
            + "' holds "
            + byteSize
            + " bytes; the largest are of "
            + classes.getLast().bufferBytes());
  }

  /**
   * Takes a free buffer of a size class or a larger one.
   *
   * @return its index with its OWNED state in {@code taken.state}, or -1 when there is none
   */
  public int tryAcquire(int sizeClass, Magazine taken) {
    checkOpen();
    int buffer;
    while ((buffer = taken.pop(classStart[sizeClass])) >= 0) {
      if ((taken.state = states.free2owned(buffer)) != 0) {
        return buffer;
      }
    }
    buffer = scan(classStart[sizeClass], taken);
    if (buffer >= 0) {
      return buffer;
    }
    return reclaim() > 0 ? scan(classStart[sizeClass], taken) : -1;
  }

  /** As {@link #tryAcquire}, waiting until there is one or the time is over. */
  public int acquire(int sizeClass, Magazine taken, long timeoutNs) {
    int buffer = tryAcquire(sizeClass, taken);
    if (buffer >= 0 || timeoutNs <= 0) {
      return buffer;
    }
    count(PoolCounter.WAITS, 1);
    int[] found = {-1};
    boolean done = freed.await(() -> (found[0] = tryAcquire(sizeClass, taken)) >= 0, timeoutNs);
    if (!done && reap() > 0) {
      found[0] = tryAcquire(sizeClass, taken);
    }
    if (found[0] < 0) {
      count(PoolCounter.TIMEOUTS, 1);
    }
    return found[0];
  }

  private int scan(int from, Magazine taken) {
    int count = memory.length - from;
    int at = Math.max(taken.next, from);
    for (int i = 0; i < count; i++, at++) {
      if (at >= memory.length) {
        at = from;
      }
      if ((taken.state = states.free2owned(at)) != 0) {
        taken.next = at + 1;
        return at;
      }
    }
    return -1;
  }

  /** Makes free what can be; how many buffers that were. */
  public int reclaim() {
    for (Retirer retirer : retirers) {
      retirer.retirePassed();
    }
    Reclaimer.Scratch room = scratch.getAndSet(null);
    if (room == null) {
      room = new Reclaimer.Scratch(memory.length);
    }
    int made = reclaimer.reclaim(room);
    scratch.set(room);
    if (made > 0) {
      count(PoolCounter.RECLAIMS, 1);
      count(PoolCounter.RECLAIMED, made);
    }
    return made;
  }

  /** Takes a buffer as a reference; {@code null} when the time was over. */
  public HeldBuffer acquireReference(long byteSize, long timeoutNs) {
    Magazine scanFrom = new Magazine(0);
    scanFrom.next = ThreadLocalRandom.current().nextInt(memory.length);
    int buffer = acquire(classFor(byteSize), scanFrom, timeoutNs);
    if (buffer < 0) {
      return null;
    }
    count(PoolCounter.REFERENCE_ACQUIRES, 1);
    holder(buffer, -1);
    return new HeldBuffer(this, buffer, BufferStates.generation(scanFrom.state));
  }

  /** Adds a hold to a live buffer; false when that generation is over. */
  public boolean hold(int buffer, long generation) {
    return states.hold(buffer, generation);
  }

  /** Drops a hold and wakes whoever waits, if it was the last. */
  public void unhold(int buffer, long generation) {
    if (states.unhold(buffer, generation)) {
      freed.signal();
    }
  }

  /** Passes a hold on a live buffer to so many holders in queues. */
  public void publish(int buffer, long generation, int holders) {
    states.live2published(buffer, generation, holders);
  }

  /** Whether a buffer is still its owner's alone to write, not published yet. */
  public boolean isOwned(int buffer) {
    return BufferStates.kind(states.acquire(buffer)) == BufferStates.OWNED;
  }

  /** Adds a hold to a buffer that the caller has mapped. */
  public boolean holdMapped(int buffer, long generation) {
    return states.holdMapped(buffer, generation);
  }

  /** Generation of a state that {@link #tryAcquire} gave. */
  public static long generation(long state) {
    return BufferStates.generation(state);
  }

  /** Notes who owns a buffer since now, for dumps: a lane, or -1 for a reference. */
  void holder(int buffer, int lane) {
    words.setOpaque(
        layout.buffer(buffer) + PoolDescriptor.HOLDER, CoarseClock.millis() << 16 | (lane + 1));
  }

  /** The fences of a buffer. */
  public Reservation reservation(int buffer) {
    return reservations.of(layout.buffer(buffer));
  }

  // ---------------------------------------------------------------- attaching

  /** Attaches an importer. */
  public PoolAttachment attach(Importer importer) {
    checkOpen();
    PoolAttachment attachment = Negotiation.attach(this, importer);
    attachments.add(attachment);
    count(PoolCounter.ATTACHES, 1);
    return attachment;
  }

  void forget(PoolAttachment attachment) {
    attachments.remove(attachment);
  }

  /** Has a queue's holds looked at by every reclaim. */
  public void register(Retirer retirer) {
    retirers.add(retirer);
  }

  /** Ends {@link #register}. */
  public void unregister(Retirer retirer) {
    retirers.remove(retirer);
  }

  /**
   * Takes back the ports of threads that ended without closing them.
   *
   * @return how many
   */
  public int reap() {
    int reaped = 0;
    for (int lane = 0; lane < ports.length(); lane++) {
      LanePort port = ports.get(lane);
      if (port != null && port.isOrphaned() && ports.compareAndSet(lane, port, null)) {
        port.abandon();
        reaped++;
      }
    }
    if (reaped > 0) {
      count(PoolCounter.REAPED_PORTS, reaped);
      freed.signal();
    }
    return reaped;
  }

  // ---------------------------------------------------------------- in-place writing

  /** Keeps new readers of a buffer out; false when another writer is at work on it. */
  boolean beginInPlace(int buffer, int lane) {
    if (!words.compareAndSet(layout.buffer(buffer) + PoolDescriptor.WRITER, 0, lane + 1L)) {
      return false;
    }
    words.getAndAdd(PoolDescriptor.ATTENTION, 1);
    Barrier.heavy();
    return true;
  }

  void endInPlace(int buffer) {
    words.setRelease(layout.buffer(buffer) + PoolDescriptor.WRITER, 0);
    words.getAndAdd(PoolDescriptor.ATTENTION, -1);
    freed.signal();
  }

  /** Whether another lane, native code, a window or a channel is using a buffer. */
  boolean isUsedByOthers(int buffer, int lane) {
    if (lanes.isMapped(buffer, lane)) {
      return true;
    }
    for (PoolAttachment attachment : attachments) {
      if (attachment.isUsing(buffer)) {
        return true;
      }
    }
    return false;
  }

  boolean hasOtherWriter(int buffer, int lane) {
    long writer = words.getVolatile(layout.buffer(buffer) + PoolDescriptor.WRITER);
    return writer != 0 && writer != lane + 1L;
  }

  // ---------------------------------------------------------------- numbers and the end

  /** Counts a rare event. */
  public void count(PoolCounter counter, long by) {
    words.getAndAdd(counter.offset(), by);
  }

  /** How often a rare event happened. */
  public long counted(PoolCounter counter) {
    return words.getOpaque(counter.offset());
  }

  /** Sum of one counter word over all lanes, past tenants included. */
  private long laneSum(long counter) {
    long sum = 0;
    for (int lane = 0; lane < LANES; lane++) {
      sum += words.getOpaque(layout.lane(lane) + counter);
    }
    return sum;
  }

  /** Mappings made. */
  public long maps() {
    return laneSum(PoolDescriptor.USES);
  }

  /** Buffers handed out. */
  public long acquires() {
    return laneSum(PoolDescriptor.ACQUIRES) + counted(PoolCounter.REFERENCE_ACQUIRES);
  }

  /** Buffers that owners gave back through their port without publishing. */
  public long releases() {
    return laneSum(PoolDescriptor.RELEASES);
  }

  /** Buffers published through ports. */
  public long publishes() {
    return laneSum(PoolDescriptor.PUBLISHES);
  }

  /** Mappings open now. */
  public int openMappings() {
    int sum = 0;
    for (int lane = 0; lane < LANES; lane++) {
      sum += lanes.mappings(lane);
    }
    return sum;
  }

  /** Buffers that are free now; counts no instant, only what each word said when it was read. */
  public int free() {
    int free = 0;
    for (int i = 0; i < memory.length; i++) {
      if (BufferStates.kind(states.acquire(i)) == BufferStates.FREE) {
        free++;
      }
    }
    return free;
  }

  /** What keeps buffers from being free, a line each; empty when all can be. */
  public List<String> holders() {
    reclaim();
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < memory.length; i++) {
      if (BufferStates.kind(states.acquire(i)) != BufferStates.FREE) {
        lines.add(PoolDump.buffer(this, i));
      }
    }
    return lines;
  }

  public List<Retirer> retirers() {
    return retirers;
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
    List<String> holders = new ArrayList<>(holders());
    for (PoolAttachment attachment : attachments) {
      holders.addAll(attachment.openUses());
    }
    if (!holders.isEmpty() || !takeAll()) {
      return holders.isEmpty() ? List.of("a buffer that was acquired just now") : holders;
    }
    closed = true;
    attachments.forEach(PoolAttachment::end);
    backing.close();
    return List.of();
  }

  /**
   * Takes every buffer, so that no acquire that is under way can get one; all or none. From here on
   * a buffer cannot be had, mapped or published by anybody.
   */
  private boolean takeAll() {
    long[] taken = new long[memory.length];
    for (int i = 0; i < taken.length; i++) {
      if ((taken[i] = states.free2owned(i)) == 0) {
        while (--i >= 0) {
          states.owned2free(i, taken[i]);
        }
        freed.signal();
        return false;
      }
    }
    return true;
  }

  /** The access that the write flag of a slot means. */
  static Access access(boolean write) {
    return write ? Access.WRITE : Access.READ;
  }
}
