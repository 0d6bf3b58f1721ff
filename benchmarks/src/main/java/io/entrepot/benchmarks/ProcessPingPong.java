package io.entrepot.benchmarks;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** What else goes to another process and comes back, beside {@link ProcessFramePingPong}. */
public final class ProcessPingPong {
  private ProcessPingPong() {}

  /** A folder for the two processes, which goes with this one. */
  static Path folder() throws IOException {
    Path folder = Files.createTempDirectory("ping");
    // Deleted in the opposite order.
    folder.toFile().deleteOnExit();
    folder.resolve(SharedWord.FILE).toFile().deleteOnExit();
    folder.resolve(AnsweringProcess.SOCKET).toFile().deleteOnExit();
    return folder;
  }

  /** A volatile word each way, in memory that both processes have mapped; both spin. */
  @State(Scope.Thread)
  public static class Words implements Pairable<List<String>> {
    private OtherSide answering;
    private SharedWord there;
    private SharedWord back;

    /** The side that answers. */
    private record Answers(SharedWord there, SharedWord back) implements Answering {
      @Override
      public boolean answer() {
        long seen = back.value();
        long next = there.value();
        while (next == seen) {
          Thread.onSpinWait();
          next = there.value();
        }
        if (next == SharedWord.OVER) {
          return false;
        }
        back.value(next);
        return true;
      }

      @Override
      public void close() {
        // The words go with the process.
      }
    }

    static Answering answering(Path folder) throws IOException {
      return new Answers(SharedWord.there(folder), SharedWord.back(folder));
    }

    @Override
    @Setup
    public void open() throws IOException {
      connect(OtherProcess.startReady(offer()));
    }

    @Override
    public List<String> offer() throws IOException {
      Path folder = folder();
      there = SharedWord.there(folder);
      back = SharedWord.back(folder);
      return List.of(AnsweringProcess.WORDS, folder.toString());
    }

    @Override
    public void connect(OtherSide other) {
      answering = other;
    }

    @Override
    public void goAndComeBack() {
      long next = there.value() + 1;
      there.value(next);
      while (back.value() != next) {
        Thread.onSpinWait();
      }
    }

    @Override
    @TearDown
    public void close() throws IOException, InterruptedException {
      leave();
      answering.end();
    }

    @Override
    public void leave() {
      there.value(SharedWord.OVER);
    }

    @Override
    public void release() {
      // The words go with the process.
    }
  }

  /** The same words between processes that sleep in the kernel as soon as they wait. */
  @State(Scope.Thread)
  public static class Futexes implements PingPong {
    private OtherProcess other;
    private SharedWord there;
    private SharedWord back;
    private long sent;

    @Override
    @Setup
    public void open() throws IOException {
      Path folder = folder();
      there = SharedWord.there(folder);
      back = SharedWord.back(folder);
      other = OtherProcess.start("futex", folder.toString());
      other.awaitReady();
    }

    @Override
    public void goAndComeBack() {
      long before = sent;
      go(++sent);
      while (back.value() != sent) {
        back.sleepWhile(before);
      }
    }

    private void go(long number) {
      there.value(number);
      there.wake();
    }

    @Override
    @TearDown
    public void close() throws InterruptedException {
      go(SharedWord.OVER);
      other.awaitEnd();
    }
  }

  /** Messages of 64 bytes over a Unix domain socket. */
  @State(Scope.Thread)
  public static class Socket implements PingPong {
    private final ByteBuffer message = ByteBuffer.allocateDirect(AnsweringProcess.MESSAGE_BYTES);
    private OtherProcess other;
    private SocketChannel channel;

    @Override
    @Setup
    public void open() throws IOException {
      Path folder = folder();
      try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
        server.bind(UnixDomainSocketAddress.of(folder.resolve(AnsweringProcess.SOCKET)));
        other = OtherProcess.start("socket", folder.toString());
        channel = server.accept();
      }
      other.awaitReady();
    }

    @Override
    public void goAndComeBack() throws IOException {
      message.clear();
      channel.write(message);
      if (!AnsweringProcess.exchange(channel, message)) {
        throw new IllegalStateException("no answer");
      }
    }

    @Override
    @TearDown
    public void close() throws IOException, InterruptedException {
      channel.close();
      other.awaitEnd();
    }
  }

  /** Messages of 64 bytes over a pipe each way. */
  @State(Scope.Thread)
  public static class Pipe implements PingPong {
    private final byte[] message = new byte[AnsweringProcess.MESSAGE_BYTES];
    private OtherProcess other;

    @Override
    @Setup
    public void open() throws IOException {
      other = OtherProcess.start("pipe");
      other.awaitReady();
    }

    @Override
    public void goAndComeBack() throws IOException {
      Process process = other.process();
      process.getOutputStream().write(message);
      process.getOutputStream().flush();
      if (process.getInputStream().readNBytes(message, 0, message.length) != message.length) {
        throw new IllegalStateException("no answer");
      }
    }

    @Override
    @TearDown
    public void close() throws IOException, InterruptedException {
      other.tellEnd();
      other.awaitEnd();
    }
  }
}
