package io.entrepot.examples.aeron;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.flow.Overflow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Both ends as processes. */
@Timeout(120)
class TwoProcessesTest {
  @TempDir private Path output;

  @Test
  void everyFrameArrivesWholeWhereTheFeedBlocks() throws Exception {
    Plan plan = plan("", Overflow.BLOCK, 30_000);
    String report = TwoProcesses.run(plan);
    SendingProcess.Result there = sent();
    ReceivingProcess.Result here = received();
    assertEquals(plan.total(), there.sent().frames());
    assertEquals(0, there.dropped());
    assertEquals(plan.total(), here.frames());
    assertEquals(0, here.damaged());
    assertEquals(0, here.outOfOrder());
    assertEquals(plan.total() * plan.frameBytes(), here.received().bytes());
    assertEquals(here.received().bytes(), here.received().copiedBytes());
    assertEquals(here.received().bytes(), there.sent().copiedBytes());
    assertEquals(plan.frames(), here.fullSpeed().count());
    assertEquals(plan.paced(), here.paced().count());
    assertEquals(there.buffers(), there.freeAtEnd());
    assertEquals(here.buffers(), here.freeAtEnd());
    assertEquals(report, Files.readString(output.resolve("report.txt")));
    for (String wanted : new String[] {"MB/s", "p99.9", "dropped there", "term to pool"}) {
      assertTrue(report.contains(wanted), report);
    }
  }

  @Test
  void everyFrameIsAccountedForWhereTheFeedDrops() throws Exception {
    Plan plan = plan("", Overflow.DROP_OLDEST, 200_000);
    TwoProcesses.run(plan);
    SendingProcess.Result there = sent();
    ReceivingProcess.Result here = received();
    assertEquals(plan.total(), there.sent().frames() + there.dropped());
    assertEquals(there.sent().frames(), here.frames());
    assertEquals(0, here.damaged());
    assertEquals(0, here.outOfOrder());
    assertTrue(here.received().missing() <= there.dropped());
  }

  @Test
  void aChannelThatIsNoneIsAnError() throws Exception {
    Set<ProcessHandle> before = children();
    var failure =
        assertThrows(
            NetworkException.class,
            () -> TwoProcesses.run(plan("aeron:udp?nonsense=1", Overflow.BLOCK, 1000)));
    assertTrue(failure.getMessage().contains("a process has failed"), failure::getMessage);
    assertEquals(Set.of(), childrenBeside(before));
  }

  @Test
  void aProcessThatIsTerminatedEndsTheOther() throws Exception {
    Set<ProcessHandle> before = children();
    // Too many frames to be done before that.
    var run = new FutureTask<>(() -> TwoProcesses.run(plan("", Overflow.BLOCK, 1000, 100_000)));
    Thread.ofPlatform().start(run);
    TestNetwork.await(() -> childrenBeside(before).size() == 2);
    ProcessHandle one = childrenBeside(before).iterator().next();
    assertTrue(one.destroy());
    var failure = assertThrows(ExecutionException.class, run::get);
    assertEquals(NetworkException.class, failure.getCause().getClass());
    assertEquals(Set.of(), childrenBeside(before));
  }

  private static Set<ProcessHandle> children() {
    return ProcessHandle.current()
        .children()
        .filter(ProcessHandle::isAlive)
        .collect(Collectors.toSet());
  }

  /** Those that have come since: of the others, of earlier tests, some may just be ending. */
  private static Set<ProcessHandle> childrenBeside(Set<ProcessHandle> before) {
    Set<ProcessHandle> children = children();
    children.removeAll(before);
    return children;
  }

  private Plan plan(String channel, Overflow overflow, int frameBytes) {
    return plan(channel, overflow, frameBytes, 20);
  }

  private Plan plan(String channel, Overflow overflow, int frameBytes, long paced) {
    return new Plan(
        channel,
        1001,
        frameBytes,
        20,
        100,
        paced,
        200,
        false,
        overflow,
        16,
        4,
        Duration.ofSeconds(10),
        Duration.ofSeconds(20),
        output);
  }

  private SendingProcess.Result sent() throws IOException {
    return JsonFile.read(output.resolve(SendingProcess.RESULT), SendingProcess.Result.class);
  }

  private ReceivingProcess.Result received() throws IOException {
    return JsonFile.read(output.resolve(ReceivingProcess.RESULT), ReceivingProcess.Result.class);
  }
}
