package io.entrepot.internal.reach;

import io.entrepot.flow.Overflow;
import io.entrepot.flow.Start;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.ColorDescription;
import io.entrepot.sharing.FrameLayout;
import io.entrepot.sharing.Importer;
import io.entrepot.sharing.MappingType;
import io.entrepot.sharing.Need;
import io.entrepot.sharing.Offer;
import io.entrepot.sharing.Plane;
import io.entrepot.sharing.SizeClass;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/**
 * The messages between an exporter's process and an importer's, byte by byte.
 *
 * <p>A message is one packet of a {@code SOCK_SEQPACKET} socket, of {@value #MAX_BYTES} bytes at
 * most, little endian without padding:
 *
 * <pre>
 *  +0   u32  magic    'E' 'N' 'T' 'R'
 *  +4   u16  version  {@value #VERSION}
 *  +6   u16  type     below
 *  +8   u32  length   of the whole message in bytes
 *  +12  u32  request  number that the importer gave its request, repeated in the answer; 0: none
 *  +16       body
 *
 *  text: u16 length in bytes, UTF-8. A list: u16 how many, then the elements. A flag: u8, 0 or 1.
 *  need:   u8 type, u8 access, i64 alignment, flag contiguous
 *  offer:  u8 type, u8 access, i64 alignment, flags contiguous, confidential, revocable, reachable
 *  class:  i64 size of a buffer, i32 how many, i64 offset of the first in the data memory, i64 from
 *          one to the next
 *
 *  from the importer
 *   1 HELLO    i64 features that it knows, text importing process, for people
 *   2 ATTACH   text importer, u8 release, flags handles confidential, allows bounce, needs (16)
 *   3 DETACH   i32 attachment
 *   4 JOIN     i32 attachment, text feed, u8 overflow, i32 depth, i32 which of its reader records,
 *              u8 start, i32 which record for the backlog: -1 where it starts with what is next
 *   5 LEAVE    i32 ring
 *   6 LET_GO   i32 attachment, flag of itself, texts (32) timelines whose work is pending, texts
 *              (64) what cannot be forced: a revocation's answer, no view of it can touch anything
 *              any more
 *   7 LAYOUT   i64 number of a layout that an entry of a ring has
 *
 *  from the exporter
 *  33 WELCOME  i64 features that the pool has, text pool, text exporter, flag zeroes on reuse,
 *              i32 lanes, i32 timelines, i32 reader records, offers (16), classes (64), i64 number
 *              of the data memory
 *              + 3 descriptors: data, the exporter's words, the importer's words; with WRITING
 *              the last two of them
 *  34 REFUSED  u8 why, text
 *  35 ATTACHED i32 attachment, i32 which offer, i32 which need  + with WRITING 1 descriptor: data,
 *              each time the same
 *  36 JOINED   i32 ring  + 1 descriptor: the ring, and behind it, unless the reader starts with
 *              what is next, the ring of its backlog, which is complete
 *  37 DONE
 *  38 REVOKE   i32 attachment, i64 ns until it is evicted
 *  39 GOODBYE  text why: the connection is closed
 *  40 LAYOUT_IS i32 fourcc, i64 modifier, i32 width, i32 height, planes (8), i32 primaries,
 *              i32 transfer, i32 matrix, flag full range
 *              plane: i64 offset, i64 stride, i64 bytes of a row, i32 rows
 *  41 MEMORY   i64 number of another data memory, in which buffers may lie from now on: as the
 *              first one, of at least its size, with buffers at the same places  + 1 descriptor;
 *              not with WRITING
 *  42 MEMORY_GONE  i64 number of a data memory, in which no buffer lies any more; not with WRITING
 *
 *  features, by bits: a process that does not know one that the pool has does not get in
 *   0 WRITING  the data is one importer's to write, and nobody else's to see: it comes with the
 *              answer to that one's attach. It is sealed against shrinking and growing, or secret,
 *              and never another one
 * </pre>
 */
