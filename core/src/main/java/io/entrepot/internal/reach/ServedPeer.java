package io.entrepot.internal.reach;

import io.entrepot.flow.Start;
import io.entrepot.internal.flow.FarReader;
import io.entrepot.internal.flow.RingBroadcast;
import io.entrepot.internal.memory.Seal;
import io.entrepot.internal.memory.SharedMemory;
import io.entrepot.internal.memory.SystemCallException;
import io.entrepot.internal.memory.Words;
import io.entrepot.internal.reach.WireFormat.Message;
import io.entrepot.internal.reach.WireFormat.PlacedClass;
import io.entrepot.internal.reach.WireFormat.Why;
import io.entrepot.internal.sharing.PeerWords;
import io.entrepot.internal.sharing.PoolAttachment;
import io.entrepot.internal.sharing.PoolCore;
import io.entrepot.reach.PeerIdentity;
import io.entrepot.sharing.AttachRefusedException;
import io.entrepot.sharing.Attachment;
import io.entrepot.sharing.Exporter;
import io.entrepot.sharing.FrameLayout;
import io.entrepot.sharing.Importer;
import io.entrepot.sharing.RevokedException;
import java.lang.foreign.Arena;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;

/**
 * One importing process, as the exporter's sees it: its connection, its words, what it attached and
 * joined.
 *
 * <p>Everything that the peer sends is handled by this peer's own thread, and whatever is wrong
 * with it ends this peer alone. When the connection ends, for whatever reason, all that the peer
 * had comes back: it can write no word that anybody else reads, and of the data it never could.
 */
final class ServedPeer implements Runnable {
  private static final System.Logger LOG = System.getLogger(ServedPeer.class.getName());
  private static final long HELLO_NS = TimeUnit.SECONDS.toNanos(5);

  /** How long at a time a message is waited for before the process is looked at. */
  private static final long SLICE_NS = TimeUnit.MILLISECONDS.toNanos(50);

  /** Attachments that a process may have at a time: each costs memory here. */
  static final int MAX_ATTACHMENTS = 256;

  private final SocketServer server;
  private final PoolCore pool;
  private final Exporter exporter;
  private final WireSocket socket;
  private final PeerProcess process;
  private final PeerIdentity identity;
  private final Map<Integer, PeerGrant> attachments = new ConcurrentHashMap<>();
  private final Map<Integer, Ring> rings = new HashMap<>();
  private final BitSet readers = new BitSet();

  private final PeerMemories memories;
  private final CountDownLatch over = new CountDownLatch(1);
  private final PeerDescriptor layout;
  private int lastNumber;
  private SharedMemory lane;
  private Words words;
  private PeerWords uses;

  /** {@code null} until it was admitted. */
  private volatile SharedFences fences;

  /** Whether its uses keep buffers from reuse; of its own thread alone. */
  private boolean counted;

  private volatile boolean ended;

  /** Whether it was admitted; of its own thread alone. */
  private boolean admitted;

  /** What has come of it; the first that does counts. */
  private final AtomicReference<PeerEvent> end = new AtomicReference<>();

  ServedPeer(SocketServer server, UnixSocket socket) {
    this.server = server;
    this.pool = server.pool();
    this.exporter = new ReadingOnly(pool.exporter());
    this.layout = PeerDescriptor.of(pool);
    this.socket = new WireSocket(socket);
    this.process = PeerProcess.of(socket);
    PeerCredentials peer = process.credentials();
    this.identity = new PeerIdentity(peer.pid(), peer.uid(), peer.gid());
    this.memories = new PeerMemories(pool.replacements(), this.socket, this.process, this.identity);
  }

  PeerIdentity identity() {
    return identity;
  }

  /** Its fences; {@code null} while it is not admitted. */
  SharedFences fences() {
    return fences;
  }

  /** Whether its connection has ended, or is being ended. */
  boolean hasEnded() {
    return ended;
  }

  /** Says something unasked, if the peer has room for it now. */
  void tell(Message message) {
    socket.trySend(0, message);
  }

  Stream<Attachment> attachments() {
    return attachments.values().stream().map(PeerGrant::attachment);
  }

