package io.entrepot.examples.aeron;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.aeron.ExclusivePublication;
import io.aeron.Subscription;
import io.entrepot.flow.Overflow;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.Importer;
import io.entrepot.sharing.Importer.Release;
import io.entrepot.sharing.MappingType;
import io.entrepot.sharing.Need;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Sender, receiver and everything around them on one thread, over UDP and loopback. */
@Timeout(60)
class FrameNetworkTest {
  private static final int SMALL_BYTES = 4096;

  /** Several terms. */
  private static final int LARGE_BYTES = 5 * TestNetwork.TERM_BYTES;

  private static final Duration SOON = Duration.ofMillis(50);

  /** An object of the JDK for a native segment. */
  private static final long SEGMENT_BYTES = 40;

  private static TestNetwork network;

  @BeforeAll
  static void launch() {
    network = new TestNetwork();
  }

  @AfterAll
  static void shutDown() {
    network.close();
  }

  // ---------------------------------------------------------------- frames of all sizes

  /** Both ways of a frame into a term. */
  static Stream<Importer> importers() {
    return Stream.of(
        Importer.viewing("claiming", Access.READ),
        Importer.accepting(
            "offering", Release.BOUNDED, Need.of(MappingType.CPU_WINDOW, Access.READ)));
  }

  @ParameterizedTest
  @MethodSource("importers")
  void framesAroundTheSizeOfAFragmentArriveWhole(Importer importer) {
    try (Subscription subscription = network.subscribe();
        ExclusivePublication publication = publishTo(subscription);
        var there =
            new SendingEnd(
                publication, SMALL_BYTES, importer, Overflow.BLOCK, TestNetwork.PATIENCE);
        var here = new ReceivingEnd(subscription, SMALL_BYTES)) {
      int most = there.sender.maxFragmentBytes();
      int[] lengths = {
        most - 1,
        most,
        most + 1,
        0,
        1,
        NumberedFrames.MIN_BYTES,
        2 * most - 1,
        2 * most,
        2 * most + 1,
        0,
        0,
        SMALL_BYTES - NumberedFrames.MAX_OFFSET
      };
      long fragments = 0;
      for (int length : lengths) {
        TestNetwork.await(() -> work(there, here) >= 0 && there.offer(length));
        fragments += Math.max(1, (length + most - 1) / most);
      }
      finish(there, here);
      assertNumbers(lengths.length, here);
      assertEquals(fragments, there.sender.sent().fragments());
      assertEquals(fragments, here.received().fragments());
      long bytes = Arrays.stream(lengths).asLongStream().sum();
      assertEquals(bytes, here.received().bytes());
      assertEquals(bytes, there.sender.sent().copiedBytes(), "each byte is copied once");
      assertEquals(bytes, here.received().copiedBytes(), "each byte is copied once");
      assertEquals(List.of(), here.log);
    }
  }

  @ParameterizedTest
  @MethodSource("importers")
  void framesLargerThanATermArriveWhole(Importer importer) {
    try (Subscription subscription = network.subscribe();
        ExclusivePublication publication = publishTo(subscription);
        var there =
            new SendingEnd(
                publication, LARGE_BYTES, importer, Overflow.BLOCK, TestNetwork.PATIENCE);
        var here = new ReceivingEnd(subscription, LARGE_BYTES)) {
      for (int n = 0; n < 6; n++) {
        TestNetwork.await(
            () -> work(there, here) >= 0 && there.offer(LARGE_BYTES - NumberedFrames.MAX_OFFSET));
      }
      finish(there, here);
      assertNumbers(6, here);
      assertTrue(there.sender.sent().backPressured() > 0, "a window is smaller than such a frame");
    }
  }

  // ---------------------------------------------------------------- a slow receiver

  @Test
  void aSlowReceiverHoldsTheWriterUpWhereItBlocks() {
    try (Subscription subscription = network.subscribe();
        ExclusivePublication publication = publishTo(subscription);
        var there = new SendingEnd(publication, SMALL_BYTES);
        var here = new ReceivingEnd(subscription, SMALL_BYTES)) {
      TestNetwork.await(publication::isConnected);
      // Nobody receives: what the window takes is sent, then the feed is full, then no more goes.
      TestNetwork.await(() -> {
        boolean isHeldUp = !there.offer(2000);
        return there.sender.doWork() == 0 && isHeldUp && there.sender.sent().backPressured() > 0;
      });
      long most = TestNetwork.TERM_BYTES / 2000 + SendingEnd.DEPTH + 1;
      assertTrue(there.number() <= most, () -> there.number() + " of at most " + most);
      while (there.number() < 100) {
        TestNetwork.await(() -> work(there, here) >= 0 && there.offer(2000));
      }
      finish(there, here);
      assertNumbers(100, here);
      assertEquals(0, there.reader.dropped());
      assertTrue(there.sender.sent().backPressured() > 0);
    }
  }

