package io.entrepot.reach;

import io.entrepot.flow.BufferPool;
import io.entrepot.internal.reach.SocketServer;
import io.entrepot.sharing.Attachment;
import io.entrepot.sync.Fence;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * Lets other processes of this machine import a pool, over a Unix domain socket.
 *
 * <p>An importer in another process negotiates as one in this process does and then reads frames
 * where they lie: nothing is copied and no system call made for a frame. It is offered reading
 * alone, and the kernel refuses it everything else; or the pool is made for one importer that may
 * write ({@link io.entrepot.sharing.SharedMemoryExporter#writableBy}), and nobody else elsewhere
 * gets anything of it.
 *
 * <p><b>Trust.</b> A peer can write its own words, what it was granted to write, and nothing else.
 * What it writes there or sends can end its own connection, cost a writer a system call for each
 * frame, and keep buffers that it can read from reuse until it is evicted, its attachments are
 * revoked or this server is closed. When its process dies what it held comes back; a frame to which
 * it was writing in place then is shown to nobody any more ({@link io.entrepot.sharing.Port}).
 *
 * <p><b>A writer that does not let go.</b> When the connection of a process that was granted
 * writing ends with something attached, for whatever reason, and the process lives, all memory of
 * the pool is in quarantine until the process has ended: it is never replaced, for what the process
 * was sent it may write; nothing is handed out, so that what is free counts as {@link
 * io.entrepot.flow.PoolStatistics#withheld()}, and who maps a frame that it was writing waits. The
 * pool can be closed meanwhile. To close a server without that, revoke what is {@linkplain
 * #attachments() attached} first.
 *
 * <p><b>Fences.</b> What a peer works on with fences of its own is not reused, nor written in
 * place, before they are signaled. The reservation of the buffer in this process does not tell of
 * them: have the peer export one, and import it, to wait for it.
 *
 * <p><b>Being cut off.</b> A peer that reads alone and is evicted, does not answer a revocation in
 * time or sends what makes no sense has not said that it let go, and sees what it has mapped for as
 * long as its process lives. So nothing is put there any more: the pool gets other memory of the
 * same size, and a buffer that is acquired from then on lies in that. What was acquired or
 * published before stays where it is; other importers are sent the new memory, and let go of the
 * old one when no buffer in use lies there. It counts in {@link
 * io.entrepot.flow.PoolStatistics#oldMemories()} until the process has ended. Until the new memory
 * is there, which takes as long as making a pool, and while there is no room for it or as many old
 * ones stand as {@link io.entrepot.sharing.SharedMemoryExporter#withReplacements} allows, the pool
 * hands out no buffer: the free ones count as {@link io.entrepot.flow.PoolStatistics#withheld()}.
 * Who was cut off is not taken again when as many stand. So peers that may be hostile cost memory
 * up to that bound, and several of them the pool's service: whom to admit, {@link Admission}
 * decides. A peer that leaves by itself, or answers that it let go, is believed. Processes that it
 * started, or sent what it was given, are not known of.
 *
 * <p><b>Threads.</b> Any thread may call any method. The server has a thread of its own for each
 * connected process.
 */
public sealed interface PoolServer extends AutoCloseable permits SocketServer {
  /**
   * Serves a pool to processes of this user.
   *
   * @param pool over a {@link io.entrepot.sharing.SharedMemoryExporter}, or a {@link
   *     io.entrepot.sharing.SecretMemoryExporter} that is writable by an importer
   * @param socket where to listen; the file is made with mode 0600, and deleted at close
   * @return the server
   * @throws IllegalArgumentException when the pool's memory cannot be shared with other processes,
   *     or the path is too long for a socket
   * @throws IllegalStateException when the pool is closed, another server listens there, or
   *     something else is there
   * @throws java.io.UncheckedIOException when no socket can be made there, with what to do; no file
   *     is left behind
   * @throws UnsupportedOperationException on a system other than Linux
   */
  static PoolServer serve(BufferPool pool, Path socket) {
    return serve(pool, socket, Admission.everybody());
  }

  /**
   * Serves a pool to processes that are admitted.
   *
   * @param pool over a {@link io.entrepot.sharing.SharedMemoryExporter}
   * @param socket where to listen; the file is made with mode 0600, and deleted at close
   * @param admission asked for each process that connects, on a thread of the server's
   * @return the server
   * @throws IllegalArgumentException when the pool's memory cannot be shared with other processes,
   *     or the path is too long for a socket
   * @throws IllegalStateException when the pool is closed, another server listens there, or
   *     something else is there
   * @throws java.io.UncheckedIOException when no socket can be made there, with what to do; no file
   *     is left behind
   * @throws UnsupportedOperationException on a system other than Linux
   */
  static PoolServer serve(BufferPool pool, Path socket, Admission admission) {
    return SocketServer.serve(pool, socket, admission);
  }

  /** {@return where it listens} */
  Path socket();

  /** {@return the processes that are connected now} */
  List<PeerIdentity> peers();

  /** {@return what importers in other processes have attached, to be revoked for instance} */
  List<Attachment> attachments();

  /**
   * Ends the connections of a process now: what it has attached is revoked and what it held comes
   * back, but for memory that it may write: that is in quarantine until the process has ended. It
   * is told, and may still read what it has mapped until it lets go; other memory of the pool is
   * replaced, as said above. It can connect again, unless {@link Admission} refuses it or there is
   * as much old memory as there may be.
   *
   * @param peer one of {@link #peers()}
   * @return how many connections it had
   */
  int evict(PeerIdentity peer);

  /**
   * Names a fence of this process, so that processes which import the pool can {@linkplain
   * RemotePool#importFence import} it.
   *
   * <p>A lazy issuer is told now that its fence is waited for: of those who wait elsewhere it will
   * not know.
   *
   * @param fence a point of a timeline of the pool's {@link BufferPool#sync()}
   * @return its name, to be sent
   * @throws IllegalArgumentException when it is no such point, saying what to export in its place
   */
  SharedFence exportFence(Fence fence);

  /**
   * Imports a fence of another process: a fence of this process, signaled when that is, within
   * about a millisecond, or at once. See {@link RemotePool#importFence}.
   *
   * @param peer one of {@link #peers()}
   * @param fence as that process has exported it
   * @return a point of a timeline of the pool's domain
   * @throws IllegalArgumentException when the process has no such fence
   * @throws IllegalStateException when the process is not connected, or all timelines of the pool
   *     are in use
   */
  Fence importFence(PeerIdentity peer, SharedFence fence);

  /** {@return what has come of the processes that connected so far} */
  PeerStatistics statistics();

  /**
   * Takes no more processes, and closes when those that are connected have left by themselves, or
   * the time is over: so whoever is told by the end of a feed that no more frames come can read
   * what there is. An interrupt ends the wait, as if the time were over, and stays set.
   *
   * @param patience longest time to wait; 0 or less to wait for nobody
   * @return whether all had left; the others were dismissed as by {@link #close()}
   */
  boolean close(Duration patience);

  /**
   * Tells all peers and ends their connections: what they have attached is revoked, so that their
   * views throw, for the memory may be overwritten from now on. Twice is harmless.
   */
  @Override
  void close();
}
