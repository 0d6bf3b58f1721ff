package io.entrepot.benchmarks;

import com.lmax.disruptor.BusySpinWaitStrategy;
import com.lmax.disruptor.EventHandler;
import com.lmax.disruptor.RingBuffer;
import com.lmax.disruptor.dsl.Disruptor;
import com.lmax.disruptor.dsl.ProducerType;
import com.lmax.disruptor.util.DaemonThreadFactory;
import io.entrepot.flow.Broadcast;
import io.entrepot.flow.BufferPool;
import io.entrepot.flow.Division;
import io.entrepot.flow.FeedReader;
import io.entrepot.flow.FeedWriter;
import io.entrepot.flow.FramePort;
import io.entrepot.flow.Overflow;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.Importer;
import io.entrepot.sharing.View;
import io.entrepot.sharing.WritableView;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.agrona.concurrent.BusySpinIdleStrategy;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Frames from one writer to one reader, as fast as both can: the writer waits when the reader is
 * {@value #DEPTH} frames behind.
 *
 * <p>Who waits for whom decides here, so both kinds of waiting are measured on both sides. A
 * Disruptor's producer parks for a nanosecond when the ring is full, whatever the wait strategy of
 * the reader; to spin, it must ask for room before.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class HandOverBenchmark {
  private static final int DEPTH = 64;
  private static final int BUFFER_BYTES = 4 << 10;

  /** A feed with one reading thread; writer and reader spin when they wait. */
  @State(Scope.Thread)
  public static class Feed {
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private BufferPool pool;
    private Broadcast broadcast;
    private FeedReader reader;
    private FeedWriter writer;
    private Thread reading;
    private long sent;
    private long sum;

    /** Opens the feed and starts the reader. */
    @Setup
    public void open() {
      pool = BufferPool.offHeap("benchmark", BUFFER_BYTES, 2 * DEPTH);
      broadcast = pool.broadcast("benchmark");
      reader =
          broadcast.join(
              Importer.viewing("reader", Access.READ), Overflow.BLOCK, DEPTH, Division.EACH);
      writer = openWriter(broadcast);
      reading = Thread.ofPlatform().daemon().name("reader").start(this::readAll);
    }

    FeedWriter openWriter(Broadcast feed) {
      return feed.writer(BusySpinIdleStrategy.INSTANCE);
    }

    FramePort openReader(FeedReader feed) {
      return feed.open(BusySpinIdleStrategy.INSTANCE);
    }

    private void readAll() {
      try (FramePort port = openReader(reader)) {
        while (!port.isEnded()) {
          View frame = port.next(10, TimeUnit.SECONDS);
          if (frame != null) {
            sum += frame.getLong(0);
          }
        }
      } catch (RuntimeException e) {
        failure.set(e);
      }
    }

    void write() {
      WritableView frame = writer.acquire(10, TimeUnit.SECONDS);
      if (frame == null) {
        throw new IllegalStateException("no buffer", failure.get());
      }
      frame.putLong(0, sent++);
      writer.publish();
    }

    /** Ends the feed, and checks that the reader saw all of it. */
    @TearDown
    public void close() throws InterruptedException {
      writer.close();
      reading.join();
      reader.close();
      broadcast.close();
      pool.close();
      if (failure.get() != null || sum != sent * (sent - 1) / 2) {
        throw new IllegalStateException("not every frame arrived", failure.get());
      }
    }
  }

  /** A feed whose writer parks when it waits. */
  @State(Scope.Thread)
  public static class WriterParks extends Feed {
    @Override
    FeedWriter openWriter(Broadcast feed) {
      return feed.writer();
    }
  }

  /** A feed as it is without a strategy: both spin briefly, then park. */
  @State(Scope.Thread)
  public static class BothPark extends WriterParks {
    @Override
    FramePort openReader(FeedReader feed) {
      return feed.open();
    }
  }

  /** A frame of a feed. */
  @Benchmark
  public void feed(Feed feed) {
    feed.write();
  }

  /** A frame of a feed to a reader that spins, from a writer that parks. */
  @Benchmark
  public void feedWriterParks(WriterParks feed) {
    feed.write();
  }

  /** A frame of a feed without idle strategies. */
  @Benchmark
  public void feedBothPark(BothPark feed) {
    feed.write();
  }

  /** A ring of segments. */
  @State(Scope.Thread)
  public static class Ring {
    private final CountDownLatch started = new CountDownLatch(1);
    private Arena arena;
    private Disruptor<Slot> disruptor;
    private RingBuffer<Slot> ring;
    private long sent;
    private long sum;

    private record Slot(MemorySegment bytes) {}

    /** Starts the reader. */
    @Setup
    public void open() throws InterruptedException {
      arena = Arena.ofShared();
      disruptor =
          new Disruptor<>(
              () -> new Slot(arena.allocate(BUFFER_BYTES, 64)),
              DEPTH,
              DaemonThreadFactory.INSTANCE,
              ProducerType.SINGLE,
              new BusySpinWaitStrategy());
      disruptor.handleEventsWith(new Reader());
      ring = disruptor.start();
      // A shutdown takes what is there from those readers only that have started.
      started.await();
    }

    private final class Reader implements EventHandler<Slot> {
      @Override
      public void onStart() {
        started.countDown();
      }

      @Override
      public void onEvent(Slot slot, long sequence, boolean endOfBatch) {
        sum += slot.bytes().get(ValueLayout.JAVA_LONG, 0);
      }
    }

    void writeSpinning() {
      while (!ring.hasAvailableCapacity(1)) {
        Thread.onSpinWait();
      }
      write();
    }

    void write() {
      long sequence = ring.next();
      ring.get(sequence).bytes().set(ValueLayout.JAVA_LONG, 0, sent++);
      ring.publish(sequence);
    }

    /** Stops the reader, which first takes what is there. */
    @TearDown
    public void close() {
      disruptor.shutdown();
      arena.close();
      if (sum != sent * (sent - 1) / 2) {
        throw new IllegalStateException("not every event arrived");
      }
    }
  }

  /** An event of a Disruptor that writes in place: no pool beside the ring, no view, no policy. */
  @Benchmark
  public void disruptor(Ring ring) {
    ring.writeSpinning();
  }

  /** The same with a producer that parks as the Disruptor's own waiting does. */
  @Benchmark
  public void disruptorWriterParks(Ring ring) {
    ring.write();
  }
}