  @Test
  void aSlowReceiverMakesTheSourceDropItsOldestFrames() {
    try (Subscription subscription = network.subscribe();
        ExclusivePublication publication = publishTo(subscription);
        var there =
            new SendingEnd(publication, SMALL_BYTES, Overflow.DROP_OLDEST, TestNetwork.PATIENCE);
        var here = new ReceivingEnd(subscription, SMALL_BYTES)) {
      TestNetwork.await(publication::isConnected);
      TestNetwork.await(() -> {
        assertTrue(there.offer(2000), "the writer is never held up");
        there.sender.doWork();
        return there.reader.dropped() >= 10;
      });
      finish(there, here);
      long published = there.number();
      FrameSender.Sent sent = there.sender.sent();
      assertEquals(published, sent.frames() + there.reader.dropped());
      assertEquals(sent.frames(), here.received().frames());
      assertEquals(there.reader.dropped(), here.received().missing(), "counted at both ends");
      assertEquals(sent.frames(), here.read.size());
      assertEquals(here.read.stream().sorted().distinct().toList(), here.read, "in order");
      assertEquals(published - 1, here.read.getLast(), "the newest arrives");
    }
  }

  // ---------------------------------------------------------------- no buffer on the other side

  @Test
  void anEmptyPoolThereHoldsTheSenderUpAndLosesNothing() {
    try (Subscription subscription = network.subscribe();
        ExclusivePublication publication = publishTo(subscription);
        var there = new SendingEnd(publication, SMALL_BYTES);
        var here = new ReceivingEnd(subscription, SMALL_BYTES)) {
      TestNetwork.await(() -> {
        there.offer(2000);
        there.sender.doWork();
        here.receiver.doWork(); // and nobody reads
        return there.sender.sent().backPressured() > 0 && here.received().heldUp() > 0;
      });
      assertEquals(ReceivingEnd.BUFFERS, here.received().frames());
      assertEquals(0, here.pool.statistics().free());
      finish(there, here);
      assertNumbers(there.number(), here);
      assertEquals(0, here.received().withoutBuffer());
    }
  }

  @Test
  void anEmptyPoolThereDropsWhatWasHeldUpForTooLong() {
    try (Subscription subscription = network.subscribe();
        ExclusivePublication publication = publishTo(subscription);
        var there = new SendingEnd(publication, SMALL_BYTES);
        var here =
            new ReceivingEnd(subscription, SMALL_BYTES, Duration.ZERO, TestNetwork.PATIENCE)) {
      TestNetwork.await(() -> {
        there.offer(2000);
        there.sender.doWork();
        here.receiver.doWork(); // and nobody reads
        return here.received().withoutBuffer() >= 10;
      });
      here.readAll();
      long last = there.number();
      TestNetwork.await(() -> {
        there.offer(2000); // until there is room again for the newest
        return work(there, here) >= 0 && here.read.getLast() >= last;
      });
      finish(there, here);
      FrameAssembler.Received received = here.received();
      assertEquals(there.sender.sent().frames(), received.frames() + received.withoutBuffer());
      assertEquals(0, received.missing(), "no frame is counted twice");
      assertEquals(0, received.heldUp());
      assertEquals(received.frames(), here.read.size());
      assertTrue(
          here.log.getFirst().contains("no buffer was free within 0 ms"), here.log::toString);
    }
  }

  // ---------------------------------------------------------------- ends that come and go

  @Test
  void aReceiverThatIsRestartedGetsTheFrameAtHandFromItsBeginning() {
    Subscription first = network.subscribe();
    String channel = TestNetwork.channelTo(first);
    try (ExclusivePublication publication = network.publish(channel);
        var there = new SendingEnd(publication, LARGE_BYTES)) {
      int length = LARGE_BYTES - NumberedFrames.MAX_OFFSET;
      try (first;
          var here = new ReceivingEnd(first, LARGE_BYTES)) {
        there.offer(length);
        TestNetwork.await(() -> work(there, here) >= 0 && here.read.size() == 1);
        there.offer(length);
        TestNetwork.await(
            () -> work(there, here) >= 0 && here.received().fragments() > framesOf(there, length));
        assertEquals(1, here.read.size());
      }
      TestNetwork.await(() -> there.sender.doWork() == 0 && !publication.isConnected());
      there.sender.doWork();
      assertEquals(1, there.sender.sent().repeated());
      try (Subscription second = network.subscribeAgain(channel);
          var here = new ReceivingEnd(second, LARGE_BYTES)) {
        there.offer(length);
        finish(there, here);
        assertEquals(List.of(1L, 2L), here.read);
      }
    }
  }

