package io.entrepot.internal.flow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.internal.memory.SharedMemory;
import io.entrepot.internal.memory.SystemCall;
import io.entrepot.internal.memory.Words;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Sleeping on words that only the other side can write, each in a mapping of its own. */
@EnabledOnOs(value = OS.LINUX, disabledReason = "futexes are Linux's")
class RingSleepersTest {
  private static final long LIMIT_NS = TimeUnit.SECONDS.toNanos(60);
  private static final int ASLEEP = 3;

  private final SharedMemory producer = SharedMemory.create("producer", Words.PAD_BYTES);
  private final SharedMemory reader = SharedMemory.create("reader", Words.PAD_BYTES);
  private final RingSleepers ofReader = sleepers(false);
  private final RingSleepers ofProducer = sleepers(true);
  private final AtomicBoolean isThere = new AtomicBoolean();

  private RingSleepers sleepers(boolean isProducer) {
    Words wake = Words.over(producer.map(isProducer, Arena.ofAuto()));
    Words count = Words.over(reader.map(!isProducer, Arena.ofAuto()));
    return new RingSleepers(wake, wake.base(), count, count.base());
  }

  private FutureTask<Boolean> sleep(long timeoutNs) {
    FutureTask<Boolean> task = new FutureTask<>(() -> ofReader.await(isThere::get, timeoutNs));
    Thread.ofPlatform().daemon().start(task);
    return task;
  }

  @Test
  void sleepersAreWokenThroughAMappingThatTheyCannotWrite() throws Exception {
    FutureTask<Boolean> first = sleep(LIMIT_NS);
    FutureTask<Boolean> second = sleep(LIMIT_NS);
    FutureTask<Boolean> third = sleep(LIMIT_NS);
    // Woken in vain they sleep again, so that in the end all sleep at a time.
    long startNs = System.nanoTime();
    while (ofProducer.wake() != ASLEEP) {
      assertTrue(System.nanoTime() - startNs < LIMIT_NS, "they never slept all at a time");
      Thread.onSpinWait();
    }
    isThere.set(true);
    ofProducer.wake();
    assertTrue(first.get() && second.get() && third.get());
    assertEquals(0, ofProducer.wake(), "nobody sleeps, and nobody is counted");
    assertFalse(ofProducer.areWoken());
  }

  /**
   * A futex that is to be requeued: whom nobody can wake, and who must not be anybody's failure.
   */
  @Test
  void whoSleepsInAWayThatTheKernelDoesNotWakeHarmsNobody() throws Exception {
    int waitRequeuePi = 11;
    long at = producer.map(false, Arena.global()).address();
    MemorySegment own = Arena.global().allocate(Words.PAD_BYTES, Words.PAD_BYTES);
    MemorySegment until = Arena.global().allocate(ValueLayout.JAVA_LONG, 2);
    until.setAtIndex(ValueLayout.JAVA_LONG, 0, System.nanoTime() / 1_000_000_000L + 2);
    ofReader.arm();
    AtomicBoolean over = new AtomicBoolean();
    Thread waiting =
        Thread.ofPlatform()
            .daemon()
            .start(() -> {
              SystemCall.FUTEX.call(at, waitRequeuePi, 0, until.address(), own.address(), 0);
              over.set(true);
            });
    while (!over.get()) {
      // The wake word stays what it is, so that it sleeps: this is the producer's call alone.
      ofReader.wakeHere();
    }
    waiting.join();
    ofReader.disarm();
  }

  @Test
  void aSleepEndsWithItsTime() throws Exception {
    assertFalse(sleep(TimeUnit.MILLISECONDS.toNanos(2)).get());
    assertFalse(ofProducer.areWoken());
  }

  @Test
  void whatIsThereIsNotSleptFor() throws Exception {
    isThere.set(true);
    assertTrue(sleep(Long.MAX_VALUE).get());
  }

  @Test
  void anInterruptEndsASleepAndStays() throws Exception {
    FutureTask<Boolean> slept =
        new FutureTask<>(() -> {
          boolean answer = ofReader.await(isThere::get, Long.MAX_VALUE);
          assertTrue(Thread.interrupted());
          return answer;
        });
    Thread thread = Thread.ofPlatform().daemon().start(slept);
    long startNs = System.nanoTime();
    while (ofProducer.wake() == 0) {
      assertTrue(System.nanoTime() - startNs < LIMIT_NS, "it never slept");
      Thread.onSpinWait();
    }
    thread.interrupt();
    assertFalse(slept.get());
  }
}
