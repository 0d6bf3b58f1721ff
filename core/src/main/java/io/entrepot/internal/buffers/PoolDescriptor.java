package io.entrepot.internal.buffers;

import io.entrepot.internal.memory.Doorbells;
import io.entrepot.internal.memory.Words;
import io.entrepot.internal.sync.FarSignals;
import io.entrepot.internal.sync.FarSlots;
import io.entrepot.internal.sync.JobTable;
import io.entrepot.internal.sync.ReservationSlots;
import io.entrepot.internal.sync.TimelineTable;

/**
 * Layout of a pool's control words.
 *
 * <pre>
 *  header     +0     armed       read by every unmap, written by threads that wait for a buffer
 *             +8     domain      number of this copy of the words, by which others name its fences
 *             +16    listening   threads that sleep until another process rings: see {@link Doorbells}
 *             +24    bell        changes when this process rings, or wakes its own
 *             +32    handed out  memory in which buffers are handed out; -1: in none
 *             +128   counters    one word for each {@link PoolCounter}
 *             +368   most used   most buffers that were found in use
 *             +376   pass        number of the last reclaiming pass
 *  buffers    256 bytes each:
 *             +0     state       {@link BufferStates}
 *             +8     holder      lane + 1 of the owner (0: a reference), above it ms since when
 *             +16    valid range of the frame in it: offset, length
 *             +32    held        holds ever taken through mappings, see {@link OtherUses}
 *             +40    uses        leases, windows and transfers of it that are under way; counted only
 *                                where another process may be granted writing
 *             +128   writer      0, or lane + 1 of the port that writes in place
 *             +136   fences      whether its reservation slots may have anything in them
 *             +144   memory      number of the memory that it lies in      {@link PoolMemories}
 *             +152   half        generation of a frame that its writer has died on, or 0
 *                                                            {@link LostWrites}
 *             +184   set word, then
 *             +192   8 reservation slots            {@link ReservationSlots}
 *  lanes      256 bytes each:
 *             +0     8 mapping slots    written by the importing thread alone, as is
 *             +64    owner              0, or 1 + the slot through which the tenant owns buffers,
 *                                       above it (4 bits) the slot's use count before
 *             +72    published          buffers published by all tenants
 *             +128   tenant             number of the tenancy, and 0 free, 1 used, 2 dead
 *             +136   attention          read by every map: number of the last tenancy that was
 *                                       revoked, and how many write in place in the whole pool
 *  timelines  128 bytes each            {@link TimelineTable}
 *  jobs       128 bytes each            {@link JobTable}
 *  signals    128 bytes                 {@link FarSignals}
 * </pre>
 *
 * Processes of other versions may look at these words: whoever changes what lies where, the order
 * of {@link PoolCounter} included, changes the version in the notice of the memory that they lie
 * in.
 *
 * <p>Buffers are padded against each other (state words are CASed by different threads), lanes
 * against each other and the importing thread's half of a lane against the exporter's. Of a buffer,
 * what each use of it changes is padded against what readers look at: where nobody adds fences, the
 * second half is never written, and a reader's look at it costs no cache line of the writer's.
 */
public final class PoolDescriptor {
  public static final long ARMED = 0;
  static final long DOMAIN = ARMED + Words.WORD_BYTES;
  public static final long LISTENING = DOMAIN + Words.WORD_BYTES;
  public static final long BELL = LISTENING + Words.WORD_BYTES;
  static final long HANDED_OUT = BELL + Words.WORD_BYTES;
  static final long COUNTERS = ARMED + Words.PAD_BYTES;
  static final long PASS = COUNTERS + 2L * Words.PAD_BYTES - Words.WORD_BYTES;
  public static final long MAX_IN_USE = PASS - Words.WORD_BYTES;
  static final long HEADER_BYTES = COUNTERS + 2L * Words.PAD_BYTES;

  public static final long STATE = 0;
  public static final long HOLDER = STATE + Words.WORD_BYTES;

  /** First valid byte of the frame; written by the owner before it publishes. */
  public static final long VALID_OFFSET = HOLDER + Words.WORD_BYTES;

  /** Number of valid bytes of the frame; written by the owner before it publishes. */
  public static final long VALID_LENGTH = VALID_OFFSET + Words.WORD_BYTES;