  /** Fragments of one frame. */
  private static long framesOf(SendingEnd there, int length) {
    int most = there.sender.maxFragmentBytes();
    return (length + most - 1) / most;
  }

  @Test
  void aFrameWhoseSenderIsGoneIsNotPublished() {
    try (Subscription subscription = network.subscribe();
        var here = new ReceivingEnd(subscription, LARGE_BYTES)) {
      int length = LARGE_BYTES - NumberedFrames.MAX_OFFSET;
      try (ExclusivePublication publication = publishTo(subscription);
          var there = new SendingEnd(publication, LARGE_BYTES)) {
        there.offer(length);
        TestNetwork.await(() -> work(there, here) >= 0 && here.received().fragments() > 0);
      }
      TestNetwork.await(() -> here.work() == 0 && here.received().brokenOff() == 1);
      assertEquals(List.of(), here.read);
      assertTrue(here.log.getFirst().contains("the sender is gone"), here.log::toString);
      try (ExclusivePublication publication = publishTo(subscription);
          var there = new SendingEnd(publication, LARGE_BYTES)) {
        there.offer(length);
        finish(there, here);
      }
      assertEquals(List.of(0L), here.read);
      assertEquals(1, here.received().brokenOff());
    }
  }

  @Test
  void aFrameOfWhichNothingMoreComesIsGivenUp() {
    try (Subscription subscription = network.subscribe();
        ExclusivePublication publication = publishTo(subscription);
        var there = new SendingEnd(publication, LARGE_BYTES);
        var here = new ReceivingEnd(subscription, LARGE_BYTES, TestNetwork.PATIENCE, SOON)) {
      there.offer(LARGE_BYTES - NumberedFrames.MAX_OFFSET);
      TestNetwork.await(() -> work(there, here) >= 0 && here.received().fragments() > 0);
      TestNetwork.await(() -> here.work() == 0 && here.received().brokenOff() == 1);
      // When the rest comes after all, it is nobody's; the next frame is whole.
      there.offer(100);
      finish(there, here);
      assertEquals(List.of(1L), here.read);
      assertEquals(1, here.received().brokenOff());
      assertTrue(here.log.getFirst().contains("nothing came for 50 ms"), here.log::toString);
    }
  }

  @Test
  void sendersTakeTurns() {
    try (Subscription subscription = network.subscribe();
        ExclusivePublication one = publishTo(subscription);
        ExclusivePublication other = publishTo(subscription);
        var oneEnd = new SendingEnd(one, LARGE_BYTES);
        var otherEnd = new SendingEnd(other, LARGE_BYTES);
        var here = new ReceivingEnd(subscription, LARGE_BYTES)) {
      TestNetwork.await(() -> subscription.imageCount() == 2);
      int length = LARGE_BYTES - NumberedFrames.MAX_OFFSET;
      TestNetwork.await(() -> {
        // Both always have more.
        oneEnd.offer(length);
        otherEnd.offer(length);
        oneEnd.sender.doWork();
        work(otherEnd, here);
        return oneEnd.sender.frames() >= 5 && otherEnd.sender.frames() >= 5;
      });
      oneEnd.end();
      otherEnd.end();
      TestNetwork.await(
          () -> oneEnd.sender.doWork() + work(otherEnd, here) >= 0 && here.receiver.ends() == 2);
      assertEquals(oneEnd.number() + otherEnd.number(), here.read.size());
      assertEquals(0, here.received().brokenOff());
      assertEquals(List.of(), here.log);
    }
  }

  // ---------------------------------------------------------------- clear errors

  @Test
  void aSenderWithoutAReceiverSaysSoWhenItsPatienceIsOver() {
    String channel;
    try (Subscription subscription = network.subscribe()) {
      channel = TestNetwork.channelTo(subscription);
    }
    try (ExclusivePublication publication = network.publish(channel);
        var there = new SendingEnd(publication, SMALL_BYTES, Overflow.BLOCK, SOON)) {
      there.offer(100);
      var failure = assertThrows(NetworkException.class, () -> sendForEver(there));
      assertTrue(
          failure.getMessage().contains("there is no receiver on " + channel), failure::getMessage);
      assertTrue(failure.getMessage().contains("50 ms"), failure::getMessage);
      assertTrue(there.sender.sent().notConnected() > 0);
    }
  }