  @Override
  public void run() {
    try {
      if (greet()) {
        while (!ended) {
          answerNext();
        }
      }
    } catch (WireSocket.EndOfConnection gone) {
      LOG.log(System.Logger.Level.DEBUG, "{0} has left pool ''{1}''", identity, pool.name());
    } catch (WireException malformed) {
      pool.peers()
          .log()
          .warn(
              identity + " is cut off from pool '" + pool.name() + "': " + malformed.getMessage());
      dismiss(PeerEvent.CUT_OFF, malformed.getMessage());
    } catch (RuntimeException failed) {
      if (failed instanceof SystemCallException refused && WireSocket.isEnd(refused)) {
        LOG.log(
            System.Logger.Level.DEBUG,
            "{0} has left pool ''{1}'' before it was answered",
            identity,
            pool.name());
      } else if (!ended) {
        pool.peers().log().warn("the connection of " + identity + " failed", failed);
        dismiss(PeerEvent.CUT_OFF, "the exporter cannot go on with it: " + failed.getMessage());
      }
    } finally {
      end();
    }
  }

  // ---------------------------------------------------------------- hello

  private boolean greet() throws WireSocket.EndOfConnection {
    WireSocket.Arrival first = socket.receive(HELLO_NS);
    if (first == null) {
      throw new WireException("no greeting within " + HELLO_NS / 1_000_000 + " ms");
    }
    first.descriptors(0);
    if (!(first.message() instanceof WireFormat.Hello)) {
      throw new WireException("the first message is no greeting but " + first.message());
    }
    try {
      server.admission().admit(identity);
      memories.requireRoom();
    } catch (RuntimeException refused) {
      server.count(PeerEvent.REFUSED);
      socket.send(
          first.request(),
          new WireFormat.Refused(
              Why.ILLEGAL_STATE,
              "pool '" + pool.name() + "' refuses " + identity + ": " + refused.getMessage()));
      return false;
    }
    // Kept open for whoever looks from outside at what the peer uses.
    lane = laneOrRefusal(first.request());
    if (lane == null) {
      server.count(PeerEvent.REFUSED);
      return false;
    }
    admitted = true;
    server.count(PeerEvent.ADMITTED);
    words = Words.over(lane.map(false, Arena.ofAuto()));
    lane.seal(Seal.SHRINK, Seal.GROW, Seal.SEAL);
    uses = new PeerWords(identity.toString(), words, pool);
    fences = new SharedFences(pool, words, identity.toString(), process);
    memories.begin((number, data) ->
        socket.send(
            first.request(),
            welcome(number),
            data.descriptor(),
            server.slabs().control().descriptor(),
            lane.descriptor()));
    return true;
  }

  /** Memory for the peer's words; {@code null} where there is none, which the peer was told. */
  private SharedMemory laneOrRefusal(int request) {
    try {
      return memory(
          new PeerName(identity.pid(), server.slabs().number()).toString(), layout.byteSize());
    } catch (IllegalStateException none) {
      pool.peers()
          .log()
          .warn(
              "pool '" + pool.name() + "' cannot take " + identity + " now: " + none.getMessage());
      socket.send(request, new WireFormat.Refused(Why.ILLEGAL_STATE, none.getMessage()));
      return null;
    }
  }

  /**
   * Memory for this peer.
   *
   * @throws IllegalStateException when there is none, for a reason that the peer can be told
   */
  private SharedMemory memory(String name, long byteSize) {
    try {
      return SharedMemory.create(name, byteSize);
    } catch (IllegalStateException | SystemCallException none) {
      throw new IllegalStateException(
          "the process of pool '"
              + pool.name()
              + "' has no memory for "
              + identity
              + ": "
              + none.getMessage(),
          none);
    }
  }

  private Message welcome(long memory) {
    List<PlacedClass> classes =
        server.slabs().layout().slabs().stream()
            .map(slab -> new PlacedClass(slab.sizeClass(), slab.offsetBytes(), slab.strideBytes()))
            .toList();
    return new WireFormat.Welcome(
        0,
        pool.name(),
        exporter.name(),
        pool.exporter().zeroesOnReuse(),
        PoolCore.LANES,
        PoolCore.TIMELINES,
        PeerDescriptor.READERS,
        exporter.offers(),
        classes,
        memory);
  }

