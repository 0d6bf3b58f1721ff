package io.entrepot.internal.reach;

import io.entrepot.internal.buffers.PeerWords;
import io.entrepot.internal.memory.Descriptor;
import io.entrepot.internal.memory.Seal;
import io.entrepot.internal.memory.SharedMemory;
import io.entrepot.internal.memory.SystemCallException;
import io.entrepot.internal.memory.Words;
import io.entrepot.internal.reach.WireFormat.Message;
import io.entrepot.internal.reach.WireFormat.PlacedClass;
import io.entrepot.internal.reach.WireFormat.Why;
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

  /** As {@link #SLICE_NS}, where buffers are zeroed that the peer lets go of last. */
  private static final long CLEANING_SLICE_NS = TimeUnit.MILLISECONDS.toNanos(1);

  /** Attachments that a process may have at a time: each costs memory here. */
  static final int MAX_ATTACHMENTS = 256;

  private final SocketServer server;
  private final PoolCore pool;
  private final Exporter exporter;
  private final WireSocket socket;
  private final PeerProcess process;
  private final PeerIdentity identity;

  /** What it has of memory that it may write; {@code null} where it may write none. */
  private final WritingPeer writing;

  private final Map<Integer, PeerGrant> attachments = new ConcurrentHashMap<>();
  private final PeerRings rings;

  /** What it was sent of memory that it may read alone; {@code null} where it may write. */
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
    this.layout = PeerDescriptor.of(pool);
    this.socket = new WireSocket(socket);
    this.process = PeerProcess.of(socket);
    PeerCredentials peer = process.credentials();
    this.identity = new PeerIdentity(peer.pid(), peer.uid(), peer.gid());
    this.rings =
        new PeerRings(
            pool,
            layout,
            this::memory,
            () -> server.count(PeerEvent.FAULT),
            identity,
            server.leftRings());
    boolean writes = pool.grant() != null;
    this.writing = writes ? new WritingPeer(pool, process, identity) : null;
    this.memories =
        writes ? null : new PeerMemories(pool.replacements(), this.socket, process, identity);
    this.exporter = writes ? writing.exporter() : new ReadingOnly(pool.exporter());
  }

  PeerIdentity identity() {
    return identity;
  }

  /** Its fences; {@code null} while it is not admitted. */
  SharedFences fences() {
    return fences;
  }

  /** Whether its connection has ended, or is being ended, and what it may do on is known. */
  boolean hasEnded() {
    return ended && (writing == null || writing.isSettled());
  }

  /** Whether it may still write to the memory, of which nothing is handed out. */
  boolean isQuarantined() {
    return writing != null && writing.isQuarantined();
  }

  /** Has nothing handed out any more of memory that it may write; counts but for one buffer. */
  void quarantine() {
    if (writing != null) {
      writing.quarantine(1);
    }
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
    if (!(first.message() instanceof WireFormat.Hello hello)) {
      throw new WireException("the first message is no greeting but " + first.message());
    }
    try {
      if (writing != null && (hello.features() & WireFormat.WRITING) == 0) {
        throw new IllegalStateException("its version of Entrepot knows nothing of writing grants");
      }
      server.admission().admit(identity);
      if (memories != null) {
        memories.requireRoom();
      }
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
    uses = new PeerWords(identity.toString(), words, pool.layout().at(words));
    fences = new SharedFences(pool, words, identity.toString(), process);
    Descriptor control = server.slabs().control().descriptor();
    if (writing == null) {
      memories.begin((number, data) ->
          socket.send(
              first.request(), welcome(number), data.descriptor(), control, lane.descriptor()));
    } else {
      socket.send(first.request(), welcome(0), control, lane.descriptor());
    }
    return true;
  }

  private Descriptor data() {
    return server.slabs().data().descriptor();
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
        writing == null ? 0 : WireFormat.WRITING,
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
    boolean cleaning = counted && pool.exporter().zeroesOnRelease();
    WireSocket.Arrival arrival = socket.receive(cleaning ? CLEANING_SLICE_NS : SLICE_NS);
    if (cleaning) {
      // Nobody else sees what the peer has let go of.
      pool.freed().signal();
    }
    if (arrival == null) {
      // The socket of a process that has ended may live on in a child of its.
      if (!process.isAlive()) {
        throw new WireSocket.EndOfConnection();
      }
      server.leftRings().release();
      if (memories != null) {
        memories.tell();
      }
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
      case WireFormat.Join join -> {
        PoolAttachment attachment = granted(join.attachment()).attachment();
        int number = ++lastNumber;
        try (SharedMemory ring = rings.join(number, attachment, join, words)) {
          socket.send(request, new WireFormat.Joined(number), ring.descriptor());
        }
      }
      case WireFormat.Leave(int ring) -> {
        rings.leave(ring);
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
      if (writing == null) {
        pool.peers().add(uses);
      } else {
        writing.begin(uses);
      }
    }
    WireFormat.Attached attached =
        new WireFormat.Attached(
            number,
            exporter.offers().indexOf(attachment.offer()),
            importer.needs().indexOf(attachment.granted()));
    if (writing == null) {
      socket.send(request, attached);
    } else {
      socket.send(request, attached, data());
    }
    known.complete(granted);
  }

  // ---------------------------------------------------------------- the end

  /** Ends the connection, telling the peer why if it listens. Waits for nobody. */
  void dismiss(PeerEvent outcome, String why) {
    end.compareAndSet(null, outcome);
    try {
      // Before its thread learns that it has ended, and closes the socket.
      socket.trySend(0, new WireFormat.Goodbye(why));
    } catch (SystemCallException | IllegalStateException gone) {
      LOG.log(System.Logger.Level.DEBUG, "{0} was gone before it was told: {1}", identity, why);
    } finally {
      ended = true;
      cutOff();
      socket.close();
    }
  }

  /** Of a server that is closed nobody knows whether its pool goes on. */
  private void cutOff() {
    if (memories != null) {
      memories.cutOff(end.get() != PeerEvent.LEFT);
    }
  }

  /** All that the peer had comes back; memory that it may still write when it has ended. */
  private void end() {
    boolean hungUp = end.get() == null;
    ended = true;
    socket.close();
    try {
      if (end.get() != null) {
        // Whoever does that may not be done, which must come before its buffers do.
        cutOff();
      }
      rings.close();
      if (writing != null) {
        writing.settle(attachments.values().stream().allMatch(PeerGrant::hasLetGo), hungUp);
      }
    } finally {
      attachments.values().forEach(PeerGrant::endWhateverIsThrown);
      if (counted && writing == null) {
        pool.peers().remove(uses);
      }
      if (admitted) {
        end.compareAndSet(null, PeerEvent.LEFT);
        server.count(end.get());
      }
      if (lane != null) {
        lane.close();
      }
      if (memories != null) {
        memories.end();
      }
      server.forget(this);
      pool.freed().signal();
      over.countDown();
      if (fences != null) {
        fences.lose("its connection has ended");
      }
      if (writing != null && !writing.watch()) {
        process.close();
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
