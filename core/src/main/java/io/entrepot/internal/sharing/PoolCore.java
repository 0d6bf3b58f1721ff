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
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.ToLongFunction;

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
  // An array: the iterator of a list would be garbage of every reclaim that is not compiled yet.
  private volatile Retirer[] retirers = {};
  private final boolean zeroesOnReuse;
  private volatile boolean closed;

  /** Something that holds published buffers and can let go of those that nobody will read. */
  public interface Retirer {
    /** Drops the holds on buffers that every reader has passed. Lock-free, any thread. */
    void retirePassed();

    /** One line about what is held, for dumps and refusals; empty when nothing is. */
    String describeHolds();

    /** The pool is closed: nothing will come any more. */
    void poolClosed();
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
    this.zeroesOnReuse = exporter.zeroesOnReuse();
    this.backing = exporter.allocate(this.classes);
    this.memory = backing.buffers().toArray(MemorySegment[]::new);
    if (memory.length != count) {
      backing.close();
      throw new IllegalStateException(
          "exporter '" + exporter.name() + "' gave " + memory.length + " buffers for " + count);
    }
    checkSizes();
    this.layouts = new FrameLayout[memory.length];
    this.layout = new PoolDescriptor(memory.length, LANES, TIMELINES);
    this.words = Words.onHeap(layout.byteSize());
    this.states = new BufferStates(words, layout);
    this.lanes = new Lanes(words, layout);
    this.timelines = new TimelineTable(words, layout.timelinesOffset(), TIMELINES);
    this.reservations =
        new ReservationSlots(words, timelines, PoolDescriptor.FENCES, PoolDescriptor.RESERVATION);
    this.reclaimer =
        new Reclaimer(
            words,
            states,
            lanes,
            reservations,
            layout,
            zeroesOnReuse ? buffer -> memory[buffer].fill((byte) 0) : null);
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

  private void checkSizes() {
    for (int i = 0; i < classes.size(); i++) {
      for (int buffer = classStart[i]; buffer < classStart[i + 1]; buffer++) {
        if (memory[buffer].byteSize() < classes.get(i).bufferBytes()) {
          backing.close();
          throw new IllegalStateException(
              "exporter '"
                  + exporter.name()
                  + "' gave "
                  + memory[buffer].byteSize()
                  + " bytes for a buffer of "
                  + classes.get(i).bufferBytes());
        }
      }
    }
  }

  /** Index of the smallest size class whose buffers hold so many bytes. */
  public int classFor(long byteSize) {
    if (byteSize < 0) {
      throw new IllegalArgumentException("buffer size " + byteSize + " bytes is less than 0");
    }
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
    // No look at closed here: whoever closes a pool takes all its buffers first.
    int buffer = taken.take(states, classStart[sizeClass]);
    return buffer >= 0 ? buffer : findFree(sizeClass, taken);
  }

  private int findFree(int sizeClass, Magazine taken) {
    checkOpen();
    // A larger class only when the smaller one has nothing left, not even to reclaim.
    for (int i = sizeClass; i < classes.size(); i++) {
      int buffer = scan(classStart[i], classStart[i + 1], taken);
      if (buffer < 0) {
        // Again also when there was nothing to reclaim: another thread may have done it just now.
        reclaim();
        buffer = scanBack(classStart[i], classStart[i + 1], taken);
      }
      if (buffer >= 0) {
        return buffer;
      }
    }
    return -1;
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

  private int scan(int from, int to, Magazine taken) {
    int at = taken.next >= from ? taken.next : from;
    for (int i = from; i < to; i++, at++) {
      if (at >= to) {
        at = from;
      }
      if ((taken.state = states.free2owned(at)) != 0) {
        taken.next = at + 1;
        return at;
      }
    }
    return -1;
  }

  /**
   * As {@link #scan}, in the other direction: two threads that go the same way can meet at each
   * buffer in turn, since the cache lines that they pass to each other keep them in step.
   */
  private int scanBack(int from, int to, Magazine taken) {
    for (int at = to - 1; at >= from; at--) {
      if ((taken.state = states.free2owned(at)) != 0) {
        taken.next = at;
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
    VarHandle.fullFence();
    // A map for writing stores its slot, then looks whether the buffer is published: one sees.
    if (lanes.isMappedForWriting(buffer)
        && words.getVolatile(layout.buffer(buffer) + PoolDescriptor.WRITER) == 0) {
      states.published2owned(buffer, generation, holders);
      throw new IllegalStateException(
          "buffer " + buffer + " cannot be published: it is mapped for writing");
    }
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
  Reservation reservation(int buffer, long generation) {
    return reservations.of(
        layout.buffer(buffer),
        () -> {
          long state = states.volatileState(buffer);
          return BufferStates.generation(state) == generation && BufferStates.isLive(state);
        });
  }

  // ---------------------------------------------------------------- attaching

  /** Attaches an importer. */
  public PoolAttachment attach(Importer importer) {
    checkOpen();
    PoolAttachment attachment = Negotiation.attach(this, importer);
    attachments.add(attachment);
    if (closed) {
      // Closed meanwhile, which may have missed this one.
      attachment.end();
      checkOpen();
    }
    count(PoolCounter.ATTACHES, 1);
    return attachment;
  }

  void forget(PoolAttachment attachment) {
    attachments.remove(attachment);
  }

  /** Has a queue's holds looked at by every reclaim. */
  public synchronized void register(Retirer retirer) {
    Retirer[] more = Arrays.copyOf(retirers, retirers.length + 1);
    more[more.length - 1] = retirer;
    retirers = more;
  }

  /** Ends {@link #register}. */
  public synchronized void unregister(Retirer retirer) {
    retirers = Arrays.stream(retirers).filter(kept -> kept != retirer).toArray(Retirer[]::new);
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
    for (PoolAttachment attachment : attachments) {
      reaped += attachment.reapWindows();
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

  /** Mappings made. */
  public long maps() {
    long sum = 0;
    for (int lane = 0; lane < LANES; lane++) {
      sum += lanes.uses(lane);
    }
    return sum;
  }

  /** Sum of one count over all ports, those that have closed included. */
  private long portSum(PoolCounter closedPorts, ToLongFunction<LanePort> count) {
    long sum = counted(closedPorts);
    for (int lane = 0; lane < LANES; lane++) {
      LanePort port = ports.get(lane);
      sum += port == null ? 0 : count.applyAsLong(port);
    }
    return sum;
  }

  /** Buffers handed out. */
  public long acquires() {
    return portSum(PoolCounter.PORT_ACQUIRES, LanePort::acquires)
        + counted(PoolCounter.REFERENCE_ACQUIRES);
  }

  /** Buffers that owners gave back through their port without publishing. */
  public long releases() {
    return portSum(PoolCounter.PORT_RELEASES, LanePort::releases);
  }

  /** Buffers published through ports. */
  public long publishes() {
    return portSum(PoolCounter.PORT_PUBLISHES, LanePort::publishes);
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
    if (!lines.isEmpty()) {
      for (Retirer retirer : retirers) {
        String holds = retirer.describeHolds();
        if (!holds.isEmpty()) {
          lines.add(holds);
        }
      }
    }
    return lines;
  }

  public List<Retirer> retirers() {
    return List.of(retirers);
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
    for (Retirer retirer : retirers) {
      retirer.poolClosed();
    }
    try {
      endAll();
    } finally {
      backing.close();
    }
    return List.of();
  }

  /**
   * Ends all attachments, also when an exporter's detach throws: then the first one is rethrown.
   */
  private void endAll() {
    RuntimeException first = null;
    for (PoolAttachment attachment : attachments) {
      try {
        attachment.end();
      } catch (RuntimeException e) {
        first = first == null ? e : first;
      }
    }
    if (first != null) {
      throw first;
    }
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