final class WireFormat {
  static final int VERSION = 4;

  /** The feature of a pool whose memory one importer may be granted to write. */
  static final long WRITING = 1;

  static final int MAX_BYTES = 1 << 16;
  static final int MAX_NAME_BYTES = 1 << 10;
  static final int MAX_TEXT_BYTES = 1 << 15;

  /** Of a line in a list, so that a full list fits. */
  static final int MAX_LINE_BYTES = 1 << 9;

  /** Where in a message its length stands. */
  static final int LENGTH = 8;

  private static final int MAGIC = 'E' | 'N' << 8 | 'T' << 16 | 'R' << 24;
  private static final int MAX_OFFERS = 16;
  private static final int MAX_PLANES = 8;
  private static final int MAX_CLASSES = 64;
  private static final int MAX_PENDING = 32;
  private static final int MAX_QUARANTINED = 64;

  private WireFormat() {}

  /** What a message says, with the number of the request that it is, or answers. */
  record Packet(int request, Message message) {}

  /** One of the types above. */
  sealed interface Message {}

  record Hello(long features, String process) implements Message {}

  record Attach(Importer importer) implements Message {}

  record Detach(int attachment) implements Message {}

  record Join(
      int attachment,
      String feed,
      Overflow overflow,
      int depth,
      int reader,
      Start start,
      int backlog)
      implements Message {
    /** No record. */
    static final int NONE = -1;

    /** Of a reader that starts with what is next. */
    Join(int attachment, String feed, Overflow overflow, int depth, int reader) {
      this(attachment, feed, overflow, depth, reader, Start.NEXT, NONE);
    }
  }

  record Leave(int ring) implements Message {}

  record LetGo(
      int attachment, boolean cooperative, List<String> pendingFences, List<String> quarantined)
      implements Message {
    LetGo {
      pendingFences = pendingFences.stream().limit(MAX_PENDING).toList();
      quarantined = quarantined.stream().limit(MAX_QUARANTINED).toList();
    }
  }

  record Layout(long number) implements Message {}

  record LayoutIs(FrameLayout layout) implements Message {}

  record Welcome(
      long features,
      String pool,
      String exporter,
      boolean zeroesOnReuse,
      int lanes,
      int timelines,
      int readers,
      List<Offer> offers,
      List<PlacedClass> classes,
      long memory)
      implements Message {}

  /** A size class and where its buffers lie in the data memory. */
  record PlacedClass(SizeClass sizeClass, long offsetBytes, long strideBytes) {}

  record Refused(Why why, String text) implements Message {}

  record Attached(int attachment, int offer, int need) implements Message {}

  record Joined(int ring) implements Message {}

  record Done() implements Message {}

  record Revoke(int attachment, long timeLeftNs) implements Message {}

  record Goodbye(String why) implements Message {}

  record Memory(long number) implements Message {}

  record MemoryGone(long number) implements Message {}

  /** Why a request was refused: which exception the importer throws. */
  enum Why {
    ATTACH_REFUSED,
    REVOKED,
    ILLEGAL_ARGUMENT,
    ILLEGAL_STATE
  }

  // ---------------------------------------------------------------- encoding

