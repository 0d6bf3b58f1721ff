package io.entrepot.internal.reach;

import io.entrepot.flow.Feed;
import io.entrepot.flow.Overflow;
import io.entrepot.flow.PoolInUseException;
import io.entrepot.flow.Start;
import io.entrepot.internal.buffers.ExporterWords;
import io.entrepot.internal.flow.FarFeed;
import io.entrepot.internal.memory.Descriptor;
import io.entrepot.internal.memory.NoRoomException;
import io.entrepot.internal.memory.Seal;
import io.entrepot.internal.memory.SharedMemory;
import io.entrepot.internal.memory.Words;
import io.entrepot.internal.sharing.PoolAttachment;
import io.entrepot.internal.sharing.PoolCore;
import io.entrepot.reach.PeerIdentity;
import io.entrepot.reach.RemotePool;
import io.entrepot.reach.SharedFence;
import io.entrepot.sharing.AttachRefusedException;
import io.entrepot.sharing.FrameLayout;
import io.entrepot.sharing.Importer;
import io.entrepot.sharing.OutOfBudgetException;
import io.entrepot.sharing.Revocation;
import io.entrepot.sync.Fence;
import io.entrepot.sync.SyncDomain;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * A pool of another process: a core of this process's own over the exporter's data, whose states
 * and lanes say what this process uses, and in which nothing is ever acquired. Data that this
 * process is granted to write comes with its first attachment; until then nothing in the core
 * reaches any.
 */
public final class ImportedPool implements RemotePool, FarFeed.Line {
  private static final System.Logger LOG = System.getLogger(ImportedPool.class.getName());
  private final ExporterConnection connection;
  private final WireFormat.Welcome welcome;
  private final PoolCore core;
  private final ImportedMemory memory;
  private final SharedFences fences;

  /** Whether the memory is one that an attachment grants for writing. */
  private final boolean writing;

  /** Whether it was granted; under the lock of {@link #attachments}. */
  private boolean granted;

  private final ImportedRings rings;

  /** Attachments that stand, by the exporter's numbers. */
  private final Map<Integer, PoolAttachment> attachments = new ConcurrentHashMap<>();

  /** Numbers of attachments that the exporter has asked to have back. */
  private final Set<Integer> revoking = ConcurrentHashMap.newKeySet();

  /** Whether the exporter goes on without this process. */
  private volatile boolean dismissed;

  /** Whether the exporter has ended, or goes on and nothing here shows what it writes. */
  private volatile boolean lost;

  /** What it has asked for that {@link #attach} is yet to store, with the time that was left. */
  private final Map<Integer, Duration> early = new ConcurrentHashMap<>();

  /** Number of the newest attachment that was stored; the exporter counts them upwards. */
  private volatile int newest;

  private final Map<String, FarFeed> feeds = new ConcurrentHashMap<>();

  private ImportedPool(ExporterConnection connection, WireSocket.Arrival arrival) {
    this.connection = connection;
    if (arrival.message() instanceof WireFormat.Goodbye(String why)) {
      arrival.descriptors(0);
      // It is being closed, say, or was greeted too late.
      throw new UncheckedIOException(
          new IOException(connection.exporter() + " ended the connection at once: " + why));
    }
    if (!(arrival.message() instanceof WireFormat.Welcome said)) {
      arrival.descriptors(0);
      throw new IllegalStateException(
          connection.exporter() + " answered the greeting with " + arrival.message());
    }
    this.welcome = said;
    this.writing = (said.features() & WireFormat.WRITING) != 0;
    List<Descriptor> sent = arrival.descriptors(writing ? 2 : 3);
    // What is null is not closed.
    try (SharedMemory data = writing ? null : SharedMemory.received(sent.getFirst());
        SharedMemory control = SharedMemory.received(sent.get(sent.size() - 2));
        SharedMemory lane = SharedMemory.received(sent.getLast())) {
      if ((said.features() & ~WireFormat.WRITING) != 0) {
        throw new IllegalStateException(
            connection.exporter()
                + " has a pool with features "
                + Long.toHexString(said.features())
                + ", of which this version of Entrepot knows "
                + Long.toHexString(WireFormat.WRITING)
                + " alone");
      }
      if (said.lanes() != PoolCore.LANES
          || said.timelines() != PoolCore.TIMELINES
          || said.readers() != PeerDescriptor.READERS) {
        throw new IllegalStateException(
            connection.exporter()
                + " has words for "
                + said.lanes()
                + " lanes, "
                + said.timelines()
                + " timelines and "
                + said.readers()
                + " readers; it is of another version of Entrepot");
      }
      String who = connection.exporter().toString();
      ImportedMemory.require(who, "control", control, Seal.SHRINK, Seal.GROW);
      this.memory = new ImportedMemory(who, said, data, lane);
      boolean whole = false;
      try {
        this.core =
            new PoolCore(
                said.pool(),
                new ImportedExporter(said, memory),
                said.classes().stream().map(WireFormat.PlacedClass::sizeClass).toList());
        Words theirs = Words.over(control.map(false, Arena.ofAuto()));
        this.fences = new SharedFences(core, theirs, who, connection.process());
        memory.endBy(core::letGoOf);
        core.memories().onUseEnd(memory::unmapGone);
        core.imports(
            ExporterWords.over(
                said.pool(),
                theirs,
                core.words(),
                core.layout(),
                core.signals(),
                fences.far(),
                () -> lost),
            writing,
            TimeUnit.NANOSECONDS.convert(RemotePool.DEFAULT_PATIENCE));
        PeerDescriptor layout = PeerDescriptor.of(core);
        this.rings =
            new ImportedRings(connection, said.pool(), memory.words(layout.byteSize()), layout);
        whole = true;
      } finally {
        if (!whole) {
          memory.close();
        }
      }
    }
  }

