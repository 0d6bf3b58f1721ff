package io.entrepot.internal.buffers;

import io.entrepot.internal.memory.HeapWords;
import io.entrepot.internal.memory.WaitList;
import io.entrepot.internal.memory.Words;
import io.entrepot.internal.sync.FarReservations;
import io.entrepot.internal.sync.FarSignals;
import io.entrepot.internal.sync.JobTable;
import io.entrepot.internal.sync.ReservationSlots;
import io.entrepot.internal.sync.TimelineTable;
import io.entrepot.sync.Timeline;
import io.entrepot.sync.Usage;
import java.lang.invoke.VarHandle;
import java.util.concurrent.TimeUnit;

/**
 * A pool of one buffer, which is published, and the process that was given its memory for writing:
 * each over words of its own on the heap, which the other reads. What models of their hand-shake
 * run on.
 *
 * <p>{@link InPlaceWriters}, {@link Peers}, {@link PeerWords} and {@link ExporterWords}, with all
 * that they wait by, are called as they are. {@code LanePort}, {@code Admission}, {@code
 * ReferenceMapper}, {@code BufferUses} and {@code FarWriter} need a pool with memory, so their
 * lines that touch words are repeated here in their order; each method says which it stands for.
 *
 * <p>A model checker's clock stands still: who waits does so until it is told yes, or for ever.
 */
public final class FarWriterWords {
  /** What is thrown by who uses bytes while another writes to them. */
  public static final String TORN = "used while it is written";

  private static final int BUFFER = 0;
  private static final int LANES = 1;
  private static final int READER = 0;
  private static final int WRITER = 0;
  private static final long GENERATION = 1;
  private static final Runnable NOTHING = () -> {};
  private static final long LIMIT_NS = TimeUnit.HOURS.toNanos(1);

  private final Fault fault;
  private final Side here = new Side("here");
  private final Side there = new Side("there");
  private final PeerWords uses = new PeerWords("there", there.words, there.layout);
  private final ExporterWords exporter =
      new ExporterWords(
          here.words,
          here.layout,
          new FarReservations(
              here.layout.reservations(here.words), null, here.signals, () -> false),
          here.signals,
          null);

  /** What a planted bug does wrongly. */
  public enum Fault {
    NONE,
    /** A reader here looks for the writer before it stores its slot, and not behind that. */
    READER_LOOKS_FIRST,
    /** A reader here does not take its slot back while it waits for the writer. */
    READER_STAYS,
    /** A reader here looks at the writer's fences before it looks for the writer. */
    READER_LOOKS_AT_FENCES_FIRST,
    /** Leases, windows and transfers here are not counted where the writer sees it. */
    USES_UNCOUNTED,
    /** They look for the writer before they are counted, and not behind that. */
    USES_COUNTED_LATE,
    /** The writer there looks who uses the buffer here before it keeps others out. */
    LOOKS_AT_USES_FIRST,
    /** It does not look whether somebody writes here, to give up: both wait for the other. */
    NEVER_GIVES_UP,
    /** It lets others in again before its fence is there. */
    ENDS_BEFORE_FENCE,
    /** A writer here waits for holds there while it keeps others out. */
    HERE_WAITS_UNDER_WORD,
    /** A writer here looks at holds there before it keeps others out, and not behind that. */
    HERE_LOOKS_AT_HOLDS_FIRST,
    /** The process is given memory when its holds count, and no map looks for its writing. */
    BEGINS_UNSEEN,
    /** Of a process that has ended it is forgotten what it holds, and not that it wrote. */
    ENDS_WRITING
  }

  /** What a process has of the pool. */
  private static final class Side {
    private final Words words = new HeapWords(PoolDescriptor.byteSize(1, LANES, 1));
    private final PoolDescriptor layout = new PoolDescriptor(words.base(), 1, LANES, 1);
    private final BufferStates states = new BufferStates(words, layout);
    private final Lanes lanes = new Lanes(words, layout);
    private final TimelineTable timelines =
        new TimelineTable(words, layout.timelinesPlace(), layout.timelines());
    private final ReservationSlots reservations =
        new ReservationSlots(
            words,
            timelines,
            new JobTable(words, layout.jobsPlace(), PoolDescriptor.JOBS),
            PoolDescriptor.FENCES,
            PoolDescriptor.RESERVATION);
    private final FarSignals signals;
    private final Peers peers;
    private final WaitList freed = new WaitList(words, layout.header(PoolDescriptor.ARMED));
    private final InPlaceWriters inPlace;
    private final long record = layout.buffer(BUFFER);

