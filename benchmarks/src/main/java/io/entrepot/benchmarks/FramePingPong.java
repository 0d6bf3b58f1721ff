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
 * Both spin; each acquires its next buffer while the other is at work, as pipelines do. Nobody
 * touches the bytes: it is the handle that is handed over.
 */
@State(Scope.Thread)
public class FramePingPong {
  private static final int BUFFERS = 16;

  private final AtomicReference<Throwable> failure = new AtomicReference<>();
  private final Way there;
  private final Way back;
  private Thread answering;
  private FramePort in;
  private long sent;
  private long answered;

  /** A feed from one thread to the other, over a pool of its own. */
  private static final class Way {
    private final BufferPool pool;
    private final Broadcast feed;
    private final FeedReader reader;
    private FeedWriter writer;

    Way(String name, long bufferBytes) {
      pool = BufferPool.offHeap(name, bufferBytes, BUFFERS);
      feed = pool.broadcast(name);
      reader =
          feed.join(
              Importer.viewing("reader", Access.READ), Overflow.BLOCK, BUFFERS / 2, Division.EACH);
    }

    FramePort open() {
      return reader.open(BusySpinIdleStrategy.INSTANCE);
    }

    void write() {
      writer = feed.writer(BusySpinIdleStrategy.INSTANCE);
    }

    void acquire() {
      if (writer.acquire(10, TimeUnit.SECONDS) == null) {
        throw new IllegalStateException("no buffer");
      }
    }

    void close() {
      reader.close();
      feed.close();
      pool.close();
    }
  }

  FramePingPong(long bufferBytes) {
    there = new Way("there", bufferBytes);
    back = new Way("back", bufferBytes);
  }

  /** Frames of 64 bytes. */
  @State(Scope.Thread)
  public static class Small extends FramePingPong {
    /** Two pools of small buffers. */
    public Small() {
      super(64);
    }
  }

  /** Frames of a mebibyte. */
  @State(Scope.Thread)
  public static class Large extends FramePingPong {
    /** Two pools of large buffers. */
    public Large() {
      super(1 << 20);
    }
  }

  /** Starts the answering thread. */
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

  /** There and back. */
  void goAndComeBack() {
    there.writer.publish();
    sent++;
    there.acquire();
    if (in.next(10, TimeUnit.SECONDS) == null) {
      throw new IllegalStateException("no answer", failure.get());
    }
  }

  /** Ends the feeds, and checks that each frame was answered. */
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
