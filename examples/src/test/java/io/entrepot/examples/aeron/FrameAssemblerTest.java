package io.entrepot.examples.aeron;

import static io.aeron.logbuffer.ControlledFragmentHandler.Action.ABORT;
import static io.aeron.logbuffer.ControlledFragmentHandler.Action.CONTINUE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aeron.logbuffer.ControlledFragmentHandler.Action;
import io.entrepot.flow.Broadcast;
import io.entrepot.flow.BufferPool;
import io.entrepot.flow.FeedReader;
import io.entrepot.flow.FeedWriter;
import io.entrepot.flow.FramePort;
import io.entrepot.flow.Overflow;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.View;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32C;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Fragments that no honest sender sends, given straight to the assembler. */
@Timeout(60)
class FrameAssemblerTest {
  private static final int BUFFERS = 4;
  private static final int BUFFER_BYTES = 1000;
  private static final int FRAGMENT_BYTES = 100;
  private static final int HEADER_BYTES = FragmentDescriptor.HEADER_BYTES;

  /** A message somewhere in a term, with other bytes around it. */
  private static final int INDEX = 64;

  private final BufferPool pool = BufferPool.offHeap("pool", BUFFER_BYTES, BUFFERS);
  private final Broadcast feed = pool.broadcast("feed");
  private final FeedReader reader = feed.join("reader", Access.READ, Overflow.BLOCK, BUFFERS);
  private final FramePort port = reader.open();
  private final FeedWriter writer = feed.writer();
  private final List<String> log = new ArrayList<>();
  private final FrameAssembler assembler =
      new FrameAssembler(writer, Duration.ofHours(1), log::add);
  private final FrameSource source = new FrameSource("the test");
  private final UnsafeBuffer term = new UnsafeBuffer(ByteBuffer.allocateDirect(4096));
  private final List<Long> numbers = new ArrayList<>();

  /** The words and bytes of one message. */
  private record Fragment(
      long sequence,
      long timestamp,
      long validOffset,
      long validLength,
      long offset,
      byte[] bytes) {
    /** As it goes over the wire. */
    byte[] message() {
      var header = new FragmentHeader();
      header.sequence = sequence;
      header.timestamp = timestamp;
      header.validOffset = validOffset;
      header.validLength = validLength;
      header.offset = offset;
      var message = new UnsafeBuffer(new byte[HEADER_BYTES + bytes.length]);
      header.write(message, 0);
      message.putBytes(HEADER_BYTES, bytes);
      return message.byteArray();
    }
  }

  @AfterEach
  void nothingIsHeldInTheEnd() {
    writer.close();
    port.close();
    reader.close();
    feed.close();
    pool.close(); // says who holds what, if anybody does
  }

  // ---------------------------------------------------------------- single fragments

  @ParameterizedTest
  @CsvSource({
    "-1, 0, 10, 0, 10, its sequence is -1",
    "0, -1, 10, 0, 10, its valid range is 10 bytes from -1 on",
    "0, 0, -1, 0, 0, its valid range is -1 bytes from 0 on",
    "0, 9223372036854775807, 1, 0, 1, its valid range is 1 bytes from 9223372036854775807 on",
    "0, 1, 9223372036854775807, 0, 1, its valid range is 9223372036854775807 bytes from 1 on",
    "0, 0, 10, -1, 10, 10 bytes at -1 are not within 10 valid ones",
    "0, 0, 10, 1, 10, 10 bytes at 1 are not within 10 valid ones",
    "0, 0, 10, 9223372036854775807, 10, not within 10 valid ones",
    "0, 0, 10, 11, 0, 0 bytes at 11 are not within 10 valid ones",
    "0, 0, 10, 0, 0, it has no byte of 10",
    "0, 0, 0, 0, 1, 1 bytes at 0 are not within 0 valid ones",
    "0, 0, 1001, 0, 10, has 1001 bytes from 0 on; a buffer here has 1000",
    "0, 1, 1000, 0, 10, has 1000 bytes from 1 on; a buffer here has 1000",
    "0, 1001, 0, 0, 0, has 0 bytes from 1001 on; a buffer here has 1000",
    "0, 0, 9223372036854775807, 0, 10, has 9223372036854775807 bytes from 0 on; a buffer here"
  })
  void aFragmentThatMakesNoSenseIsRefused(
      long sequence, long validOffset, long validLength, long offset, int length, String why) {
    assertEquals(
        CONTINUE,
        give(new Fragment(sequence, 7, validOffset, validLength, offset, new byte[length])));
    assertRefused(why);
  }

