package io.entrepot.internal.reach;

import io.entrepot.flow.BufferPool;
import io.entrepot.internal.buffers.FreeBuffers;
import io.entrepot.internal.flow.ExportedPool;
import io.entrepot.internal.memory.SystemCallException;
import io.entrepot.internal.sharing.MappedSlabs;
import io.entrepot.internal.sharing.PoolCore;
import io.entrepot.internal.sharing.SharedSlabs;
import io.entrepot.reach.Admission;
import io.entrepot.reach.PeerIdentity;
import io.entrepot.reach.PeerStatistics;
import io.entrepot.reach.PoolServer;
import io.entrepot.reach.SharedFence;
import io.entrepot.sharing.Attachment;
import io.entrepot.sync.Fence;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;

/** Listens for processes that want to import a pool, and serves each on a thread of its own. */
public final class SocketServer implements PoolServer, FreeBuffers.Retirer {
  private static final System.Logger LOG = System.getLogger(SocketServer.class.getName());
  private static final int BACKLOG = 16;
  private static final String NO_MORE = "the pool is served no more";

  /** Processes that are served at a time: each costs a thread, and its copy of the pool's words. */
  static final int MAX_PEERS = 256;

  /** How long a close waits until what peers had has come back. */
  private static final long CLOSE_NS = TimeUnit.SECONDS.toNanos(2);

  private static final long REFUSED_NS = TimeUnit.MILLISECONDS.toNanos(100);

  /** How long the listening thread waits at a time before it looks whether it is closed. */
  private static final long ACCEPT_NS = TimeUnit.SECONDS.toNanos(1);

  private final PoolCore pool;
  private final SharedSlabs slabs;
  private final Path path;
  private final Admission admission;
  private final UnixSocket socket;
  private final List<ServedPeer> peers = new CopyOnWriteArrayList<>();
  private final LeftRings leftRings = new LeftRings();
  private final AtomicLongArray events = new AtomicLongArray(PeerEvent.values().length);

  /** Whether nobody is taken any more. */
  private volatile boolean stopped;

  /** Whether those who were taken have been dismissed; under our lock. */
  private boolean closed;

  /** Whether it was logged that there is no room for more; of the listening thread alone. */
  private boolean full;

  /** Whether it was logged that the kernel refuses to accept; of the listening thread alone. */
  private boolean refused;

  private SocketServer(PoolCore pool, SharedSlabs slabs, Path path, Admission admission) {
    this.pool = pool;
    this.slabs = slabs;
    this.path = path;
    this.admission = admission;
    this.socket = UnixSocket.listen(path, BACKLOG);
  }

  /** See {@link PoolServer#serve(BufferPool, Path, Admission)}. */
  public static SocketServer serve(BufferPool pool, Path path, Admission admission) {
    Objects.requireNonNull(admission, "admission");
    PoolCore core = ((ExportedPool) pool).core();
    core.checkOpen();
    if (core.backing() instanceof MappedSlabs) {
      throw new IllegalArgumentException(
          "the memory of pool '"
              + core.name()
              + "' is secret: it cannot be sealed against the writing of those who are given it, so"
              + " it stays in this process; make a pool for others over a SharedMemoryExporter, or"
              + " one for a single importer that may write, by writableBy");
    }
    if (core.exporter().zeroesOnRelease() && core.grant() == null) {
      throw new IllegalArgumentException(
          "pool '"
              + core.name()
              + "' zeroes buffers on release, and a release in another process is not noticed here:"
              + " serve a pool that zeroes on reuse, or one for a single importer that may write");
    }
    if (!(core.backing() instanceof SharedSlabs slabs)) {
      throw new IllegalArgumentException(
          "the memory of pool '"
              + core.name()
              + "' is this process's alone; make the pool over a SharedMemoryExporter");
    }
    SocketServer server;
    try {
      server = new SocketServer(core, slabs, path, admission);
    } catch (SystemCallException refused) {
      throw new UncheckedIOException(
          "pool '" + core.name() + "' cannot be served at " + path + ": " + refused.getMessage(),
          new IOException(refused));
    }
    boolean started = false;
    try {
      core.free().register(server);
      // Closed meanwhile, which may have missed this one.
      core.checkOpen();
      Thread.ofPlatform()
          .daemon()
          .name("entrepot-serve-" + core.name())
          .start(server::acceptWhileOpen);
      started = true;
    } finally {
      if (!started) {
        // Or there is no memory for a thread.
        server.close();
      }
    }
    return server;
  }

