package io.entrepot.internal.reach;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.flow.Overflow;
import io.entrepot.flow.Start;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.Importer;
import io.entrepot.sharing.MappingType;
import io.entrepot.sharing.Offer;
import io.entrepot.sharing.SizeClass;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What is no message is told to be none, and costs no more than a message. */
class WireFormatTest {
  private static final int MUTATIONS = 50_000;
  private static final long SEED = 0x5EED_C13L;

  /** Text becomes UTF-16, elements become objects: so many bytes for one that came. */
  private static final long BYTES_EACH = 64;

  /** What the first use of a class, or of a sentence, takes. */
  private static final long BYTES_BESIDE = 1 << 20;

  private static final List<WireFormat.Message> ALL =
      List.of(
          new WireFormat.Hello(3, "process"),
          new WireFormat.Attach(Importer.viewing("näme", Access.READ)),
          new WireFormat.Detach(1),
          new WireFormat.Join(1, "feed", Overflow.BLOCK, 8, 2, Start.OLDEST, 3),
          new WireFormat.Leave(4),
          new WireFormat.LetGo(1, true, List.of("a timeline"), List.of("a lease", "another")),
          new WireFormat.Welcome(
              0,
              "pool",
              "exporter",
              true,
              64,
              256,
              64,
              List.of(new Offer(MappingType.VIEW, Access.READ, 64, true, false, true, true)),
              List.of(new WireFormat.PlacedClass(new SizeClass(4096, 16), 0, 4096)),
              7),
          new WireFormat.Refused(WireFormat.Why.REVOKED, "no"),
          new WireFormat.Attached(1, 0, 0),
          new WireFormat.Joined(2),
          new WireFormat.Done(),
          new WireFormat.Revoke(1, 5_000),
          new WireFormat.Goodbye("over"),
          new WireFormat.Memory(1),
          new WireFormat.MemoryGone(0));

  @Test
  void everyMessageIsReadAsItWasWritten() {
    for (WireFormat.Message message : ALL) {
      byte[] bytes = WireFormat.encode(9, message);
      WireFormat.Packet packet = WireFormat.decode(bytes);
      assertArrayEquals(bytes, WireFormat.encode(packet.request(), packet.message()));
    }
  }

  @Test
  void everyMessageThatIsCutShortOrTooLongIsRefused() {
    for (WireFormat.Message message : ALL) {
      byte[] whole = WireFormat.encode(9, message);
      for (int length = 0; length < whole.length + 9; length++) {
        byte[] cut = Arrays.copyOf(whole, length);
        if (length != whole.length) {
          assertThrows(WireException.class, () -> WireFormat.decode(cut), message::toString);
          if (length >= 12) {
            length(cut);
            assertThrows(WireException.class, () -> WireFormat.decode(cut), message::toString);
          }
        }
      }
    }
  }

  @Test
  void whateverComesIsAMessageOrRefusedAndCostsNoMoreThanItsSize() {
    SplittableRandom random = new SplittableRandom(SEED);
    com.sun.management.ThreadMXBean threads =
        (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    int taken = 0;
    int refused = 0;
    for (int i = 0; i < MUTATIONS; i++) {
      byte[] bytes = mutation(random);
      long before = threads.getCurrentThreadAllocatedBytes();
      try {
        WireFormat.decode(bytes);
        taken++;
      } catch (WireException malformed) {
        refused++;
      } catch (RuntimeException | Error other) {
        throw new AssertionError("mutation " + i + ": " + Arrays.toString(bytes), other);
      }
      long cost = threads.getCurrentThreadAllocatedBytes() - before;
      int number = i;
      assertTrue(
          cost <= BYTES_BESIDE + BYTES_EACH * bytes.length,
          () -> "mutation " + number + " of " + bytes.length + " bytes cost " + cost);
    }
    assertTrue(taken > MUTATIONS / 100, "only " + taken + " were messages");
    assertTrue(refused > MUTATIONS / 4, "only " + refused + " were none");
  }

  private static byte[] mutation(SplittableRandom random) {
    byte[] bytes = WireFormat.encode(random.nextInt(), ALL.get(random.nextInt(ALL.size())));
    int room = random.nextInt(20) == 0 ? random.nextInt(WireFormat.MAX_BYTES) : bytes.length;
    if (random.nextInt(4) == 0) {
      int old = bytes.length;
      bytes = Arrays.copyOf(bytes, 16 + random.nextInt(Math.max(1, room)));
      for (int at = old; at < bytes.length; at++) {
        bytes[at] = (byte) random.nextInt();
      }
    }
    for (int changes = random.nextInt(4); changes > 0; changes--) {
      int at = random.nextInt(10) == 0 ? random.nextInt(16) : 6 + random.nextInt(bytes.length - 6);
      bytes[at] = random.nextBoolean() ? (byte) random.nextInt() : (byte) -random.nextInt(2);
    }
    if (random.nextInt(10) != 0) {
      length(bytes);
    }
    return bytes;
  }

  /** Makes it say how long it is. */
  private static void length(byte[] bytes) {
    for (int i = 0; i < 4; i++) {
      bytes[WireFormat.LENGTH + i] = (byte) (bytes.length >>> 8 * i);
    }
  }

  @Test
  void listsAreLimitedBeforeTheyAreMade() {
    byte[] welcome = WireFormat.encode(1, ALL.get(5));
    // Attachment and flag, then how many texts.
    welcome[16 + 5] = (byte) 0xFF;
    welcome[16 + 6] = (byte) 0xFF;
    String message =
        assertThrows(WireException.class, () -> WireFormat.decode(welcome)).getMessage();
    assertTrue(message.contains("65535") && message.contains("32"), message);
  }

  @Test
  void aFullListOfLongLinesFits() {
    String line = "x".repeat(4_000);
    List<String> many = Collections.nCopies(100, line);
    byte[] bytes = WireFormat.encode(1, new WireFormat.LetGo(1, false, many, many));
    assertTrue(bytes.length <= WireFormat.MAX_BYTES);
    WireFormat.decode(bytes);
  }
}