  @Test
  void aFrameOfTheLastByteOfABufferFits() {
    give(new Fragment(0, 0, BUFFER_BYTES - 1, 1, 0, new byte[1]));
    give(new Fragment(1, 1, BUFFER_BYTES, 0, 0, new byte[0]));
    give(new Fragment(2, 2, 0, BUFFER_BYTES, 0, new byte[BUFFER_BYTES]));
    assertEquals(3, assembler.frames());
    assertEquals(List.of(), log);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 4, 8, 47})
  void aMessageShorterThanAHeaderIsRefused(int length) {
    assertEquals(CONTINUE, give(frame(0, 10).getFirst().message(), length));
    assertRefused("it has " + length + " bytes, a header has 48");
  }

  @Test
  void aMessageOfSomethingElseIsRefused() {
    byte[] message = frame(0, 10).getFirst().message();
    message[3]++;
    give(message, message.length);
    assertRefused("it begins with 02465045, a fragment of ours with 01465045");
  }

  @Test
  void anUnknownTypeIsRefused() {
    byte[] message = frame(0, 10).getFirst().message();
    message[FragmentDescriptor.TYPE_OFFSET] = 3;
    give(message, message.length);
    assertRefused("its type is 3");
  }

  @Test
  void nothingComesAfterTheEnd() {
    var end = new FragmentHeader();
    end.setEnd(0);
    var message = new UnsafeBuffer(new byte[HEADER_BYTES]);
    end.write(message, 0);
    give(message.byteArray(), HEADER_BYTES);
    assertEquals(1, assembler.ends());
    frame(0, 10).forEach(this::give);
    assertRefused("it comes after the end");
  }

  // ---------------------------------------------------------------- runs of fragments

  @Test
  void aFrameWithoutOneOfItsFragmentsIsNotPublished() {
    for (int missing = 0; missing < 3; missing++) {
      List<Fragment> fragments = new ArrayList<>(frame(missing, 300));
      fragments.remove(missing);
      fragments.forEach(this::give);
    }
    frame(3, 300).forEach(this::give);
    assertEquals(List.of(3L), readAll());
    assertEquals(3, assembler.received().brokenOff());
    assertEquals(0, assembler.received().missing());
    assertEquals(BUFFERS, pool.statistics().free());
  }

  @Test
  void aFrameThatWasThereBeforeIsRefused() {
    frame(5, 300).forEach(this::give);
    frame(5, 300).forEach(this::give);
    frame(4, 50).forEach(this::give);
    assertEquals(List.of(5L), readAll());
    assertEquals(2, assembler.received().refused());
    assertTrue(log.getFirst().contains("frame 5 was there before"), log::toString);
  }

  @Test
  void aFrameThatIsBegunAgainArrives() {
    List<Fragment> fragments = frame(0, 300);
    give(fragments.get(0));
    give(fragments.get(1));
    fragments.forEach(this::give);
    assertEquals(List.of(0L), readAll());
    assertEquals(1, assembler.received().brokenOff());
  }

  @Test
  void framesThatAreMissingAreCounted() {
    for (long sequence : new long[] {10, 11, 15, 16, 20}) {
      frame(sequence, 150).forEach(this::give);
      readAll();
    }
    assertEquals(3 + 3, assembler.received().missing());
    assertEquals(5, assembler.frames());
  }

  @Test
  void anotherSourceWaitsForItsTurnAndGetsIt() {
    FrameSource other = new FrameSource("another");
    List<Fragment> ours = frame(0, 200);
    List<Fragment> next = frame(1, 200);
    List<Fragment> theirs = frame(7, 200);
    assertEquals(CONTINUE, give(source, ours.get(0)));
    assertEquals(ABORT, give(other, theirs.get(0)));
    assertEquals(CONTINUE, give(source, ours.get(1)));
    assertEquals(ABORT, give(source, next.get(0)), "it is the other's turn");
    assertEquals(CONTINUE, give(other, theirs.get(0)));
    assertEquals(ABORT, give(source, next.get(0)));
    assertEquals(CONTINUE, give(other, theirs.get(1)));
    next.forEach(each -> assertEquals(CONTINUE, give(source, each)));
    assertEquals(List.of(0L, 7L, 1L), readAll());
  }

  @Test
  void aSourceThatIsGoneIsNotWaitedFor() {
    FrameSource other = new FrameSource("another");
    give(source, frame(0, 200).get(0));
    assertEquals(ABORT, give(other, frame(7, 200).get(0)));
    assembler.gone(other);
    give(source, frame(0, 200).get(1));
    frame(1, 200).forEach(each -> assertEquals(CONTINUE, give(source, each)));
    assertEquals(List.of(0L, 1L), readAll());
  }

  @Test
  void aFloodOfNonsenseFloodsNoLog() {
    for (int i = 0; i < 1000; i++) {
      give(new byte[0], 0);
    }
    assertEquals(1000, assembler.received().refused());
    assertEquals(10, log.size());
    assertTrue(log.getLast().contains("the 512th"), log::toString);
  }

  // ---------------------------------------------------------------- random

  /** Fragments are lost, repeated and change places: what is published is whole and in order. */
  @Test
  void whateverBecomesOfFragmentsWhatIsPublishedIsWhole() {
    var random = new SplittableRandom(7);
    long published = 0;
    for (int round = 0; round < 3000; round++) {
      List<Fragment> run = new ArrayList<>();
      for (int n = 0; n < 4; n++) {
        run.addAll(frame(round * 4L + n, random.nextInt(NumberedFrames.MIN_BYTES, 500)));
      }
      for (int changes = random.nextInt(4); changes > 0; changes--) {
        int at = random.nextInt(run.size());
        switch (random.nextInt(3)) {
          case 0 -> run.remove(at);
          case 1 -> run.add(random.nextInt(run.size()), run.get(at));
          default -> Collections.swap(run, at, random.nextInt(run.size()));
        }
      }
      for (Fragment each : run) {
        assertEquals(CONTINUE, give(each));
        published += readAll().size(); // checks each
      }
    }
    assertTrue(published > 6000, "most frames arrive: " + published);
    assertEquals(numbers.stream().sorted().distinct().toList(), numbers);
    assertEquals(published, assembler.frames());
    assertTrue(assembler.received().brokenOff() > 0);
    assertTrue(assembler.received().refused() > 0);
  }

  /** Any byte of any message may be anything: nothing is thrown, and an honest sender goes on. */
  @Test
  void whateverTheBytesAreNothingIsThrownAndOthersGoOn() {
    var random = new SplittableRandom(8);
    FrameSource hostile = new FrameSource("a hostile one");
    for (int round = 0; round < 20_000; round++) {
      for (Fragment each : frame(round, random.nextInt(NumberedFrames.MIN_BYTES, 400))) {
        byte[] message = each.message();
        for (int changes = random.nextInt(3); changes > 0; changes--) {
          mutate(message, random);
        }
        int length = random.nextInt(8) == 0 ? random.nextInt(message.length + 1) : message.length;
        assertEquals(CONTINUE, give(hostile, message, length));
        takeUnchecked();
      }
      if (round % 1000 == 999) {
        hostile = replaced(hostile);
      }
    }
    assembler.gone(hostile);
    assertTrue(assembler.received().refused() > 1000);
    assertTrue(assembler.received().brokenOff() > 1000);
    long before = assembler.frames();
    frame(0, 300).forEach(this::give);
    assertEquals(List.of(0L), readAll());
    assertEquals(before + 1, assembler.frames());
  }

  /** A sender that has used up its sequences gets a new session. */
  private FrameSource replaced(FrameSource gone) {
    assembler.gone(gone);
    assertFalse(assembler.isOpen());
    return new FrameSource("a hostile one");
  }

  /** Changes one word of the header to something nasty, or one byte to anything. */
  private static void mutate(byte[] message, SplittableRandom random) {
    var words = new UnsafeBuffer(message);
    long[] nasty = {
      0,
      1,
      -1,
      BUFFER_BYTES,
      BUFFER_BYTES + 1,
      Integer.MAX_VALUE,
      Integer.MIN_VALUE,
      Long.MAX_VALUE,
      Long.MIN_VALUE,
      Long.MAX_VALUE - HEADER_BYTES,
      1L << 32,
      random.nextLong()
    };
    if (random.nextBoolean()) {
      int word = random.nextInt(HEADER_BYTES / Long.BYTES);
      words.putLong(word * Long.BYTES, nasty[random.nextInt(nasty.length)]);
    } else {
      message[random.nextInt(message.length)] = (byte) random.nextInt();
    }
  }

  // ---------------------------------------------------------------- what the tests have in common

  /** The fragments of a frame whose bytes tell its number. */
  private static List<Fragment> frame(long number, int length) {
    byte[] bytes = bytes(number, length);
    List<Fragment> fragments = new ArrayList<>();
    for (int at = 0; at < length; at += FRAGMENT_BYTES) {
      byte[] part = Arrays.copyOfRange(bytes, at, Math.min(length, at + FRAGMENT_BYTES));
      fragments.add(new Fragment(number, number, NumberedFrames.offset(number), length, at, part));
    }
    return fragments;
  }

  private static byte[] bytes(long number, int length) {
    byte[] bytes = new byte[length];
    new Random(number).nextBytes(bytes);
    ByteBuffer words = ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
    words.putLong(0, number);
    if (length >= NumberedFrames.MIN_BYTES) {
      var sum = new CRC32C();
      sum.update(bytes, 0, length - Integer.BYTES);
      words.putInt(length - Integer.BYTES, (int) sum.getValue());
    }
    return bytes;
  }

  private Action give(Fragment fragment) {
    return give(source, fragment);
  }

  private Action give(FrameSource from, Fragment fragment) {
    byte[] message = fragment.message();
    return give(from, message, message.length);
  }

  private Action give(byte[] message, int length) {
    return give(source, message, length);
  }

  private Action give(FrameSource from, byte[] message, int length) {
    term.putBytes(INDEX, message);
    return assembler.onFragment(from, term, INDEX, length);
  }

  private void assertRefused(String why) {
    assertEquals(0, assembler.frames());
    assertEquals(1, assembler.received().refused());
    assertEquals(1, log.size());
    assertTrue(log.getFirst().startsWith("a message of the test is refused: "), log::toString);
    assertTrue(log.getFirst().contains(why.replace(';', ',')), log::toString);
    assertEquals(List.of(), readAll());
  }

  /** Reads what was published, and checks that each frame is what its number says. */
  private List<Long> readAll() {
    List<Long> read = new ArrayList<>();
    while (port.next(0, TimeUnit.NANOSECONDS) instanceof View frame) {
      long number = NumberedFrames.check(frame, port.validOffset(), port.validLength());
      assertEquals(port.timestamp(), number);
      read.add(number);
    }
    port.unmap();
    numbers.addAll(read);
    return read;
  }

  /** Takes what was published, whatever it is, for a hostile sender makes frames too. */
  private void takeUnchecked() {
    while (port.next(0, TimeUnit.NANOSECONDS) instanceof View frame) {
      assertTrue(port.validOffset() + port.validLength() <= frame.byteSize());
    }
    port.unmap();
  }
}