    Side(String name) {
      this.signals = new FarSignals(words, layout.signalsPlace());
      this.peers = new Peers(name, words, layout, signals, () -> false);
      this.inPlace =
          new InPlaceWriters(words, layout, lanes, peers, _ -> false, freed, signals, NOTHING);
      for (int lane = 0; lane < LANES; lane++) {
        lanes.claim();
      }
    }

    /** {@code LanePort.store}. */
    void store(int lane, boolean write) {
      long slot = layout.slot(lane, 0);
      long use = Lanes.uses(words.getPlain(slot)) + 1;
      words.setRelease(slot, Lanes.slotWord(BUFFER, write, use));
    }

    /** {@code LanePort.empty}. */
    void empty(int lane) {
      long slot = layout.slot(lane, 0);
      words.setRelease(slot, Lanes.emptyWord(Lanes.uses(words.getPlain(slot))));
      freed.signal();
    }

    /** {@code LanePort.admit}. */
    void admit(int lane, boolean write) {
      if (words.getAcquire(layout.attention(lane)) != 0
          || !ReservationSlots.isUnusedWord(words.getAcquire(record + PoolDescriptor.FENCES))) {
        attend(lane, write);
      }
    }

    /** {@code Admission.attend}, of an attachment that stands. */
    void attend(int lane, boolean write) {
      Usage awaited = Usage.awaitedBy(write);
      VarHandle.fullFence();
      if (!inPlace.hasOther(BUFFER, lane)
          && reservations.isUnused(record)
          && peers.isQuiet(BUFFER, awaited)) {
        return;
      }
      while (inPlace.hasOther(BUFFER, lane)) {
        empty(lane);
        freed.await(() -> !inPlace.hasOther(BUFFER, lane), LIMIT_NS);
        store(lane, write);
        VarHandle.fullFence();
      }
      reservations.await(record, awaited, LIMIT_NS);
      peers.awaitQuiet(BUFFER, awaited, LIMIT_NS);
    }

    void awaitNoOther(int lane) {
      freed.await(() -> !inPlace.hasOther(BUFFER, lane), LIMIT_NS);
    }
  }

  /** The process there has yet to {@link #begin}. */
  public FarWriterWords(Fault fault) {
    this.fault = fault;
    here.states.live2published(BUFFER, BufferStates.generation(here.states.free2owned(BUFFER)));
  }

  /** {@code FarWriter.begin}: the process there is given the memory behind that. */
  public FarWriterWords begin() {
    here.peers.add(uses);
    if (fault != Fault.BEGINS_UNSEEN) {
      here.inPlace.beginElsewhere(uses);
    }
    return this;
  }

  /** {@code FarWriter.end}: the process there has ended, or has let go of all. */
  public void end() {
    here.peers.remove(uses);
    if (fault != Fault.ENDS_WRITING) {
      here.inPlace.endElsewhere(false);
    }
  }

  /** Stands for the bytes: odd while they are written. */
  private long bytes() {
    return here.words.getPlain(here.record + PoolDescriptor.VALID_OFFSET);
  }

  private void bytes(long value) {
    here.words.setPlain(here.record + PoolDescriptor.VALID_OFFSET, value);
  }

  private void look() {
    long first = bytes();
    require((first & 1) == 0 && first == bytes());
  }

  private void write() {
    beginWrite();
    endWrite();
  }

  private void beginWrite() {
    long before = bytes();
    require((before & 1) == 0);
    bytes(before + 1);
  }

  private void endWrite() {
    bytes(bytes() + 1);
  }

  private static void require(boolean isAlone) {
    if (!isAlone) {
      throw new AssertionError(TORN);
    }
  }

  // ---------------------------------------------------------------- here

  /** Maps here, and reads. */
  public void read() {
    if (fault == Fault.READER_LOOKS_FIRST) {
      here.awaitNoOther(READER);
    }
    here.store(READER, false);
    switch (fault) {
      case READER_LOOKS_FIRST -> {}
      case READER_STAYS -> here.awaitNoOther(READER);
      case READER_LOOKS_AT_FENCES_FIRST -> {
        here.peers.awaitQuiet(BUFFER, Usage.awaitedBy(false), LIMIT_NS);
        while (here.inPlace.hasOther(BUFFER, READER)) {
          here.empty(READER);
          here.awaitNoOther(READER);
          here.store(READER, false);
        }
      }
      default -> here.admit(READER, false);
    }
    look();
    here.empty(READER);
  }

