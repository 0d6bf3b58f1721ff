package io.entrepot.internal.reach;

import io.entrepot.flow.BufferPool;
import io.entrepot.internal.flow.ExportedPool;
import io.entrepot.internal.memory.SystemCallException;
import io.entrepot.internal.sharing.FreeBuffers;
import io.entrepot.internal.sharing.PoolCore;
import io.entrepot.internal.sharing.SharedSlabs;
import io.entrepot.reach.Admission;
import io.entrepot.reach.PeerIdentity;
import io.entrepot.reach.PoolServer;
import io.entrepot.sharing.Attachment;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Listens for processes that want to import a pool, and serves each on a thread of its own. */
public final class SocketServer implements PoolServer, FreeBuffers.Retirer {
  private static final System.Logger LOG = System.getLogger(SocketServer.class.getName());
  private static final int BACKLOG = 16;
  private static final long REFUSED_NS = TimeUnit.MILLISECONDS.toNanos(100);

  /** How long the listening thread waits at a time before it looks whether it is closed. */
  private static final long ACCEPT_NS = TimeUnit.SECONDS.toNanos(1);

  private final PoolCore pool;
  private final SharedSlabs slabs;
  private final Path path;
  private final Admission admission;
  private final UnixSocket socket;
  private final List<ServedPeer> peers = new CopyOnWriteArrayList<>();
  private volatile boolean closed;

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
    if (!(core.backing() instanceof SharedSlabs slabs)) {
      throw new IllegalArgumentException(
          "the memory of pool '"
              + core.name()
              + "' is this process's alone; make the pool over a SharedMemoryExporter");
    }
    SocketServer server = new SocketServer(core, slabs, path, admission);
    core.free().register(server);
    Thread.ofPlatform()
        .daemon()
        .name("entrepot-serve-" + core.name())
        .start(server::acceptWhileOpen);
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

  private void acceptWhileOpen() {
    while (!closed) {
      try {
        UnixSocket accepted = socket.accept(ACCEPT_NS);
        if (accepted != null) {
          serve(accepted);
        }
      } catch (InterruptedException e) {
        // Nobody but a JVM that ends does that.
        return;
      } catch (IllegalStateException endOfSocket) {
        if (!closed) {
          throw endOfSocket;
        }
      } catch (SystemCallException refused) {
        // As when there are too many descriptors: whoever waits goes on waiting.
        LOG.log(
            System.Logger.Level.WARNING,
            "pool ''{0}'' cannot take another process now: {1}",
            pool.name(),
            refused.getMessage());
        LockSupport.parkNanos(this, REFUSED_NS);
      }
    }
  }

  private void serve(UnixSocket accepted) {
    ServedPeer peer;
    try {
      peer = new ServedPeer(this, accepted);
    } catch (IllegalStateException gone) {
      // Its process has ended already.
      accepted.close();
      return;
    }
    peers.add(peer);
    if (closed) {
      // Closed meanwhile, which may have missed this one.
      peer.dismiss("the pool is served no more");
    }
    Thread.ofPlatform().daemon().name("entrepot-peer-" + peer.identity().pid()).start(peer);
  }

  void forget(ServedPeer peer) {
    peers.remove(peer);
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
  public void retirePassed(FreeBuffers.Pass pass) {
    // What peers hold is looked at by the reclaimer, their rings by the feeds.
  }

  @Override
  public String describeHolds() {
    return "";
  }

  @Override
  public void poolClosed() {
    close();
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    pool.free().unregister(this);
    socket.close();
    peers.forEach(peer -> peer.dismiss("the pool is served no more"));
  }
}