  static byte[] encode(int request, Message message) {
    WireWriter to = new WireWriter();
    to.i32(MAGIC);
    to.u16(VERSION);
    to.u16(type(message));
    to.i32(0);
    to.i32(request);
    switch (message) {
      case Hello(long features, String process) -> {
        to.i64(features);
        to.name(process);
      }
      case Attach(Importer importer) -> attach(to, importer);
      case Detach(int attachment) -> to.i32(attachment);
      case Join join -> {
        to.i32(join.attachment);
        to.name(join.feed);
        to.oneOf(join.overflow);
        to.i32(join.depth);
        to.i32(join.reader);
        to.oneOf(join.start);
        to.i32(join.backlog);
      }
      case Leave(int ring) -> to.i32(ring);
      case LetGo letGo -> {
        to.i32(letGo.attachment);
        to.flag(letGo.cooperative);
        to.list(letGo.pendingFences, to::line);
        to.list(letGo.quarantined, to::line);
      }
      case Welcome welcome -> welcome(to, welcome);
      case Refused(Why why, String text) -> {
        to.oneOf(why);
        to.text(text);
      }
      case Attached(int attachment, int offer, int need) -> {
        to.i32(attachment);
        to.i32(offer);
        to.i32(need);
      }
      case Joined(int ring) -> to.i32(ring);
      case Done() -> {}
      case Revoke(int attachment, long timeLeftNs) -> {
        to.i32(attachment);
        to.i64(timeLeftNs);
      }
      case Goodbye(String why) -> to.text(why);
      case Layout(long number) -> to.i64(number);
      case LayoutIs(FrameLayout layout) -> layout(to, layout);
      case Memory(long number) -> to.i64(number);
      case MemoryGone(long number) -> to.i64(number);
    }
    return to.message();
  }

  private static int type(Message message) {
    return switch (message) {
      case Hello _ -> 1;
      case Attach _ -> 2;
      case Detach _ -> 3;
      case Join _ -> 4;
      case Leave _ -> 5;
      case LetGo _ -> 6;
      case Welcome _ -> 33;
      case Refused _ -> 34;
      case Attached _ -> 35;
      case Joined _ -> 36;
      case Done _ -> 37;
      case Revoke _ -> 38;
      case Goodbye _ -> 39;
      case Layout _ -> 7;
      case LayoutIs _ -> 40;
      case Memory _ -> 41;
      case MemoryGone _ -> 42;
    };
  }

  private static void attach(WireWriter to, Importer importer) {
    to.name(importer.name());
    to.oneOf(importer.release());
    to.flag(importer.handlesConfidential());
    to.flag(importer.allowsBounce());
    to.list(
        importer.needs(),
        need -> {
          to.oneOf(need.type());
          to.oneOf(need.access());
          to.i64(need.alignmentBytes());
          to.flag(need.contiguous());
        });
  }

  private static void welcome(WireWriter to, Welcome welcome) {
    to.i64(welcome.features);
    to.name(welcome.pool);
    to.name(welcome.exporter);
    to.flag(welcome.zeroesOnReuse);
    to.i32(welcome.lanes);
    to.i32(welcome.timelines);
    to.i32(welcome.readers);
    to.list(
        welcome.offers,
        offer -> {
          to.oneOf(offer.type());
          to.oneOf(offer.access());
          to.i64(offer.alignmentBytes());
          to.flag(offer.contiguous());
          to.flag(offer.confidential());
          to.flag(offer.revocable());
          to.flag(offer.nativeReachable());
        });
    to.list(
        welcome.classes,
        placed -> {
          to.i64(placed.sizeClass.bufferBytes());
          to.i32(placed.sizeClass.buffers());
          to.i64(placed.offsetBytes);
          to.i64(placed.strideBytes);
        });
    to.i64(welcome.memory);
  }

  // ---------------------------------------------------------------- decoding

  /**
   * Takes a message apart.
   *
   * @throws WireException when it is not as this class says, with what is wrong
   */
  static Packet decode(byte[] bytes) {
    WireReader from = new WireReader(bytes);
    if (from.i32() != MAGIC) {
      throw new WireException("no message of Entrepot: it begins " + hex(bytes));
    }
    int version = from.u16();
    if (version != VERSION) {
      throw new WireException("version " + version + " of the messages, this is " + VERSION);
    }
    int type = from.u16();
    int length = from.i32();
    if (length != bytes.length) {
      throw new WireException("a message of " + bytes.length + " bytes says that it has " + length);
    }
    int request = from.i32();
    Message message;
    try {
      message = message(type, from);
    } catch (IllegalArgumentException | NullPointerException refusedByTheRecord) {
      throw new WireException("type " + type + ": " + refusedByTheRecord.getMessage());
    }
    from.end();
    return new Packet(request, message);
  }

