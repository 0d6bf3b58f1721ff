package io.entrepot.benchmarks;

import io.aeron.Aeron;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;

/**
 * The other process of a ping-pong or of a stream: {@code feeds FOLDER BYTES SPINS} or {@code spin
 * FOLDER}, which {@code turns ROUND_TRIPS} may stand before, followed by two of them, {@code futex
 * FOLDER}, {@code aeron DIRECTORY}, {@code socket FOLDER}, {@code pipe}, {@code feedStream FOLDER}
 * or {@code aeronStream DIRECTORY}. It answers, or reads, until what it reads from ends.
 */
final class AnsweringProcess {
  static final String READY = "ready";
  static final String SOCKET = "socket";
  static final String FRAMES = "feeds";
  static final String WORDS = "spin";
  static final String IN_TURNS = "turns";
  static final int MESSAGE_BYTES = 64;

  private AnsweringProcess() {}

  public static void main(String[] args) throws IOException {
    switch (args[0]) {
      case FRAMES, WORDS -> answer(List.of(args).iterator());
      case IN_TURNS -> answerInTurns(Integer.parseInt(args[1]), List.of(args).listIterator(2));
      case "feedStream" -> FarFrames.readAll(Path.of(args[1]));
      case "futex" -> answerFutexes(Path.of(args[1]));
      case "aeron" -> answerAeron(args[1]);
      case "aeronStream" -> readAeron(args[1]);
      case "socket" -> answerSocket(Path.of(args[1]));
      case "pipe" -> answerPipe();
      default -> throw new IllegalArgumentException(args[0]);
    }
  }

  private static void answer(Iterator<String> args) throws IOException {
    try (Answering one = next(args)) {
      sayReady();
      Answering.all(one);
      awaitLetGo();
    }
  }

  private static void answerInTurns(int roundTrips, Iterator<String> args) throws IOException {
    try (Answering first = next(args);
        Answering other = next(args)) {
      sayReady();
      Answering.inTurns(first, other, roundTrips);
      awaitLetGo();
    }
  }

  /** The side of the ping-pong that is named next. */
  private static Answering next(Iterator<String> args) throws IOException {
    String what = args.next();
    Path folder = Path.of(args.next());
    return switch (what) {
      case WORDS -> ProcessPingPong.Words.answering(folder);
      case FRAMES ->
          new AnsweringFrames(
              folder, Long.parseLong(args.next()), Boolean.parseBoolean(args.next()));
      default -> throw new IllegalArgumentException(what);
    };
  }

  /** Waits until the first process has let go of what is this one's. */
  private static void awaitLetGo() throws IOException {
    while (System.in.read() >= 0) {
      // Nothing is sent.
    }
  }

  /** Tells that this process is there for its messages. */
  static void sayReady() {
    System.out.println(READY);
    System.out.flush();
  }

  private static void answerFutexes(Path folder) throws IOException {
    SharedWord there = SharedWord.there(folder);
    SharedWord back = SharedWord.back(folder);
    sayReady();
    long seen = 0;
    while (seen != SharedWord.OVER) {
      long next = there.value();
      if (next != seen) {
        seen = next;
        back.value(next);
        back.wake();
      } else {
        there.sleepWhile(seen);
      }
    }
  }

  private static void answerAeron(String directory) {
    try (Aeron aeron = AeronLink.connect(directory);
        AeronLink link = new AeronLink(aeron, AeronLink.BACK, AeronLink.THERE)) {
      sayReady();
      AeronPingPong.answer(link);
    }
  }

  private static void readAeron(String directory) {
    try (Aeron aeron = AeronLink.connect(directory);
        AeronLink link = new AeronLink(aeron, AeronLink.BACK, AeronLink.THERE)) {
      sayReady();
      link.awaitOther();
      link.takeAll(ProcessStream.DEPTH);
      System.out.println(link.tally());
    }
  }

  private static void answerSocket(Path folder) throws IOException {
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.connect(UnixDomainSocketAddress.of(folder.resolve(SOCKET)));
      ByteBuffer message = ByteBuffer.allocateDirect(MESSAGE_BYTES);
      sayReady();
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
    sayReady();
    InputStream in = System.in;
    OutputStream out = System.out;
    while (in.readNBytes(message, 0, MESSAGE_BYTES) == MESSAGE_BYTES) {
      out.write(message);
      out.flush();
    }
  }
}
