package io.entrepot.internal.reach;

import io.entrepot.internal.memory.Descriptor;
import io.entrepot.internal.memory.Errno;
import io.entrepot.internal.memory.SharedMemory;
import io.entrepot.internal.memory.SystemCallException;
import io.entrepot.internal.reach.WireFormat.Message;
import io.entrepot.reach.PeerIdentity;
import io.entrepot.sharing.AttachRefusedException;
import io.entrepot.sharing.RevokedException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * The importer's end of a connection: requests and their answers, and what the exporter says
 * unasked.
 *
 * <p>One request is under way at a time. A thread of the connection receives; whoever asked waits
 * for it, for so long at most. The answer to a request that was given up may come still, and what
 * it grants is undone then: the exporter would count it as this process's until the connection
 * ends.
 */
final class ExporterConnection implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(ExporterConnection.class.getName());
  private static final long SLICE_NS = TimeUnit.SECONDS.toNanos(1);

  /** How soon one who waits for an answer finds that there is nobody any more. */
  private static final long ANSWER_SLICE_NS = TimeUnit.MILLISECONDS.toNanos(20);

  private static final long LOOK_NS = TimeUnit.MICROSECONDS.toNanos(100);

  /** A process that dies closes its sockets a moment before it is dead. */
  private static final long DYING_NS = TimeUnit.MILLISECONDS.toNanos(500);

  private final Path path;
  private final WireSocket socket;
  private final PeerProcess process;
  private final PeerIdentity exporter;
  private final BlockingQueue<WireSocket.Arrival> answers = new ArrayBlockingQueue<>(4);
  private final LongSupplier patience;
  private int lastRequest;

  /** The request whose answer is waited for; 0 for none. Changed under the lock of what is late. */
  private int awaited;

  /** By number, who hears the answers to requests that were given up. Its lock is held briefly. */
  private final Map<Integer, Consumer<Message>> late = new HashMap<>();

  /** What the exporter is owed and has no room for yet; of the receiving thread alone. */
  private final Queue<Owed> owed = new ArrayDeque<>();

  private final AtomicReference<String> end = new AtomicReference<>();

  /** What an exporter says unasked. */
  interface Listener {
    /** Memory is being taken back. */
    void revoking(int attachment, Duration timeLeft);

    /** Nothing will come any more. */
    void ended(String why);

    /**
     * Buffers may lie in another data memory.
     *
     * @param data to be closed by the caller
     */
    void memory(long number, SharedMemory data);

    /** No buffer lies in a data memory any more. */
    void memoryGone(long number);

    /** The exporter goes on without this process, and may overwrite whatever is mapped here. */
    void dismissed();

    /** The last: its process has ended, or {@link #dismissed} is done. */
    void lost();
  }

  private record Owed(Message message, Runnable then) {}

  private ExporterConnection(Path path, UnixSocket socket, LongSupplier patience) {
    this.path = path;
    this.patience = patience;
    this.socket = new WireSocket(socket);
    this.process = PeerProcess.of(socket);
    PeerCredentials peer = process.credentials();
    this.exporter = new PeerIdentity(peer.pid(), peer.uid(), peer.gid());
  }

  /**
   * Connects.
   *
   * @param patience for how many nanoseconds an answer is waited for, asked with each request
   */
  static ExporterConnection to(Path path, LongSupplier patience) {
    UnixSocket socket = null;
    ExporterConnection connection = null;
    try {
      socket = UnixSocket.connect(path);
      connection = new ExporterConnection(path, socket, patience);
      return connection;
    } catch (SystemCallException | IllegalStateException nobody) {
      throw new UncheckedIOException(
          "no pool can be reached at " + path + ": " + nobody.getMessage(),
          new IOException(nobody));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UncheckedIOException(new InterruptedIOException("connecting to " + path));
    } finally {
      if (connection == null && socket != null) {
        socket.close();
      }
    }
  }

  PeerIdentity exporter() {
    return exporter;
  }

  /** A handle of the exporter's process, open as long as the connection. */
  PeerProcess process() {
    return process;
  }

  /** Why the connection has ended, or {@code null} while it stands. */
  String end() {
    return end.get();
  }

  // ---------------------------------------------------------------- requests

  /** The first request, before {@link #listen}. */
  WireSocket.Arrival greet(Message hello) {
    try {
      socket.send(++lastRequest, hello);
    } catch (SystemCallException refused) {
      // An exporter that has no room says so without being asked: that is there to be read.
      if (!WireSocket.isEnd(refused)) {
        throw new UncheckedIOException(
            new IOException(
                exporter + " behind " + path + " cannot be greeted: " + refused.getMessage(),
                refused));
      }
    }
    long patienceNs = patience.getAsLong();
    try {
      WireSocket.Arrival answer = socket.receive(patienceNs);
      if (answer == null) {
        throw silent(hello, patienceNs);
      }
      return accepted(answer);
    } catch (WireSocket.EndOfConnection refused) {
      throw endedAtOnce();
    } catch (SystemCallException refused) {
      throw WireSocket.isEnd(refused) ? endedAtOnce() : refused;
    }
  }

  private UncheckedIOException endedAtOnce() {
    return new UncheckedIOException(
        new IOException(exporter + " behind " + path + " ended the connection at once"));
  }

  /** Makes a request whose answer grants nothing, and waits for its answer. */
  WireSocket.Arrival call(Message request) {
    return call(request, _ -> {});
  }

  /**
   * Makes a request and waits for its answer.
   *
   * @param givenUp hears the answer when it comes after all, on the thread that receives, which is
   *     not to be held up; what came with it is closed
   * @throws UnansweredException when the request is given up
   */
  synchronized WireSocket.Arrival call(Message request, Consumer<Message> givenUp) {
    checkConnected();
    int number = ++lastRequest;
    await(number);
    long patienceNs = patience.getAsLong();
    long startNs = System.nanoTime();
    boolean interrupted = false;
    try {
      send(number, request, patienceNs);
      while (true) {
        long leftNs = patienceNs - (System.nanoTime() - startNs);
        try {
          WireSocket.Arrival answer =
              leftNs <= 0
                  ? giveUp(number, givenUp)
                  : answers.poll(Math.min(leftNs, ANSWER_SLICE_NS), TimeUnit.NANOSECONDS);
          if (answer == null) {
            checkConnected();
            if (leftNs <= 0) {
              throw silent(request, patienceNs);
            }
          } else if (answer.request() == number) {
            return accepted(answer);
          } else {
            // A second one to an earlier request.
            answer.descriptors().forEach(Descriptor::close);
          }
        } catch (InterruptedException e) {
          // The exporter has our request: its answer must be known, and comes soon or never.
          interrupted = true;
        }
      }
    } finally {
      await(0);
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void await(int request) {
    synchronized (late) {
      awaited = request;
    }
  }

  /** The answer that has come at the last moment; {@code null} when one that comes is late. */
  private WireSocket.Arrival giveUp(int number, Consumer<Message> givenUp) {
    synchronized (late) {
      WireSocket.Arrival answer;
      while ((answer = answers.poll()) != null && answer.request() != number) {
        answer.descriptors().forEach(Descriptor::close);
      }
      if (answer == null) {
        awaited = 0;
        late.put(number, givenUp);
      }
      return answer;
    }
  }

  /** Sends a request; that the exporter has gone is told as the receiving thread finds it. */
  private void send(int number, Message request, long patienceNs) {
    try {
      socket.send(number, request);
    } catch (SystemCallException refused) {
      if (!WireSocket.isEnd(refused)) {
        throw refused;
      }
      // It may have said why, which is still to be received.
      long startNs = System.nanoTime();
      while (end.get() == null && System.nanoTime() - startNs < patienceNs) {
        LockSupport.parkNanos(this, LOOK_NS);
      }
      checkConnected();
      throw refused;
    }
  }

  /** As below, when nobody is to be told of an answer that comes late. */
  void callIfThere(Message request) {
    callIfThere(request, _ -> {});
  }

  /**
   * Makes a request that is of no importance to an exporter that is gone.
   *
   * @param givenUp see {@link #call(Message, Consumer)}
   */
  void callIfThere(Message request, Consumer<Message> givenUp) {
    if (end.get() != null) {
      return;
    }
    try {
      call(request, givenUp).descriptors(0);
    } catch (SystemCallException gone) {
      LOG.log(System.Logger.Level.DEBUG, "{0} was gone before it got {1}", exporter, request);
    } catch (IllegalStateException refused) {
      if (end.get() == null) {
        throw refused;
      }
    }
  }

  /** Tells the exporter, if it is there, something to which there is no answer. */
  void tell(Message message) {
    try {
      socket.send(0, message);
    } catch (SystemCallException | IllegalStateException gone) {
      LOG.log(System.Logger.Level.DEBUG, "{0} was gone before it was told: {1}", exporter, message);
    }
  }

  private UnansweredException silent(Message request, long patienceNs) {
    return new UnansweredException(
        exporter
            + " behind "
            + path
            + " did not answer "
            + request.getClass().getSimpleName()
            + " within "
            + TimeUnit.NANOSECONDS.toMillis(patienceNs)
            + " ms");
  }

  /** A request was given up. */
  static final class UnansweredException extends UncheckedIOException {
    private static final long serialVersionUID = 1L;

    UnansweredException(String message) {
      super(new IOException(message));
    }
  }

  private void checkConnected() {
    if (end.get() != null) {
      throw new IllegalStateException("the connection to " + exporter + " has ended: " + end);
    }
  }

  private static WireSocket.Arrival accepted(WireSocket.Arrival answer) {
    if (answer.message() instanceof WireFormat.Refused(WireFormat.Why why, String text)) {
      answer.descriptors(0);
      throw switch (why) {
        case ATTACH_REFUSED -> new AttachRefusedException(text, null);
        case REVOKED -> new RevokedException(text);
        case ILLEGAL_ARGUMENT -> new IllegalArgumentException(text);
        case ILLEGAL_STATE -> new IllegalStateException(text);
      };
    }
    return answer;
  }

  // ---------------------------------------------------------------- what comes unasked

  /** Receives from now on, on a thread of its own. */
  void listen(Listener listener) {
    Thread.ofPlatform()
        .daemon()
        .name("entrepot-exporter-" + exporter.pid())
        .start(() -> receive(listener));
  }

  private void receive(Listener listener) {
    String why = null;
    try {
      while (end.get() == null) {
        WireSocket.Arrival arrival = socket.receive(owed.isEmpty() ? SLICE_NS : ANSWER_SLICE_NS);
        payOwed();
        if (arrival == null) {
          continue;
        }
        switch (arrival.message()) {
          case WireFormat.Revoke(int attachment, long timeLeftNs) -> {
            arrival.descriptors(0);
            listener.revoking(attachment, Duration.ofNanos(timeLeftNs));
          }
          case WireFormat.Memory(long number) -> {
            try (SharedMemory data = SharedMemory.received(arrival.descriptors(1).getFirst())) {
              take(() -> listener.memory(number, data));
            }
          }
          case WireFormat.MemoryGone(long number) -> {
            arrival.descriptors(0);
            take(() -> listener.memoryGone(number));
          }
          case WireFormat.Goodbye(String text) -> {
            arrival.descriptors(0);
            why = text;
            // First, so that nobody waits for an answer any more.
            end(text);
            listener.dismissed();
          }
          default -> answer(arrival);
        }
      }
    } catch (WireSocket.EndOfConnection gone) {
      why = why == null ? "its process has ended" : why;
    } catch (WireException malformed) {
      why = malformed.getMessage();
      LOG.log(
          System.Logger.Level.WARNING,
          "{0} behind {1}: {2}",
          exporter,
          path,
          malformed.getMessage());
    } catch (RuntimeException failed) {
      why = why == null ? failed.toString() : why;
    } finally {
      boolean said = end.get() != null;
      end(why == null ? "closed" : why);
      // Nobody else offers: what is left now is nobody's, or is lost to one who is told of the end.
      WireSocket.Arrival left;
      while ((left = answers.poll()) != null) {
        left.descriptors().forEach(Descriptor::close);
      }
      try {
        listener.ended(end.get());
        if (!said && goesOn()) {
          listener.dismissed();
        }
      } finally {
        listener.lost();
        process.close();
      }
    }
  }

  /** Has the listener take something, whose refusal ends the connection as any wrong message. */
  private static void take(Runnable taking) {
    try {
      taking.run();
    } catch (IllegalStateException refused) {
      throw new WireException(refused.getMessage());
    }
  }

  /**
   * Whether the exporter is alive behind a connection that has ended without a word: then it takes
   * this process for dead, and may overwrite what is mapped here.
   */
  private boolean goesOn() {
    try {
      return !process.awaitEnd(DYING_NS);
    } catch (InterruptedException e) {
      // Nobody but a JVM that ends does that.
      return true;
    } catch (IllegalStateException closed) {
      LOG.log(System.Logger.Level.DEBUG, "closed meanwhile, with nothing in use", closed);
      return false;
    }
  }

  /** Hands an answer to whoever waits for it, or did; answers to nothing are dropped. */
  private void answer(WireSocket.Arrival arrival) {
    Consumer<Message> givenUp;
    synchronized (late) {
      if (arrival.request() != 0
          && arrival.request() == awaited
          && end.get() == null
          && answers.offer(arrival)) {
        return;
      }
      givenUp = late.remove(arrival.request());
    }
    arrival.descriptors().forEach(Descriptor::close);
    if (givenUp != null) {
      givenUp.accept(arrival.message());
    }
  }

  /**
   * Tells the exporter something on the thread that receives, which must not wait until there is
   * room: the exporter may be waiting for room for what it has to say to this thread.
   *
   * @param then is done behind it: what is sent later comes later
   */
  void owe(Message message, Runnable then) {
    owed.add(new Owed(message, then));
    payOwed();
  }

  private void payOwed() {
    while (!owed.isEmpty()) {
      try {
        socket.trySend(0, owed.peek().message);
      } catch (SystemCallException refused) {
        if (refused.errno() == Errno.EAGAIN) {
          return;
        }
        if (!WireSocket.isEnd(refused)) {
          throw refused;
        }
        // An exporter that is gone counts nothing any more.
      }
      owed.remove().then.run();
    }
  }

  private void end(String why) {
    end.compareAndSet(null, why);
    socket.close();
  }

  @Override
  public void close() {
    end("closed");
    process.close();
  }
}