  private static Message message(int type, WireReader from) {
    return switch (type) {
      case 1 -> new Hello(from.i64(), from.text());
      case 2 -> new Attach(importer(from));
      case 3 -> new Detach(from.i32());
      case 4 ->
          new Join(
              from.i32(),
              from.text(),
              from.oneOf(Overflow.values()),
              from.i32(),
              from.i32(),
              from.oneOf(Start.values()),
              from.i32());
      case 5 -> new Leave(from.i32());
      case 6 ->
          new LetGo(
              from.i32(),
              from.flag(),
              from.list(MAX_PENDING, from::text),
              from.list(MAX_QUARANTINED, from::text));
      case 33 ->
          new Welcome(
              from.i64(),
              from.text(),
              from.text(),
              from.flag(),
              from.i32(),
              from.i32(),
              from.i32(),
              from.list(MAX_OFFERS, () -> offer(from)),
              from.list(MAX_CLASSES, () -> placedClass(from)),
              from.i64());
      case 34 -> new Refused(from.oneOf(Why.values()), from.text());
      case 35 -> new Attached(from.i32(), from.i32(), from.i32());
      case 36 -> new Joined(from.i32());
      case 37 -> new Done();
      case 38 -> new Revoke(from.i32(), from.i64());
      case 39 -> new Goodbye(from.text());
      case 7 -> new Layout(from.i64());
      case 40 -> new LayoutIs(layout(from));
      case 41 -> new Memory(from.i64());
      case 42 -> new MemoryGone(from.i64());
      default -> throw new WireException("there is no message of type " + type);
    };
  }

  private static Importer importer(WireReader from) {
    String name = from.text();
    Importer.Release release = from.oneOf(Importer.Release.values());
    boolean confidential = from.flag();
    boolean bounce = from.flag();
    List<Need> needs =
        from.list(
            MAX_OFFERS,
            () ->
                new Need(
                    from.oneOf(MappingType.values()),
                    from.oneOf(Access.values()),
                    from.i64(),
                    from.flag()));
    return new Importer(name, needs, release, confidential, bounce, timeLeft -> {});
  }

  private static Offer offer(WireReader from) {
    return new Offer(
        from.oneOf(MappingType.values()),
        from.oneOf(Access.values()),
        from.i64(),
        from.flag(),
        from.flag(),
        from.flag(),
        from.flag());
  }

  private static PlacedClass placedClass(WireReader from) {
    SizeClass sizeClass = new SizeClass(from.i64(), from.i32());
    return new PlacedClass(sizeClass, from.i64(), from.i64());
  }

  private static void layout(WireWriter to, FrameLayout layout) {
    to.i32(layout.fourcc());
    to.i64(layout.modifier());
    to.i32(layout.width());
    to.i32(layout.height());
    to.list(
        layout.planes(),
        plane -> {
          to.i64(plane.offsetBytes());
          to.i64(plane.strideBytes());
          to.i64(plane.rowBytes());
          to.i32(plane.rows());
        });
    to.i32(layout.color().primaries());
    to.i32(layout.color().transfer());
    to.i32(layout.color().matrix());
    to.flag(layout.color().fullRange());
  }

  private static FrameLayout layout(WireReader from) {
    return new FrameLayout(
        from.i32(),
        from.i64(),
        from.i32(),
        from.i32(),
        from.list(MAX_PLANES, () -> new Plane(from.i64(), from.i64(), from.i64(), from.i32())),
        new ColorDescription(from.i32(), from.i32(), from.i32(), from.flag()));
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(Arrays.copyOf(bytes, Math.min(bytes.length, 8)));
  }
}