  PoolCore pool() {
    return pool;
  }

  SharedSlabs slabs() {
    return slabs;
  }

  Admission admission() {
    return admission;
  }

  /** Rings that peers have left, and the memory of which is not let go of. */
  LeftRings leftRings() {
    return leftRings;
  }

  private void acceptWhileOpen() {
    while (!stopped) {
      pool.peers().log().catchUp();
      leftRings.release();
      try {
        UnixSocket accepted = socket.accept(ACCEPT_NS);
        if (accepted != null) {
          refused = false;
          serve(accepted);
        }
      } catch (InterruptedException e) {
        // Nobody but a JVM that ends does that.
        return;
      } catch (IllegalStateException endOfSocket) {
        if (!stopped) {
          throw endOfSocket;
        }
      } catch (SystemCallException full) {
        // As when there are too many descriptors: whoever waits goes on waiting.
        if (!refused) {
          refused = true;
          logRefused(full);
        }
        LockSupport.parkNanos(this, REFUSED_NS);
      }
    }
  }

  private void logRefused(SystemCallException why) {
    pool.peers()
        .log()
        .warn("pool '" + pool.name() + "' cannot take another process now: " + why.getMessage());
  }

  private void serve(UnixSocket accepted) {
    if (peers.size() >= MAX_PEERS) {
      if (!full) {
        full = true;
        pool.peers()
            .log()
            .warn(
                "pool '"
                    + pool.name()
                    + "' serves "
                    + MAX_PEERS
                    + " processes already and turns others away");
      }
      count(PeerEvent.REFUSED);
      accepted.close();
      return;
    }
    full = false;
    ServedPeer peer = null;
    try {
      peer = new ServedPeer(this, accepted);
    } catch (IllegalStateException gone) {
      LOG.log(System.Logger.Level.DEBUG, "a process has ended before it was served", gone);
      return;
    } catch (SystemCallException none) {
      logRefused(none);
      turnAway(accepted, none.getMessage());
      return;
    } finally {
      if (peer == null) {
        accepted.close();
      }
    }
    peers.add(peer);
    if (stopped) {
      // Meanwhile, which may have missed this one.
      peer.dismiss(PeerEvent.LEFT, NO_MORE);
    }
    boolean started = false;
    try {
      Thread.ofPlatform().daemon().name("entrepot-peer-" + peer.identity().pid()).start(peer);
      started = true;
    } catch (OutOfMemoryError noThread) {
      // The next one may get a thread again: this one is turned away, the server goes on.
      pool.peers().log().warn("no thread for " + peer.identity(), noThread);
    } finally {
      if (!started) {
        peer.abandon();
      }
    }
  }

  /** Tells a process for which there is no room, if it listens. */
  private void turnAway(UnixSocket accepted, String why) {
    try {
      new WireSocket(accepted)
          .trySend(
              0,
              new WireFormat.Refused(
                  WireFormat.Why.ILLEGAL_STATE,
                  "pool '" + pool.name() + "' cannot take another process now: " + why));
    } catch (SystemCallException | IllegalStateException gone) {
      LOG.log(System.Logger.Level.DEBUG, "a process has ended before it was turned away", gone);
    }
  }

  void forget(ServedPeer peer) {
    peers.remove(peer);
  }

  void count(PeerEvent event) {
    events.getAndIncrement(event.ordinal());
  }

