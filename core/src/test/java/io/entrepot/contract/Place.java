package io.entrepot.contract;

import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.entrepot.flow.Broadcast;
import io.entrepot.flow.BufferPool;
import io.entrepot.flow.Feed;
import io.entrepot.flow.FeedReader;
import io.entrepot.flow.FeedWriter;
import io.entrepot.flow.FramePort;
import io.entrepot.flow.Overflow;
import io.entrepot.reach.PoolServer;
import io.entrepot.reach.RemotePool;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.Attachment;
import io.entrepot.sharing.Importer;
import io.entrepot.sharing.Revocation;
import io.entrepot.sharing.SharedBuffer;
import io.entrepot.sync.Fence;
import io.entrepot.sync.SyncDomain;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/** A pool, and the way by which readers come to it: see {@link Form}. */
final class Place implements AutoCloseable {
  private static final long LIMIT_SECONDS = 30;
  private static final Pattern MAPPINGS =
      Pattern.compile("(\\d+) mappings by port \\d+ of importer '([^']*)'");

  private final BufferPool pool;
  private final List<MemorySegment> memory;
  private final Path folder;
  private final PoolServer server;
  private final RemotePool remote;

  private Place(
      BufferPool pool,
      List<MemorySegment> memory,
      Path folder,
      PoolServer server,
      RemotePool remote) {
    this.pool = pool;
    this.memory = memory;
    this.folder = folder;
    this.server = server;
    this.remote = remote;
  }

  static Place near(BufferPool pool, List<MemorySegment> memory) {
    return new Place(pool, memory, null, null, null);
  }

  static Place far(BufferPool pool, List<MemorySegment> memory) {
    try {
      Path folder = Files.createTempDirectory("entrepot");
      PoolServer server = PoolServer.serve(pool, folder.resolve("pool"));
      return new Place(pool, memory, folder, server, RemotePool.connect(server.socket()));
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

  /** The exporter's own view of a buffer, which it can write to whoever else has it. */
  OwnBytes own(SharedBuffer buffer) {
    return new OwnBytes(pool.name(), raw(buffer));
  }

  /** The exporter's bytes of a buffer. */
  MemorySegment raw(SharedBuffer buffer) {
    return memory.get(buffer.index());
  }

  /** Attaches an importer to the pool, from where readers are. */
  Attachment attach(Importer importer) {
    return isFar() ? remote.attach(importer) : pool.attach(importer);
  }

  /**
   * Another reference to a buffer, as importers have it. One elsewhere knows buffers by frames
   * alone, so there it comes over a feed, and the buffer is published from then on.
   */
  SharedBuffer reach(SharedBuffer buffer) {
    if (!isFar()) {
      return buffer.share();
    }
    try (Broadcast way = pool.broadcast("the way of " + buffer);
        FeedReader reader = reach(way).join("way", Access.READ, Overflow.BLOCK);
        FramePort port = reader.open();
        FeedWriter writer = way.writer();
        SharedBuffer shared = buffer.share()) {
      assertTrue(writer.publish(shared, null, 0, LIMIT_SECONDS, TimeUnit.SECONDS));
      SharedBuffer reached = port.nextBuffer(LIMIT_SECONDS, TimeUnit.SECONDS);
      assertNotNull(reached, remote::dump);
      return reached;
    }
  }

  /** The timelines of where importers are, whose fences protect what they use. */
  SyncDomain sync() {
    return isFar() ? remote.sync() : pool.sync();
  }

  /** A fence of the pool's process, as importers have it. */
  Fence reach(Fence fence) {
    return isFar() ? remote.importFence(server.exportFence(fence)) : fence;
  }

  /** What importers may ask for. */
  Access access() {
    return isFar() ? Access.READ : Access.WRITE;
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
            .filter(there -> there.isRevoked() == attachment.isRevoked())
            .findFirst()
            .orElseThrow()
        : attachment;
  }

  /** Takes the memory back from an importer, in the pool's own process; the importer knows it. */
  Revocation revoke(Attachment attachment, Duration deadline) {
    Revocation revocation = pool.revoke(exported(attachment), deadline);
    Elsewhere.await("the importer knows", attachment::isRevoked);
    return revocation;
  }

  /**
   * Supposes that an importer has answered when it was revoked. One elsewhere that does not within
   * a quarter of a second is cut off: it may look on until it knows.
   */
  void assumeAnswered(Revocation revocation) {
    assumeInTime(revocation);
  }

  /** As {@link #assumeAnswered}, wherever the importer is. */
  static void assumeInTime(Revocation revocation) {
    assumeFalse(
        revocation.toString().contains("may still "),
        "this machine is too busy for an importer elsewhere to answer in time");
  }

  /**
   * What was in quarantine of an importer has ended, and is named no more: one elsewhere tells by
   * closing its attachment.
   */
  void cameBack(Attachment attachment) {
    if (isFar()) {
      attachment.close();
    }
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

  /** Throws unless a refusal was caused so; of one elsewhere the text travels and no object. */
  void assertCause(Throwable cause, Throwable refused) {
    if (isFar()) {
      assertTrue(refused.getMessage().contains(cause.getMessage()), refused.getMessage());
    } else {
      assertSame(cause, refused.getCause());
    }
  }

  /** What holds on where importers are: buffers, attachments and mappings of theirs. */
  String dump() {
    return isFar() ? remote.dump() : pool.dump();
  }

  /** Mappings that an importer has open. */
  int openMappings(String importer) {
    return MAPPINGS
        .matcher(dump())
        .results()
        .filter(mappings -> mappings.group(2).equals(importer))
        .mapToInt(mappings -> Integer.parseInt(mappings.group(1)))
        .sum();
  }

  /** Importers whose views were closed by force, where they are. */
  long forcedCloses() {
    return counted("FORCED_CLOSES");
  }

  /** Ports that were taken back from threads that had ended, where importers are. */
  long reapedPorts() {
    return counted("REAPED_PORTS");
  }

  private long counted(String what) {
    return Pattern.compile(what + "=(\\d+)")
        .matcher(dump())
        .results()
        .mapToLong(count -> Long.parseLong(count.group(1)))
        .sum();
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
