package io.entrepot.examples.video;

import io.entrepot.flow.BufferPool;
import io.entrepot.reach.PeerIdentity;
import io.entrepot.reach.PoolServer;
import io.entrepot.sharing.SharedMemoryExporter;
import io.entrepot.sharing.SizeClass;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Pools that this process's children can import: each over shared memory of its own, served at a
 * socket of its own, in a directory that is this user's alone.
 */
final class ServedPools implements AutoCloseable {
  private final Path directory;
  private final Map<BufferPool, PoolServer> servers = new LinkedHashMap<>();

  ServedPools() {
    try {
      // Not in the directory of the results: the path of a socket must be short.
      this.directory = Files.createTempDirectory("entrepot-video");
    } catch (IOException e) {
      throw new VideoException("cannot make a directory for sockets: " + e, e);
    }
  }

  /** Makes a pool and serves it; whoever asked closes the pool. */
  synchronized BufferPool pool(String name, long slotBytes, int slots) {
    BufferPool pool = null;
    PoolServer server = null;
    try {
      pool = BufferPool.of(SharedMemoryExporter.named(name), new SizeClass(slotBytes, slots));
      server =
          PoolServer.serve(
              pool, directory.resolve("pool-" + servers.size()), ServedPools::admitChildren);
      servers.put(pool, server);
      return pool;
    } catch (IllegalStateException
        | IllegalArgumentException
        | UnsupportedOperationException
        | UncheckedIOException e) {
      throw new VideoException("cannot share memory with other processes: " + e.getMessage(), e);
    } finally {
      if (pool != null && server == null) {
        pool.close();
      }
    }
  }

  private static void admitChildren(PeerIdentity peer) {
    if (ProcessHandle.current().children().noneMatch(child -> child.pid() == peer.pid())) {
      throw new SecurityException("it was not started by the decoder's process");
    }
  }

  /** Where a pool is served. */
  synchronized Path socket(BufferPool pool) {
    return servers.get(pool).socket();
  }

  /** Serves no pool any more: what other processes had has come back then. Twice is harmless. */
  @Override
  public synchronized void close() {
    servers.values().forEach(PoolServer::close);
    try {
      Files.deleteIfExists(directory);
    } catch (IOException e) {
      throw new VideoException("cannot delete '" + directory + "': " + e, e);
    }
  }
}