  /** See {@link RemotePool#connect(Path)}. */
  public static RemotePool connect(Path socket) {
    return connect(socket, () -> DEFAULT_PATIENCE);
  }

  /** As {@link #connect(Path)}, waiting for so long at most for each answer; asked for each. */
  static RemotePool connect(Path socket, Supplier<Duration> patience) {
    ExporterConnection connection =
        ExporterConnection.to(socket, () -> TimeUnit.NANOSECONDS.convert(patience.get()));
    ImportedPool pool = null;
    boolean listens = false;
    try {
      WireSocket.Arrival welcome =
          connection.greet(
              new WireFormat.Hello(
                  WireFormat.WRITING, ProcessHandle.current().info().command().orElse("?")));
      pool = new ImportedPool(connection, welcome);
      pool.listen();
      listens = true;
      return pool;
    } finally {
      if (!listens) {
        connection.close();
        if (pool != null) {
          // There is no memory for a thread.
          pool.core.tryClose();
        }
      }
    }
  }

  private void listen() {
    connection.listen(
        new ExporterConnection.Listener() {
          @Override
          public void revoking(int attachment, Duration timeLeft) {
            revoke(attachment, timeLeft);
          }

          @Override
          public void memory(long number, SharedMemory data) {
            core.memories().add(number, memory.add(number, data).toArray(MemorySegment[]::new));
          }

          @Override
          public void memoryGone(long number) {
            core.memories().remove(number);
            memory.vacate(number);
          }

          @Override
          public void dismissed() {
            // On the connection's thread: nothing comes on it any more.
            dismissed = true;
            attachments.values().forEach(ImportedPool::takeAway);
            feeds.values().forEach(FarFeed::left);
          }

          @Override
          public void ended(String why) {
            fences.lose(why);
            core.memories().over(why);
            feeds.values().forEach(FarFeed::left);
          }

          @Override
          public void lost() {
            lost = true;
            core.imported().wake();
          }
        });
  }

  @Override
  public String name() {
    return welcome.pool();
  }

  @Override
  public PeerIdentity exporter() {
    return connection.exporter();
  }

  @Override
  public int buffers() {
    return core.buffers();
  }

  @Override
  public Feed feed(String name) {
    return feeds.computeIfAbsent(
        Objects.requireNonNull(name, "name"), named -> new FarFeed(core, named, this));
  }

  @Override
  public FrameLayout layout(long number) {
    WireSocket.Arrival answer;
    try {
      answer = connection.call(new WireFormat.Layout(number));
    } catch (IllegalStateException refused) {
      if (isConnected()) {
        throw refused;
      }
      // The exporter has ended meanwhile: the frame is there to be read, its layout is not.
      return null;
    }
    answer.descriptors(0);
    if (answer.message() instanceof WireFormat.LayoutIs(FrameLayout layout)) {
      return layout;
    }
    throw new IllegalStateException(
        exporter() + " answered a question for a layout with " + answer.message());
  }

  @Override
  public String end() {
    return connection.end();
  }

  // ---------------------------------------------------------------- attaching

  @Override
  public PoolAttachment attach(Importer importer) {
    core.checkOpen();
    // One at a time: an attachment is stored before the number of the next is known.
    synchronized (attachments) {
      return attachNow(importer);
    }
  }

  private PoolAttachment attachNow(Importer importer) {
    WireSocket.Arrival answer = connection.call(new WireFormat.Attach(importer), this::detachLate);
    if (!(answer.message() instanceof WireFormat.Attached attached)) {
      answer.descriptors(0);
      throw unusable(answer.message());
    }
    List<Descriptor> sent = answer.descriptors(writing ? 1 : 0);
    PoolAttachment attachment = null;
    try {
      if (writing) {
        receive(sent.getFirst());
      }
      attachment = attachedHere(importer, attached);
    } finally {
      if (attachment == null && !attachments.containsKey(attached.attachment())) {
        // It stands there alone.
        connection.tell(new WireFormat.Detach(attached.attachment()));
      }
    }
    int number = attached.attachment();
    attachment.onEnd(() -> detach(number));
    if (dismissed) {
      // Told meanwhile, to those that were stored.
      takeAway(attachment);
    }
    newest = Math.max(newest, number);
    Duration asked = early.remove(number);
    if (asked != null) {
      revoke(number, asked);
    }
    return attachment;
  }