  /** {@code BufferUses.begin}, by native code that reads. */
  public void lease() {
    if (fault == Fault.USES_COUNTED_LATE) {
      here.awaitNoOther(-1);
      countUse(1);
    } else {
      countUse(1);
      VarHandle.fullFence();
      while (here.inPlace.hasOther(BUFFER, -1)) {
        countUse(-1);
        here.freed.signal();
        here.awaitNoOther(-1);
        countUse(1);
        VarHandle.fullFence();
      }
    }
    here.peers.awaitQuiet(BUFFER, Usage.awaitedBy(false), LIMIT_NS);
    look();
    countUse(-1);
  }

  private void countUse(int more) {
    if (fault != Fault.USES_UNCOUNTED) {
      here.inPlace.countUse(BUFFER, more);
    }
  }

  /** Writes in place here. */
  public void writeHere() {
    switch (fault) {
      case HERE_WAITS_UNDER_WORD, HERE_LOOKS_AT_HOLDS_FIRST -> beginWrongly();
      default -> here.inPlace.begin(BUFFER, WRITER, LIMIT_NS, () -> false);
    }
    here.store(WRITER, true);
    here.attend(WRITER, true);
    write();
    here.empty(WRITER);
    here.inPlace.end(BUFFER);
  }

  private void beginWrongly() {
    if (fault == Fault.HERE_LOOKS_AT_HOLDS_FIRST) {
      here.freed.await(() -> !here.peers.isHolding(BUFFER), LIMIT_NS);
    }
    here.words.compareAndSet(here.record + PoolDescriptor.WRITER, 0, WRITER + 1L);
    here.lanes.writersInPlace(1);
    if (fault != Fault.HERE_LOOKS_AT_HOLDS_FIRST) {
      here.freed.await(() -> !here.peers.isHolding(BUFFER), LIMIT_NS);
    }
  }

  // ---------------------------------------------------------------- there

  /** {@code ReferenceMapper.map} there, of a frame that was taken out of a queue. */
  public void readThere() {
    there.states.adopt(BUFFER, GENERATION);
    there.store(READER, false);
    exporter.awaitQuiet(BUFFER, Usage.awaitedBy(false), LIMIT_NS);
    there.attend(READER, false);
    look();
    there.empty(READER);
    there.states.disown(BUFFER);
  }

  /** {@code ReferenceMapper.mapInPlace} there, of such a frame; unless somebody writes here. */
  public void writeThere() {
    if (mapThere()) {
      write();
      unmapThere();
    }
    there.states.disown(BUFFER);
  }

  private boolean mapThere() {
    if (fault == Fault.LOOKS_AT_USES_FIRST) {
      awaitUnused();
    }
    there.states.adopt(BUFFER, GENERATION);
    there.inPlace.begin(BUFFER, WRITER, LIMIT_NS, () -> false);
    VarHandle.fullFence();
    if (fault != Fault.NEVER_GIVES_UP && exporter.isWritten(BUFFER)) {
      there.inPlace.end(BUFFER);
      return false;
    }
    if (fault != Fault.LOOKS_AT_USES_FIRST) {
      awaitUnused();
    }
    there.store(WRITER, true);
    exporter.awaitQuiet(BUFFER, Usage.awaitedBy(true), LIMIT_NS);
    there.attend(WRITER, true);
    return true;
  }

  private void unmapThere() {
    there.empty(WRITER);
    there.inPlace.end(BUFFER);
  }

  private void awaitUnused() {
    there.freed.await(() -> exporter.isUnused(BUFFER), LIMIT_NS);
  }

  /** Maps in place there, for {@link #writeByDevice}, or to be killed then. */
  public FarWriterWords mapped() {
    mapThere();
    return this;
  }

  /** Has a device write to what is mapped there, which goes on when that has ended with a fence. */
  public void writeByDevice() {
    Timeline device = there.timelines.timeline("device");
    beginWrite();
    if (fault == Fault.ENDS_BEFORE_FENCE) {
      unmapThere();
    }
    there.reservations.of(there.record, () -> true).add(device.next(), Usage.WRITE);
    if (fault != Fault.ENDS_BEFORE_FENCE) {
      unmapThere();
    }
    there.states.disown(BUFFER);
    endWrite();
    device.signal(1);
  }
}
