package io.entrepot.benchmarks;

import io.entrepot.flow.Broadcast;
import io.entrepot.flow.BufferPool;
import io.entrepot.flow.Division;
import io.entrepot.flow.FeedReader;
import io.entrepot.flow.FeedWriter;
import io.entrepot.flow.FramePort;
import io.entrepot.flow.Overflow;
import io.entrepot.reach.PoolServer;
import io.entrepot.reach.RemotePool;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.Importer;
import io.entrepot.sharing.SharedMemoryExporter;
import io.entrepot.sharing.SizeClass;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.BusySpinIdleStrategy;

/**
 * The other process of a ping-pong: {@code feeds FOLDER BYTES}, {@code spin FOLDER}, {@code socket
 * FOLDER} or {@code pipe}. It answers until what it reads from ends.
 */
final class AnsweringProcess {
  static final int BUFFERS = 16;
  static final String THERE = "there";
  static final String BACK = "back";
  static final long OVER = -1;
  static final int MESSAGE_BYTES = 64;

  /** Two words, far from each other. */
  static final long WORDS_BYTES = 4096;

  static final long BACK_OFFSET = 2048;
  private static final VarHandle WORD = ValueLayout.JAVA_LONG.varHandle();

  private AnsweringProcess() {}

  public static void main(String[] args) throws IOException {
    switch (args[0]) {
      case "feeds" -> answerFrames(Path.of(args[1]), Long.parseLong(args[2]));
      case "spin" -> answerWords(Path.of(args[1]));
      case "socket" -> answerSocket(Path.of(args[1]));
      case "pipe" -> answerPipe();
      default -> throw new IllegalArgumentException(args[0]);
    }
  }

  /** Starts one, and waits until it says that it is ready. */
  static Process start(String... args) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("--enable-native-access=ALL-UNNAMED");
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(AnsweringProcess.class.getName());
    command.addAll(List.of(args));
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }

  /** Waits until a process says that it is ready. */
  static void awaitReady(Process process) throws IOException {
    String line = new BufferedReader(new InputStreamReader(process.getInputStream())).readLine();
    if (!"ready".equals(line)) {
      throw new IllegalStateException("the other process said " + line);
    }
  }

  static BufferPool pool(String name, long bufferBytes) {
    return BufferPool.of(SharedMemoryExporter.named(name), new SizeClass(bufferBytes, BUFFERS));
  }

  static FeedReader join(RemotePool pool, String feed) {
    return pool.feed(feed)
        .join(Importer.viewing("reader", Access.READ), Overflow.BLOCK, BUFFERS / 2, Division.EACH);
  }

  static void acquire(FeedWriter writer) {
    if (writer.acquire(10, TimeUnit.SECONDS) == null) {
      throw new IllegalStateException("no buffer");
    }
  }

  private static void answerFrames(Path folder, long bufferBytes) throws IOException {
    try (RemotePool there = RemotePool.connect(folder.resolve(THERE));
        FeedReader reader = join(there, THERE);
        FramePort frames = reader.open(BusySpinIdleStrategy.INSTANCE);
        BufferPool back = pool(BACK, bufferBytes);
        Broadcast feed = back.broadcast(BACK);
        PoolServer server = PoolServer.serve(back, folder.resolve(BACK))) {
      System.out.println(server.peers().isEmpty() ? "ready" : "somebody is here already");
      try (FeedWriter out = feed.writer(BusySpinIdleStrategy.INSTANCE)) {
        acquire(out);
        while (frames.next(10, TimeUnit.SECONDS) != null) {
          out.publish();
          acquire(out);
        }
      }
      while (System.in.read() >= 0) {
        // Until the first process has let go of our pool.
      }
    }
  }

  /** The words of a bare ping-pong, in a file that both processes map. */
  static MemorySegment words(Path folder) throws IOException {
    try (FileChannel file =
        FileChannel.open(
            folder.resolve("words"),
            StandardOpenOption.CREATE,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE)) {
      return file.map(FileChannel.MapMode.READ_WRITE, 0, WORDS_BYTES, Arena.global());
    }
  }

  static long word(MemorySegment words, long offset) {
    return (long) WORD.getVolatile(words, offset);
  }

  static void word(MemorySegment words, long offset, long value) {
    WORD.setVolatile(words, offset, value);
  }

  private static void answerWords(Path folder) throws IOException {
    MemorySegment words = words(folder);
    System.out.println("ready");
    long seen = 0;
    while (seen != OVER) {
      long next = word(words, 0);
      if (next != seen) {
        seen = next;
        word(words, BACK_OFFSET, next);
      } else {
        Thread.onSpinWait();
      }
    }
  }

  private static void answerSocket(Path folder) throws IOException {
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.connect(UnixDomainSocketAddress.of(folder.resolve("socket")));
      ByteBuffer message = ByteBuffer.allocateDirect(MESSAGE_BYTES);
      System.out.println("ready");
      while (exchange(channel, message)) {
        message.flip();
        channel.write(message);
      }
    }
  }

  /** Reads one message; false at the end. */
  static boolean exchange(SocketChannel channel, ByteBuffer message) throws IOException {
    message.clear();
    while (message.hasRemaining()) {
      if (channel.read(message) < 0) {
        return false;
      }
    }
    return true;
  }

  private static void answerPipe() throws IOException {
    byte[] message = new byte[MESSAGE_BYTES];
    System.out.println("ready");
    System.out.flush();
    InputStream in = System.in;
    OutputStream out = System.out;
    while (in.readNBytes(message, 0, MESSAGE_BYTES) == MESSAGE_BYTES) {
      out.write(message);
      out.flush();
    }
  }
}