  // ---------------------------------------------------------------- requests

  private void answerNext() throws WireSocket.EndOfConnection {
    WireSocket.Arrival arrival = socket.receive(SLICE_NS);
    if (arrival == null) {
      // The socket of a process that has ended may live on in a child of its.
      if (!process.isAlive()) {
        throw new WireSocket.EndOfConnection();
      }
      memories.tell();
      return;
    }
    arrival.descriptors(0);
    try {
      answer(arrival.request(), arrival.message());
    } catch (WireException malformed) {
      throw malformed;
    } catch (AttachRefusedException refused) {
      refuse(arrival, Why.ATTACH_REFUSED, refused);
    } catch (RevokedException refused) {
      refuse(arrival, Why.REVOKED, refused);
    } catch (IllegalArgumentException refused) {
      refuse(arrival, Why.ILLEGAL_ARGUMENT, refused);
    } catch (IllegalStateException refused) {
      refuse(arrival, Why.ILLEGAL_STATE, refused);
    }
  }

  private void refuse(WireSocket.Arrival asked, Why why, RuntimeException refused) {
    socket.send(asked.request(), new WireFormat.Refused(why, refused.getMessage()));
  }

  private void answer(int request, Message message) {
    switch (message) {
      case WireFormat.Attach(Importer importer) -> attach(request, importer);
      case WireFormat.Join join -> join(request, join);
      case WireFormat.Leave(int ring) -> {
        Ring left = rings.remove(ring);
        if (left == null) {
          throw new WireException("there is no ring " + ring);
        }
        close(left);
        readers.clear(left.record);
        if (left.backlog != WireFormat.Join.NONE) {
          readers.clear(left.backlog);
        }
        socket.send(request, new WireFormat.Done());
      }
      case WireFormat.Detach(int attachment) -> {
        PeerGrant granted = granted(attachment);
        attachments.remove(attachment);
        granted.end();
        socket.send(request, new WireFormat.Done());
      }
      case WireFormat.Layout(long number) -> {
        FrameLayout layout =
            number > Integer.MAX_VALUE ? null : pool.frames().numbered((int) number);
        if (layout == null) {
          throw new WireException("there is no layout " + number);
        }
        socket.send(request, new WireFormat.LayoutIs(layout));
      }
      case WireFormat.LetGo letGo -> {
        // Of one that has ended meanwhile there is nothing to be told: the messages crossed.
        if (attachments.containsKey(letGo.attachment()) || letGo.attachment() > lastNumber) {
          granted(letGo.attachment()).letGo(letGo);
        }
      }
      default -> throw new WireException(message + " is not for an exporter");
    }
  }

  private PeerGrant granted(int number) {
    PeerGrant granted = attachments.get(number);
    if (granted == null) {
      throw new WireException("there is no attachment " + number);
    }
    return granted;
  }

  private void attach(int request, Importer importer) {
    if (attachments.size() >= MAX_ATTACHMENTS) {
      throw new IllegalStateException(
          identity
              + " has "
              + MAX_ATTACHMENTS
              + " attachments to pool '"
              + pool.name()
              + "', which is all that a process may have; close some");
    }
    int number = ++lastNumber;
    // Nobody is asked to let go by a number that it was not told yet.
    CompletableFuture<PeerGrant> known = new CompletableFuture<>();
    PoolAttachment attachment =
        pool.attach(
            exporter,
            importer.onRevoke(timeLeft -> known.thenAccept(granted -> granted.tell(timeLeft))));
    PeerGrant granted = new PeerGrant(this, number, attachment);
    attachment.reaches(granted);
    attachments.put(number, granted);
    if (!counted) {
      // What it says counts from here on, before it is told of any buffer.
      counted = true;
      pool.peers().add(uses);
    }
    socket.send(
        request,
        new WireFormat.Attached(
            number,
            exporter.offers().indexOf(attachment.offer()),
            importer.needs().indexOf(attachment.granted())));
    known.complete(granted);
  }

