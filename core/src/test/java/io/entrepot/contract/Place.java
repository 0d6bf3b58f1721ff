package io.entrepot.contract;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.flow.Broadcast;
import io.entrepot.flow.BufferPool;
import io.entrepot.flow.Feed;
import io.entrepot.flow.FeedReader;
import io.entrepot.reach.PoolServer;
import io.entrepot.reach.RemotePool;
import io.entrepot.sharing.Attachment;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A pool, and the way by which readers come to it: see {@link Form}. */
final class Place implements AutoCloseable {
  private final BufferPool pool;
  private final Path folder;
  private final PoolServer server;
  private final RemotePool remote;

  private Place(BufferPool pool, Path folder, PoolServer server, RemotePool remote) {
    this.pool = pool;
    this.folder = folder;
    this.server = server;
    this.remote = remote;
  }

  static Place near(BufferPool pool) {
    return new Place(pool, null, null, null);
  }

  static Place far(BufferPool pool) {
    try {
      Path folder = Files.createTempDirectory("entrepot");
      PoolServer server = PoolServer.serve(pool, folder.resolve("pool"));
      return new Place(pool, folder, server, RemotePool.connect(server.socket()));
    } catch (IOException noFolder) {
      throw new UncheckedIOException(noFolder);
    }
  }

  /** The pool, which the caller closes. */
  BufferPool pool() {
    return pool;
  }

  boolean isFar() {
    return remote != null;
  }

  /** A feed as readers join it. */
  Feed reach(Broadcast feed) {
    return isFar() ? remote.feed(feed.name()) : feed;
  }

  /** The reader's attachment as the pool's own process has it, to be revoked there. */
  Attachment exported(Attachment attachment) {
    return isFar()
        ? server.attachments().stream()
            .filter(there -> there.importer().name().equals(attachment.importer().name()))
            .findFirst()
            .orElseThrow()
        : attachment;
  }

  /** Waits until an evicted reader knows it: another process is told by a message. */
  void awaitEvicted(FeedReader reader) {
    if (isFar()) {
      Elsewhere.await("the reader knows", reader.attachment()::isRevoked);
    }
  }

  /**
   * What the pool calls a use by a reader: of another process it knows no more than that there is
   * one, and that process knows the rest.
   */
  String named(String use) {
    if (!isFar()) {
      return use;
    }
    assertTrue(remote.dump().contains(use), remote::dump);
    return "used by process " + ProcessHandle.current().pid();
  }

  /** Closes the way, on which nothing may be held any more; the pool is the caller's. */
  @Override
  public void close() {
    if (isFar()) {
      remote.close();
      server.close();
      try {
        Files.delete(folder);
      } catch (IOException left) {
        throw new UncheckedIOException(left);
      }
    }
  }
}
