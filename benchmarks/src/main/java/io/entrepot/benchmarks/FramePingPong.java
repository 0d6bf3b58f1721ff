package io.entrepot.benchmarks;

import io.entrepot.flow.Broadcast;
import io.entrepot.flow.BufferPool;
import io.entrepot.flow.Division;
import io.entrepot.flow.FeedReader;
import io.entrepot.flow.FeedWriter;
import io.entrepot.flow.FramePort;
import io.entrepot.flow.Overflow;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.Importer;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.agrona.concurrent.BusySpinIdleStrategy;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * A frame that goes to another thread, which answers with one of another feed at the sight of it.
 * Each acquires its next buffer while the other is at work, as pipelines do. Nobody touches the
 * bytes: it is the handle that is handed over.
 */
@State(Scope.Thread)
public class FramePingPong implements PingPong {
  private final AtomicReference<Throwable> failure = new AtomicReference<>();
  private final Way there;
  private final Way back;
  private Thread answering;
  private FramePort in;
  private long sent;
  private long answered;

  /** A feed from one thread to the other, over a pool of its own. */
  private static final class Way {
    private final boolean spins;
    private final BufferPool pool;
    private final Broadcast feed;
    private final FeedReader reader;
    private FeedWriter writer;

    Way(String name, long bufferBytes, boolean spins) {
      this.spins = spins;
      pool = BufferPool.offHeap(name, bufferBytes, FramePools.buffers(bufferBytes));
      feed = pool.broadcast(name);
      reader =
          feed.join(
              Importer.viewing("reader", Access.READ),
              Overflow.BLOCK,
              FramePools.DEPTH,
              Division.EACH);
    }

    FramePort open() {
      return spins ? reader.open(BusySpinIdleStrategy.INSTANCE) : reader.open();
    }

    void write() {
      writer = spins ? feed.writer(BusySpinIdleStrategy.INSTANCE) : feed.writer();
    }

    void acquire() {
      FramePools.acquire(writer);
    }

    void close() {
      reader.close();
      feed.close();
      pool.close();
    }
  }

  /**
   * Frames over two pools.
   *
   * @param spins whether both sides spin for as long as they wait; else they do as without an idle
   *     strategy
   */
  FramePingPong(long bufferBytes, boolean spins) {
    there = new Way("there", bufferBytes, spins);
    back = new Way("back", bufferBytes, spins);
  }

  /** Frames of 64 bytes. */
  @State(Scope.Thread)
  public static class Of64B extends FramePingPong {
    /** Both sides spin. */
    public Of64B() {
      super(64, true);
    }
  }

  /** Frames of 4 KiB. */
  @State(Scope.Thread)
  public static class Of4KiB extends FramePingPong {
    /** Both sides spin. */
    public Of4KiB() {
      super(4 << 10, true);
    }
  }

  /** Frames of 64 KiB. */
  @State(Scope.Thread)
  public static class Of64KiB extends FramePingPong {
    /** Both sides spin. */
    public Of64KiB() {
      super(64 << 10, true);
    }
  }

  /** Frames of a mebibyte. */
  @State(Scope.Thread)
  public static class Of1MiB extends FramePingPong {
    /** Both sides spin. */
    public Of1MiB() {
      super(1 << 20, true);
    }
  }

  /** Frames of 12 MiB. */
  @State(Scope.Thread)
  public static class Of12MiB extends FramePingPong {
    /** Both sides spin. */
    public Of12MiB() {
      super(FramePools.LARGEST_FRAME_BYTES, true);
    }
  }

  /** Frames of 64 bytes between sides without an idle strategy. */
  @State(Scope.Thread)
  public static class WithoutStrategy extends FramePingPong {
    /** Both sides spin for 20 microseconds, then park. */
    public WithoutStrategy() {
      super(64, false);
    }
  }

  @Override
  @Setup
  public void open() {
    in = back.open();
    there.write();
    there.acquire();
    answering = Thread.ofPlatform().daemon().name("answering").start(this::answerAll);
  }

  private void answerAll() {
    try (FramePort frames = there.open()) {
      back.write();
      try (FeedWriter out = back.writer) {
        back.acquire();
        while (frames.next(10, TimeUnit.SECONDS) != null) {
          out.publish();
          answered++;
          back.acquire();
        }
      }
    } catch (RuntimeException e) {
      failure.set(e);
    }
  }

  @Override
  public void goAndComeBack() {
    there.writer.publish();
    sent++;
    there.acquire();
    if (in.next(10, TimeUnit.SECONDS) == null) {
      throw new IllegalStateException("no answer", failure.get());
    }
  }

  @Override
  @TearDown
  public void close() throws InterruptedException {
    there.writer.close();
    answering.join();
    in.close();
    there.close();
    back.close();
    if (failure.get() != null || answered != sent) {
      throw new IllegalStateException("not every frame was answered", failure.get());
    }
  }
}