  @Override
  public PeerStatistics statistics() {
    return new PeerStatistics(
        peers.size(),
        counted(PeerEvent.ADMITTED),
        counted(PeerEvent.REFUSED),
        counted(PeerEvent.LEFT),
        counted(PeerEvent.CUT_OFF),
        counted(PeerEvent.EVICTED),
        counted(PeerEvent.FAULT));
  }

  private long counted(PeerEvent event) {
    return events.get(event.ordinal());
  }

  @Override
  public Path socket() {
    return path;
  }

  @Override
  public List<PeerIdentity> peers() {
    return peers.stream().map(ServedPeer::identity).toList();
  }

  @Override
  public List<Attachment> attachments() {
    return peers.stream().flatMap(ServedPeer::attachments).toList();
  }

  @Override
  public SharedFence exportFence(Fence fence) {
    return SharedFences.export(pool, fence);
  }

  @Override
  public Fence importFence(PeerIdentity peer, SharedFence fence) {
    Objects.requireNonNull(fence, "fence");
    List<SharedFences> connections =
        peers.stream()
            .filter(served -> served.identity().equals(peer))
            .map(ServedPeer::fences)
            .filter(Objects::nonNull)
            .toList();
    if (connections.isEmpty()) {
      throw new IllegalStateException(
          "no fence of " + peer + " can be imported: it is not among the connected " + peers());
    }
    return connections.stream()
        .filter(connection -> connection.has(fence))
        .findFirst()
        .orElse(connections.getFirst())
        .imported(fence);
  }

  @Override
  public void retirePassed(FreeBuffers.Pass pass) {
    // What peers hold is looked at by the reclaimer, their rings by the feeds.
  }

  @Override
  public String describeHolds() {
    return "";
  }

  @Override
  public void poolClosed() {
    // Not waited for: the pool found nothing in use, and whoever closes it may hold its lock.
    shut();
  }

  @Override
  public boolean close(Duration patience) {
    long patienceNs = TimeUnit.NANOSECONDS.convert(patience);
    boolean allLeft;
    try {
      stop();
    } finally {
      allLeft = awaitNobody(patienceNs);
      close();
    }
    return allLeft;
  }

  private boolean awaitNobody(long timeoutNs) {
    long startNs = System.nanoTime();
    try {
      for (ServedPeer peer : peers) {
        if (!peer.awaitEnd(timeoutNs - (System.nanoTime() - startNs))) {
          return false;
        }
      }
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  @Override
  public void close() {
    List<ServedPeer> open = List.copyOf(peers);
    try {
      shut();
    } finally {
      awaitEnd(open);
    }
  }

  @Override
  public int evict(PeerIdentity peer) {
    List<ServedPeer> evicted =
        peers.stream().filter(served -> served.identity().equals(peer)).toList();
    evicted.forEach(served -> served.dismiss(PeerEvent.EVICTED, "it was evicted"));
    awaitEnd(evicted);
    return evicted.size();
  }

  private void awaitEnd(List<ServedPeer> open) {
    long startNs = System.nanoTime();
    try {
      for (ServedPeer peer : open) {
        if (!peer.awaitEnd(CLOSE_NS - (System.nanoTime() - startNs))) {
          LOG.log(
              System.Logger.Level.WARNING,
              "{0} is still being served, by a thread that does not come back",
              peer.identity());
        }
      }
    } catch (InterruptedException e) {
      // They end without us too.
      Thread.currentThread().interrupt();
    }
  }

  private synchronized void stop() {
    if (!stopped) {
      stopped = true;
      socket.close();
    }
  }

  private synchronized void shut() {
    try {
      stop();
    } finally {
      // Also when the socket's file cannot be deleted.
      if (!closed) {
        closed = true;
        pool.free().unregister(this);
        peers.forEach(peer -> peer.dismiss(PeerEvent.LEFT, NO_MORE));
      }
    }
  }
}