  private PoolAttachment attachedHere(Importer importer, WireFormat.Attached attached) {
    int offer = attached.offer();
    int need = attached.need();
    if (offer < 0
        || offer >= welcome.offers().size()
        || need < 0
        || need >= importer.needs().size()) {
      throw unusable(attached);
    }
    PoolAttachment attachment =
        core.attach(
            new Settled(core.exporter(), welcome.offers().get(offer), importer.needs().get(need)),
            importer);
    if (attachments.putIfAbsent(attached.attachment(), attachment) != null) {
      attachment.close();
      throw new AttachRefusedException(
          exporter() + " gave the number " + attached.attachment() + " to two attachments", null);
    }
    return attachment;
  }

  private AttachRefusedException unusable(WireFormat.Message answer) {
    return new AttachRefusedException(exporter() + " answered an attach with " + answer, null);
  }

  /** Memory that this process may write from now on; it comes with each attachment. */
  private void receive(Descriptor sent) {
    if (granted) {
      sent.close();
      return;
    }
    try (SharedMemory data = SharedMemory.received(sent)) {
      core.memories().add(welcome.memory(), memory.granted(data).toArray(MemorySegment[]::new));
      granted = true;
    } catch (NoRoomException tooLittle) {
      throw new OutOfBudgetException(
          "the memory of pool '" + name() + "' is granted, but: " + tooLittle.getMessage(),
          tooLittle);
    }
  }

  /**
   * Hears the answer to an attach that was given up. Memory that came with it is not mapped, and
   * closed by now.
   */
  private void detachLate(WireFormat.Message answer) {
    if (answer instanceof WireFormat.Attached attached) {
      connection.owe(
          new WireFormat.Detach(attached.attachment()), () -> early.remove(attached.attachment()));
    }
  }

  /** The exporter goes on without this process; the others are told whatever becomes of one. */
  private static void takeAway(PoolAttachment attachment) {
    try {
      attachment.revoke(0);
    } catch (RuntimeException notClosed) {
      LOG.log(System.Logger.Level.WARNING, attachment + " could not be revoked", notClosed);
    }
  }

  private void detach(int number) {
    revoking.remove(number);
    if (attachments.remove(number) != null) {
      connection.callIfThere(new WireFormat.Detach(number));
    }
  }

  /** On a thread of its own: the connection's must go on to hear what else there is. */
  private void revoke(int number, Duration timeLeft) {
    PoolAttachment attachment = asked(number, timeLeft);
    if (attachment != null && revoking.add(number)) {
      Thread.ofVirtual()
          .name("entrepot-revoking-" + number)
          .start(() -> {
            Revocation done = attachment.revoke(Math.max(0, timeLeft.toNanos()));
            feeds.values().forEach(FarFeed::left);
            connection.tell(
                new WireFormat.LetGo(
                    number, done.cooperative(), done.pendingFences(), done.quarantined()));
          });
    }
  }

  /** What is to be revoked; {@code null} when it has ended, or is yet to be stored. */
  private PoolAttachment asked(int number, Duration timeLeft) {
    if (number > newest && early.size() < ServedPeer.MAX_ATTACHMENTS) {
      // Whoever stores it looks at this behind that, and we look behind this: one sees the other.
      early.put(number, timeLeft);
    }
    PoolAttachment stored = attachments.get(number);
    if (stored != null) {
      early.remove(number);
    }
    return stored;
  }

  // ---------------------------------------------------------------- fences

  @Override
  public SyncDomain sync() {
    return core.timelines();
  }

  @Override
  public SharedFence exportFence(Fence fence) {
    return SharedFences.export(core, fence);
  }

  @Override
  public Fence importFence(SharedFence fence) {
    return fences.imported(fence);
  }

  // ---------------------------------------------------------------- readers

  @Override
  public FarFeed.FarRings join(
      PoolAttachment attachment, String feed, Overflow overflow, int depth, Start start) {
    return rings.join(number(attachment), feed, overflow, depth, start);
  }

  private int number(PoolAttachment attachment) {
    return attachments.entrySet().stream()
        .filter(entry -> entry.getValue() == attachment)
        .map(Map.Entry::getKey)
        .findFirst()
        .orElseThrow(() -> new IllegalStateException(attachment + " has ended"));
  }

  // ---------------------------------------------------------------- the end

  @Override
  public boolean isConnected() {
    return connection.end() == null;
  }

  @Override
  public String dump() {
    return core.dump();
  }

  @Override
  public void close() {
    try {
      List<String> holders = core.tryClose();
      if (!holders.isEmpty()) {
        throw new PoolInUseException(name(), holders);
      }
    } finally {
      if (core.isClosed()) {
        // Also when the exporter has not answered to what it was told.
        connection.close();
      }
    }
  }

  @Override
  public String toString() {
    return "pool '" + name() + "' of " + exporter() + (isConnected() ? "" : ", which has ended");
  }
}