  @Test
  void aSenderWhoseReceiverMakesNoRoomSaysSoWhenItsPatienceIsOver() {
    try (Subscription subscription = network.subscribe();
        ExclusivePublication publication = publishTo(subscription);
        var there = new SendingEnd(publication, LARGE_BYTES, Overflow.BLOCK, SOON)) {
      TestNetwork.await(publication::isConnected);
      there.offer(LARGE_BYTES - NumberedFrames.MAX_OFFSET);
      var failure = assertThrows(NetworkException.class, () -> sendForEver(there));
      assertTrue(failure.getMessage().contains("receivers made no room"), failure::getMessage);
    }
  }

  @Test
  void aClosedPublicationIsAnError() {
    try (Subscription subscription = network.subscribe()) {
      ExclusivePublication publication = publishTo(subscription);
      try (var there = new SendingEnd(publication, SMALL_BYTES)) {
        publication.close();
        there.offer(100);
        var failure = assertThrows(NetworkException.class, there.sender::doWork);
        assertTrue(failure.getMessage().contains("is closed"), failure::getMessage);
      }
    }
  }

  @Test
  void aPublicationAtItsLastPositionIsAnError() {
    try (Subscription subscription = network.subscribe();
        ExclusivePublication publication =
            network.publish(
                TestNetwork.channelTo(subscription)
                    + "|init-term-id=0|term-id=2147483647|term-offset=0|term-length="
                    + TestNetwork.TERM_BYTES);
        var there = new SendingEnd(publication, LARGE_BYTES);
        var here = new ReceivingEnd(subscription, LARGE_BYTES)) {
      there.offer(LARGE_BYTES - NumberedFrames.MAX_OFFSET);
      var failure =
          assertThrows(
              NetworkException.class, () -> TestNetwork.await(() -> work(there, here) < 0));
      assertTrue(failure.getMessage().contains("greater term-length"), failure::getMessage);
    }
  }

  // ---------------------------------------------------------------- garbage

  /**
   * In steady state sending and receiving allocate nothing but, where the compiler does not see
   * through it, the segment of the byte buffer that {@link TermCopy} gives a view for each copy.
   * When that state begins is the compiler's affair: the run goes on until ten windows of 400
   * frames have been within that. A loop that allocates more shows at least 16 bytes times 400.
   * Over shared memory, where no driver makes it wait, that is soon.
   */
  @Test
  void onlyTheSegmentOfACopyIsEverAllocatedInSteadyState() {
    var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    String channel = "aeron:ipc?mtu=1408";
    try (Subscription subscription = network.subscribe(channel);
        ExclusivePublication publication = network.publish(channel);
        var there = new SendingEnd(publication, SMALL_BYTES);
        var here = new ReceivingEnd(subscription, SMALL_BYTES)) {
      TestNetwork.await(publication::isConnected);
      var windows = new ArrayList<String>();
      for (int good = 0; good < 10; ) {
        assertTrue(windows.size() < 2000, windows::toString);
        long bytes = 0;
        long copies = there.sender.sent().fragments() + here.received().fragments();
        long until = there.sender.frames() + 400;
        while (there.sender.frames() < until) {
          while (there.offer(3000)) {
            // Making them allocates, for the checksum does.
          }
          long before = threads.getCurrentThreadAllocatedBytes();
          there.sender.doWork();
          here.receiver.doWork();
          bytes += threads.getCurrentThreadAllocatedBytes() - before;
          here.readAll();
        }
        copies = there.sender.sent().fragments() + here.received().fragments() - copies;
        windows.add(bytes + " bytes in " + copies + " copies");
        good += bytes <= copies * SEGMENT_BYTES ? 1 : 0;
      }
    }
  }

  // ---------------------------------------------------------------- what the tests have in common

  private static ExclusivePublication publishTo(Subscription subscription) {
    return network.publish(TestNetwork.channelTo(subscription));
  }

  private static int work(SendingEnd there, ReceivingEnd here) {
    return there.sender.doWork() + here.work();
  }

  /** Ends the feed, and lets everything arrive. */
  private static void finish(SendingEnd there, ReceivingEnd here) {
    there.end();
    long ends = here.receiver.ends();
    TestNetwork.await(() -> work(there, here) >= 0 && here.receiver.ends() > ends);
    here.readAll();
    assertTrue(there.sender.isDone());
    assertEquals(0, here.received().refused(), here.log::toString);
  }

  private static void sendForEver(SendingEnd there) {
    TestNetwork.await(() -> there.sender.doWork() < 0);
  }

  private static void assertNumbers(long count, ReceivingEnd here) {
    assertEquals(LongStream.range(0, count).boxed().toList(), here.read);
    assertEquals(count, here.received().frames());
    assertEquals(0, here.received().missing());
    assertEquals(0, here.received().brokenOff());
  }
}
