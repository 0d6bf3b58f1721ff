package io.entrepot.benchmarks;

import io.entrepot.flow.Broadcast;
import io.entrepot.flow.BufferPool;
import io.entrepot.flow.FeedReader;
import io.entrepot.flow.FeedWriter;
import io.entrepot.flow.FramePort;
import io.entrepot.reach.PoolServer;
import io.entrepot.reach.RemotePool;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.BusySpinIdleStrategy;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** As {@link FramePingPong} and {@link SpinPingPong}, with another process. */
public final class ProcessPingPong {
  private ProcessPingPong() {}

  private static Path folder() throws IOException {
    return Files.createTempDirectory("ping");
  }

  /** Frames, each process over a pool of its own that the other imports. */
  @State(Scope.Thread)
  public static class Frames {
    private final long bufferBytes;
    private Process other;
    private BufferPool pool;
    private Broadcast feed;
    private PoolServer server;
    private FeedWriter writer;
    private RemotePool back;
    private FeedReader reader;
    private FramePort in;

    Frames(long bufferBytes) {
      this.bufferBytes = bufferBytes;
    }

    /** Starts the other process. */
    @Setup
    public void open() throws IOException {
      Path folder = folder();
      pool = AnsweringProcess.pool(AnsweringProcess.THERE, bufferBytes);
      feed = pool.broadcast(AnsweringProcess.THERE);
      server = PoolServer.serve(pool, folder.resolve(AnsweringProcess.THERE));
      other = AnsweringProcess.start("feeds", folder.toString(), Long.toString(bufferBytes));
      AnsweringProcess.awaitReady(other);
      back = RemotePool.connect(folder.resolve(AnsweringProcess.BACK));
      reader = AnsweringProcess.join(back, AnsweringProcess.BACK);
      in = reader.open(BusySpinIdleStrategy.INSTANCE);
      writer = feed.writer(BusySpinIdleStrategy.INSTANCE);
      AnsweringProcess.acquire(writer);
    }

    /** There and back. */
    void goAndComeBack() {
      writer.publish();
      AnsweringProcess.acquire(writer);
      if (in.next(10, TimeUnit.SECONDS) == null) {
        throw new IllegalStateException("no answer");
      }
    }

    /** Ends the feeds, and checks that the other process has ended well. */
    @TearDown
    public void close() throws IOException, InterruptedException {
      writer.close();
      in.close();
      reader.close();
      back.close();
      other.getOutputStream().close();
      int exit = other.waitFor();
      server.close();
      feed.close();
      pool.close();
      if (exit != 0) {
        throw new IllegalStateException("the other process ended with " + exit);
      }
    }
  }

  /** Frames of 64 bytes. */
  @State(Scope.Thread)
  public static class Small extends Frames {
    /** Two pools of small buffers. */
    public Small() {
      super(64);
    }
  }

  /** Frames of a mebibyte. */
  @State(Scope.Thread)
  public static class Large extends Frames {
    /** Two pools of large buffers. */
    public Large() {
      super(1 << 20);
    }
  }

  /** A volatile word each way, in memory that both processes have mapped. */
  @State(Scope.Thread)
  public static class Words {
    private Process other;
    private MemorySegment words;
    private long sent;

    /** Starts the other process. */
    @Setup
    public void open() throws IOException {
      Path folder = folder();
      words = AnsweringProcess.words(folder);
      other = AnsweringProcess.start("spin", folder.toString());
      AnsweringProcess.awaitReady(other);
    }

    /** There and back. */
    void goAndComeBack() {
      AnsweringProcess.word(words, 0, ++sent);
      while (AnsweringProcess.word(words, AnsweringProcess.BACK_OFFSET) != sent) {
        Thread.onSpinWait();
      }
    }

    /** Ends the other process. */
    @TearDown
    public void close() throws InterruptedException {
      AnsweringProcess.word(words, 0, AnsweringProcess.OVER);
      other.waitFor();
    }
  }

  /** Messages of 64 bytes over a Unix domain socket. */
  @State(Scope.Thread)
  public static class Socket {
    private final ByteBuffer message = ByteBuffer.allocateDirect(AnsweringProcess.MESSAGE_BYTES);
    private Process other;
    private SocketChannel channel;

    /** Starts the other process. */
    @Setup
    public void open() throws IOException {
      Path folder = folder();
      try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
        server.bind(UnixDomainSocketAddress.of(folder.resolve("socket")));
        other = AnsweringProcess.start("socket", folder.toString());
        channel = server.accept();
      }
      AnsweringProcess.awaitReady(other);
    }

    /** There and back. */
    void goAndComeBack() throws IOException {
      message.clear();
      channel.write(message);
      if (!AnsweringProcess.exchange(channel, message)) {
        throw new IllegalStateException("no answer");
      }
    }

    /** Ends the other process. */
    @TearDown
    public void close() throws IOException, InterruptedException {
      channel.close();
      other.waitFor();
    }
  }

  /** Messages of 64 bytes over a pipe each way. */
  @State(Scope.Thread)
  public static class Pipe {
    private final byte[] message = new byte[AnsweringProcess.MESSAGE_BYTES];
    private Process other;

    /** Starts the other process. */
    @Setup
    public void open() throws IOException {
      other = AnsweringProcess.start("pipe");
      // Not a reader that reads ahead: what follows the line is messages.
      byte[] ready = other.getInputStream().readNBytes("ready\n".length());
      if (ready.length == 0) {
        throw new IllegalStateException("the other process has ended");
      }
    }

    /** There and back. */
    void goAndComeBack() throws IOException {
      other.getOutputStream().write(message);
      other.getOutputStream().flush();
      if (other.getInputStream().readNBytes(message, 0, message.length) != message.length) {
        throw new IllegalStateException("no answer");
      }
    }

    /** Ends the other process. */
    @TearDown
    public void close() throws IOException, InterruptedException {
      other.getOutputStream().close();
      other.waitFor();
    }
  }
}
