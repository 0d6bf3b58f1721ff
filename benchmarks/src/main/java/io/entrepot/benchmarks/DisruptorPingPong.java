package io.entrepot.benchmarks;

import com.lmax.disruptor.AlertException;
import com.lmax.disruptor.BusySpinWaitStrategy;
import com.lmax.disruptor.RingBuffer;
import com.lmax.disruptor.Sequence;
import com.lmax.disruptor.SequenceBarrier;
import com.lmax.disruptor.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * An event of a Disruptor that another thread answers with one of another: two rings, each with one
 * producer and one reader that spins. Nobody touches the events.
 */
@State(Scope.Thread)
public class DisruptorPingPong implements PingPong {
  private final AtomicReference<Throwable> failure = new AtomicReference<>();
  private final Way there = new Way();
  private final Way back = new Way();
  private Thread answering;

  /** A ring from one thread to the other. */
  private static final class Way {
    private final RingBuffer<Object> ring =
        RingBuffer.createSingleProducer(Object::new, FramePools.DEPTH, new BusySpinWaitStrategy());
    private final SequenceBarrier barrier = ring.newBarrier();
    private final Sequence taken = new Sequence();

    Way() {
      ring.addGatingSequences(taken);
    }

    void publish() {
      ring.publish(ring.next());
    }

    void take() throws AlertException, InterruptedException, TimeoutException {
      long next = taken.get() + 1;
      barrier.waitFor(next);
      taken.set(next);
    }
  }

  @Override
  @Setup
  public void open() {
    answering = Thread.ofPlatform().daemon().name("answering").start(this::answerAll);
  }

  private void answerAll() {
    try {
      while (true) {
        there.take();
        back.publish();
      }
    } catch (AlertException e) {
      // The end.
    } catch (InterruptedException | TimeoutException | RuntimeException e) {
      failure.set(e);
    }
  }

  @Override
  public void goAndComeBack() {
    there.publish();
    try {
      back.take();
    } catch (AlertException | InterruptedException | TimeoutException e) {
      throw new IllegalStateException("no answer", e);
    }
  }

  @Override
  @TearDown
  public void close() throws InterruptedException {
    there.barrier.alert();
    answering.join();
    if (failure.get() != null) {
      throw new IllegalStateException("not every event was answered", failure.get());
    }
  }
}