  private void join(int request, WireFormat.Join join) {
    PoolAttachment attachment = granted(join.attachment()).attachment();
    attachment.checkAttached();
    boolean late = join.start() != Start.NEXT;
    checkRecord(join.reader());
    if (late) {
      checkRecord(join.backlog());
    }
    if (late ? join.backlog() == join.reader() : join.backlog() != WireFormat.Join.NONE) {
      throw new WireException(
          "reader records "
              + join.reader()
              + " and "
              + join.backlog()
              + " for a reader that starts with "
              + join.start());
    }
    RingBroadcast feed = RingBroadcast.named(pool, join.feed());
    feed.checkDepth(attachment.importer(), join.depth());
    int number = ++lastNumber;
    long ringBytes = FarReader.producerBytes(join.depth()) * (late ? 2 : 1);
    try (SharedMemory memory = memory("entrepot ring", ringBytes)) {
      // Unmapped when nobody can reach it, which the collector finds. When the ring is left a
      // writer,
      // a pass for free buffers or a dump may be at its words still, and none of them says when it
      // has gone: an arena that is closed by then would throw at them, in the middle of a frame.
      // A count of those who look would cost each frame two atomic steps for each reader.
      Words producer = Words.over(memory.map(true, Arena.ofAuto()));
      memory.seal(Seal.SHRINK, Seal.GROW, Seal.FUTURE_WRITE, Seal.SEAL);
      FarReader reader =
          feed.join(
              attachment,
              join.overflow(),
              join.depth(),
              producer,
              words,
              layout.reader(words, join.reader()));
      rings.put(number, new Ring(join.reader(), join.backlog(), reader));
      readers.set(join.reader());
      if (late) {
        readers.set(join.backlog());
        long record = layout.reader(words, join.backlog());
        feed.backlog(reader, join.depth(), join.start(), producer, words, record);
      }
      socket.send(request, new WireFormat.Joined(number), memory.descriptor());
    }
  }

  private void checkRecord(int record) {
    if (record < 0 || record >= PeerDescriptor.READERS) {
      throw new WireException(
          "reader record " + record + " is not within 0 to " + (PeerDescriptor.READERS - 1));
    }
    if (readers.get(record)) {
      throw new WireException("reader record " + record + " is in use already");
    }
  }

  // ---------------------------------------------------------------- the end

  private void close(Ring ring) {
    ring.reader.close();
    if (ring.reader.hasFault()) {
      server.count(PeerEvent.FAULT);
    }
  }

  /** A ring that the peer reads from, with the records of its own that it reads by. */
  private record Ring(int record, int backlog, FarReader reader) {}

  /** Ends the connection, telling the peer why if it listens. Waits for nobody. */
  void dismiss(PeerEvent outcome, String why) {
    end.compareAndSet(null, outcome);
    ended = true;
    cutOff();
    try {
      socket.trySend(0, new WireFormat.Goodbye(why));
    } catch (SystemCallException | IllegalStateException gone) {
      LOG.log(System.Logger.Level.DEBUG, "{0} was gone before it was told: {1}", identity, why);
    } finally {
      socket.close();
    }
  }

  /** Of a server that is closed nobody knows whether its pool goes on. */
  private void cutOff() {
    memories.cutOff(end.get() != PeerEvent.LEFT);
  }

  /** All that the peer had comes back. */
  private void end() {
    ended = true;
    socket.close();
    try {
      if (end.get() != null) {
        // Whoever does that may not be done, which must come before its buffers do.
        cutOff();
      }
      rings.values().forEach(this::close);
      attachments.values().forEach(PeerGrant::end);
    } finally {
      if (counted) {
        pool.peers().remove(uses);
      }
      if (admitted) {
        end.compareAndSet(null, PeerEvent.LEFT);
        server.count(end.get());
      }
      if (lane != null) {
        lane.close();
      }
      memories.end();
      server.forget(this);
      pool.freed().signal();
      over.countDown();
      if (fences != null) {
        fences.lose("its connection has ended");
      }
    }
  }

  /** It was never run. */
  void abandon() {
    end();
  }

  /** Waits until all that the peer had has come back; false when the time was over. */
  boolean awaitEnd(long timeoutNs) throws InterruptedException {
    return over.await(timeoutNs, TimeUnit.NANOSECONDS);
  }
}
