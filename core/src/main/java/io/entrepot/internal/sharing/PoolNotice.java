package io.entrepot.internal.sharing;

import io.entrepot.internal.buffers.Lanes;
import io.entrepot.internal.buffers.PoolDescriptor;
import io.entrepot.internal.memory.Words;
import io.entrepot.sharing.Port;
import io.entrepot.sharing.SizeClass;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What the control memory of a pool says of itself, for whoever finds it from outside.
 *
 * <pre>
 *  words      of the pool, from the beginning    {@link PoolDescriptor}
 *  classes    16 bytes for each size class, the smallest first:
 *             +0     bytes of a buffer
 *             +8     how many buffers
 *  notice     the last 512 bytes of the memory:
 *             +0     magic      {@value #MAGIC}, "entrepot"; put when all the rest is there
 *             +8     version    {@value #VERSION}; another one for any change of all that lies here
 *             +16    number     of the pool in its process, from 1
 *             +24    process    as that process knows itself
 *             +32    since      when the pool was made, in ms since the epoch
 *             +40    buffers, lanes, mapping slots of a lane, timelines, jobs: how many, each a word
 *             +80    classes    how many
 *             +88    data       bytes of the memory of the buffers
 *             +96    name       how many bytes of UTF-8 it has, then
 *             +128   name       in so many bytes
 * </pre>
 *
 * The exporter writes it once, before anybody has the memory from it, and reads it never. Whoever
 * reads it believes nothing: {@link #read} looks at each word once and refuses what does not fit.
 *
 * @param name of the pool
 * @param number of the pool in its process
 * @param pid of the exporter, in the exporter's own namespace
 * @param sinceMs when the pool was made, in milliseconds since the epoch
 * @param lanes how many lanes its words have
 * @param timelines how many timelines its words have
 * @param classes of its buffers, the smallest first
 * @param dataBytes of the memory of the buffers
 */
public record PoolNotice(
    String name,
    long number,
    long pid,
    long sinceMs,
    int lanes,
    int timelines,
    List<SizeClass> classes,
    long dataBytes) {
  static final long MAGIC = 0x746f_7065_7274_6e65L;
  static final long VERSION = 3;
  static final long NOTICE_BYTES = 512;

  private static final long VERSION_WORD = 8;
  private static final long NUMBER = 16;
  private static final long PROCESS = 24;
  private static final long SINCE = 32;
  private static final long BUFFERS = 40;
  private static final long LANES = 48;
  private static final long SLOTS = 56;
  private static final long TIMELINES = 64;
  private static final long JOBS = 72;
  private static final long CLASSES = 80;
  private static final long DATA = 88;
  private static final long NAME_LENGTH = 96;
  private static final long NAME = 128;
  private static final int NAME_BYTES = (int) (NOTICE_BYTES - NAME);
  private static final long CLASS_BYTES = 2L * Words.WORD_BYTES;

  /** More than any pool has: what a reader must not go beyond, whoever wrote the notice. */
  private static final int MAX_CLASSES = 4096;

  /** Bytes of a control memory with so many bytes of words. */
  static long controlBytes(long wordsBytes, int classes) {
    return wordsBytes + classes * CLASS_BYTES + NOTICE_BYTES;
  }

  /** The most that there is in a control memory of this version. */
  static long maxControlBytes() {
    int most = Lanes.MAX_BUFFERS;
    return controlBytes(
        PoolDescriptor.byteSize(most, PoolCore.LANES, PoolCore.TIMELINES), MAX_CLASSES);
  }

  /** How many buffers. */
  public int buffers() {
    return classes.stream().mapToInt(SizeClass::buffers).sum();
  }

  /** How the words of the pool lie in the memory that has this notice. */
  PoolDescriptor layout(Words control) {
    return new PoolDescriptor(control.base(), buffers(), lanes, timelines);
  }

  // ---------------------------------------------------------------- writing

  /** Puts this at the end of a control memory of that many words and classes. */
  void write(Words control) {
    long notice = control.base() + control.byteSize() - NOTICE_BYTES;
    long at = notice - classes.size() * CLASS_BYTES;
    for (SizeClass sizeClass : classes) {
      control.setPlain(at, sizeClass.bufferBytes());
      control.setPlain(at + Words.WORD_BYTES, sizeClass.buffers());
      at += CLASS_BYTES;
    }
    control.setPlain(notice + VERSION_WORD, VERSION);
    control.setPlain(notice + NUMBER, number);
    control.setPlain(notice + PROCESS, pid);
    control.setPlain(notice + SINCE, sinceMs);
    control.setPlain(notice + BUFFERS, buffers());
    control.setPlain(notice + LANES, lanes);
    control.setPlain(notice + SLOTS, Port.MAPPINGS);
    control.setPlain(notice + TIMELINES, timelines);
    control.setPlain(notice + JOBS, PoolDescriptor.JOBS);
    control.setPlain(notice + CLASSES, classes.size());
    control.setPlain(notice + DATA, dataBytes);
    byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
    int length = Math.min(bytes.length, NAME_BYTES);
    control.setPlain(notice + NAME_LENGTH, length);
    ByteBuffer padded = ByteBuffer.wrap(Arrays.copyOf(bytes, NAME_BYTES));
    padded.order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < length; i += Words.WORD_BYTES) {
      control.setPlain(notice + NAME + i, padded.getLong(i));
    }
    control.setRelease(notice, MAGIC);
  }

  // ---------------------------------------------------------------- reading

  /**
   * Reads the notice of a control memory that anybody may have written.
   *
   * @throws IllegalStateException when it has none, or one that does not fit it: why
   */
  static PoolNotice read(Words control) {
    long end = control.base() + control.byteSize();
    require(control.byteSize() >= NOTICE_BYTES, control.byteSize() + " bytes hold no notice");
    long notice = end - NOTICE_BYTES;
    long magic = control.getAcquire(notice);
    require(
        magic == MAGIC,
        "its notice begins with 0x" + Long.toHexString(magic) + ", which is no pool's");
    long version = control.getOpaque(notice + VERSION_WORD);
    require(
        version == VERSION,
        "its notice is of version " + version + ", which " + VERSION + " cannot read");
    int buffers = number(control, notice + BUFFERS, "buffers", 1, Lanes.MAX_BUFFERS);
    int lanes = number(control, notice + LANES, "lanes", PoolCore.LANES, PoolCore.LANES);
    int timelines =
        number(control, notice + TIMELINES, "timelines", PoolCore.TIMELINES, PoolCore.TIMELINES);
    number(control, notice + SLOTS, "mapping slots of a lane", Port.MAPPINGS, Port.MAPPINGS);
    number(control, notice + JOBS, "jobs", PoolDescriptor.JOBS, PoolDescriptor.JOBS);
    int classes = number(control, notice + CLASSES, "size classes", 1, MAX_CLASSES);
    long needed = controlBytes(PoolDescriptor.byteSize(buffers, lanes, timelines), classes);
    require(
        needed <= control.byteSize(),
        "its notice tells of " + needed + " bytes, of which it has " + control.byteSize());
    long dataBytes = control.getOpaque(notice + DATA);
    require(dataBytes >= 1, "its notice tells of " + dataBytes + " bytes of data");
    return new PoolNotice(
        name(control, notice),
        control.getOpaque(notice + NUMBER),
        control.getOpaque(notice + PROCESS),
        control.getOpaque(notice + SINCE),
        lanes,
        timelines,
        classes(control, notice - classes * CLASS_BYTES, classes, buffers),
        dataBytes);
  }

  private static String name(Words control, long notice) {
    int length = number(control, notice + NAME_LENGTH, "bytes of a name", 0, NAME_BYTES);
    ByteBuffer bytes = ByteBuffer.allocate(NAME_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < length; i += Words.WORD_BYTES) {
      bytes.putLong(i, control.getOpaque(notice + NAME + i));
    }
    return new String(bytes.array(), 0, length, StandardCharsets.UTF_8);
  }

  private static List<SizeClass> classes(Words control, long place, int classes, int buffers) {
    List<SizeClass> read = new ArrayList<>();
    int left = buffers;
    for (int i = 0; i < classes; i++) {
      long at = place + i * CLASS_BYTES;
      long bufferBytes = control.getOpaque(at);
      require(bufferBytes >= 1, "its notice tells of buffers of " + bufferBytes + " bytes");
      int count = number(control, at + Words.WORD_BYTES, "buffers of a size", 1, left);
      read.add(new SizeClass(bufferBytes, count));
      left -= count;
    }
    require(left == 0, "its notice has " + left + " buffers of no size");
    return List.copyOf(read);
  }

  private static int number(Words control, long place, String what, int least, int most) {
    long read = control.getOpaque(place);
    require(
        read >= least && read <= most,
        "its notice tells of "
            + read
            + " "
            + what
            + ", which is not "
            + (least == most ? least : "within " + least + " to " + most));
    return (int) read;
  }

  private static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new IllegalStateException(otherwise);
    }
  }
}
