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
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
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
public class FramePingPong implements Pairable<Supplier<Answering>> {
  private final Way there;
  private final Way back;
  private OtherSide answering;
  private FramePort in;
  private FeedWriter out;
  private long sent;
  private long answered;

  /** A feed from one thread to the other, over a pool of its own. */
  private static final class Way {
    private final boolean spins;
    private final BufferPool pool;
    private final Broadcast feed;
    private final FeedReader reader;

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

    FeedWriter write() {
      return spins ? feed.writer(BusySpinIdleStrategy.INSTANCE) : feed.writer();
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

  /** Frames of 64 bytes between sides without an idle strategy. */
  @State(Scope.Thread)
  public static class WithoutStrategy extends FramePingPong {
    /** Both sides spin for 20 microseconds, then park. */
    public WithoutStrategy() {
      super(64, false);
    }
  }

  /** The side that answers; what it writes lies apart from what the other side does. */
  private final class Answers implements Answering {
    private final FramePort frames = there.open();
    private final FeedWriter writer = back.write();
    private long number;

    Answers() {
      FramePools.acquire(writer);
    }

    @Override
    public boolean answer() {
      if (frames.next(10, TimeUnit.SECONDS) == null) {
        return false;
      }
      writer.publish();
      number++;
      FramePools.acquire(writer);
      return true;
    }

    @Override
    public void close() {
      answered = number;
      writer.close();
      frames.close();
    }
  }

  @Override
  @Setup
  public void open() throws InterruptedException {
    connect(AnsweringThread.start(offer()));
  }

  @Override
  public Supplier<Answering> offer() {
    return Answers::new;
  }

  @Override
  public void connect(OtherSide other) {
    answering = other;
    in = back.open();
    out = there.write();
    FramePools.acquire(out);
  }

  @Override
  public void goAndComeBack() {
    out.publish();
    sent++;
    FramePools.acquire(out);
    if (in.next(10, TimeUnit.SECONDS) == null) {
      throw new IllegalStateException("no answer", answering.failure());
    }
  }

  @Override
  @TearDown
  public void close() throws IOException, InterruptedException {
    leave();
    answering.end();
    release();
  }

  @Override
  public void leave() {
    out.close();
    in.close();
  }

  @Override
  public void release() {
    there.close();
    back.close();
    if (answered != sent) {
      throw new IllegalStateException(
          Numbers.format("%d of %d frames were answered", answered, sent));
    }
  }
}