  static final long HELD = VALID_LENGTH + Words.WORD_BYTES;
  static final long USES = HELD + Words.WORD_BYTES;

  public static final long WRITER = STATE + Words.PAD_BYTES;
  public static final long FENCES = WRITER + Words.WORD_BYTES;
  static final long MEMORY = FENCES + Words.WORD_BYTES;
  static final long HALF_OVERWRITTEN = MEMORY + Words.WORD_BYTES;
  public static final long RESERVATION = WRITER + Words.PAD_BYTES / 2;
  public static final long BUFFER_BYTES =
      RESERVATION + (long) ReservationSlots.CAPACITY * Words.WORD_BYTES;

  /** Jobs over several reservations at a time. */
  public static final int JOBS = 64;

  /** Mapping slots of a lane. */
  public static final int MAPPINGS = 8;

  public static final long SLOTS = 0;
  static final long OWNER = SLOTS + (long) MAPPINGS * Words.WORD_BYTES;
  static final long PUBLISHED = OWNER + Words.WORD_BYTES;
  static final long TENANT = Words.PAD_BYTES;
  static final long LANE_ATTENTION = TENANT + Words.WORD_BYTES;
  static final long LANE_BYTES = 2L * Words.PAD_BYTES;

  private final long base;
  private final int buffers;
  private final int lanes;
  private final int timelines;

  /** A layout from a place on. */
  public PoolDescriptor(long base, int buffers, int lanes, int timelines) {
    this.base = base;
    this.buffers = buffers;
    this.lanes = lanes;
    this.timelines = timelines;
  }

  /** The same layout in other words: those that another process has of the pool. */
  public PoolDescriptor at(Words other) {
    return new PoolDescriptor(other.base(), buffers, lanes, timelines);
  }

  /** The reservation slots in words of this layout that another process writes. */
  FarSlots reservations(Words other) {
    return new FarSlots(other, timelinesPlace(), timelines, jobsPlace(), JOBS, FENCES, RESERVATION);
  }

  /** The reservation slots in words of this layout that this process writes. */
  ReservationSlots reservations(Words own, TimelineTable ownTimelines) {
    JobTable jobs = new JobTable(own, jobsPlace(), JOBS);
    return new ReservationSlots(own, ownTimelines, jobs, FENCES, RESERVATION);
  }

  public int buffers() {
    return buffers;
  }

  public int lanes() {
    return lanes;
  }

  public int timelines() {
    return timelines;
  }

  /** Place of a word of the header. */
  public long header(long word) {
    return base + word;
  }

  /** Place of a buffer's record. */
  public long buffer(int index) {
    return base + HEADER_BYTES + index * BUFFER_BYTES;
  }

  /** Place of a lane's record. */
  public long lane(int index) {
    return buffer(buffers) + index * LANE_BYTES;
  }

  /** Place of a lane's attention word. */
  public long attention(int lane) {
    return lane(lane) + LANE_ATTENTION;
  }

  /** What the holder word says of a lane, or of a reference where that is -1. */
  public static long holder(int lane, long sinceMs) {
    return sinceMs << 16 | (lane + 1);
  }

  /** Place of a mapping slot. */
  public long slot(int lane, int slot) {
    return lane(lane) + SLOTS + (long) slot * Words.WORD_BYTES;
  }

  /** Place of the word that tells through which slot a lane owns buffers. */
  long owner(int lane) {
    return lane(lane) + OWNER;
  }

  /** Place of the number of buffers that a lane's tenants have published. */
  public long published(int lane) {
    return lane(lane) + PUBLISHED;
  }

  /** Place of the timelines' records. */
  public long timelinesPlace() {
    return lane(lanes);
  }

  /** Place of the jobs' records. */
  public long jobsPlace() {
    return timelinesPlace() + TimelineTable.bytes(timelines);
  }

  /** Place of the words by which processes tell each other of fences. */
  public long signalsPlace() {
    return jobsPlace() + JobTable.bytes(JOBS);
  }

  /** Bytes that words of this layout take. */
  public long byteSize() {
    return signalsPlace() - base + FarSignals.BYTES;
  }

  /** Bytes that the words of a pool take. */
  public static long byteSize(int buffers, int lanes, int timelines) {
    return new PoolDescriptor(0, buffers, lanes, timelines).byteSize();
  }
}
