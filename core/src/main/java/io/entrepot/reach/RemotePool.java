package io.entrepot.reach;

import io.entrepot.flow.Feed;
import io.entrepot.internal.reach.ImportedPool;
import io.entrepot.sharing.Attachment;
import io.entrepot.sharing.Importer;
import io.entrepot.sync.Fence;
import io.entrepot.sync.SyncDomain;
import java.nio.file.Path;
import java.time.Duration;

/**
 * A pool of another process of this machine, imported: its feeds can be joined and its frames be
 * mapped, held and leased as those of a pool of this process.
 *
 * <p>The memory is mapped read-only: writing to it, by native code say, ends this process and not
 * the exporter's. But memory that is {@linkplain
 * io.entrepot.sharing.SharedMemoryExporter#writableBy writable by} an importer comes with the
 * attachment of that one, which asks for {@link io.entrepot.sharing.Access#WRITE}, and is mapped
 * for writing. It joins feeds with that access, and writes in place to frames that it has a
 * reference to ({@link io.entrepot.sharing.Port#mapInPlace}); all other ways to write are for who
 * acquires buffers, which is done where the pool is. A mapping in place waits for the readers of
 * both processes and keeps new ones of both out; a fence that it ends with is waited for there as
 * here. Where a writer of the exporter's process is at work, or just begins, it answers {@code
 * null} at once.
 *
 * <p><b>Death of the exporter.</b> Feeds fail, so that {@code next} throws when what was published
 * is read; frames that are mapped stay readable until they are let go. Where its process lives and
 * goes on without this one, for whatever reason, views throw {@link
 * io.entrepot.sharing.RevokedException}: what they show may be overwritten. Its pending fences have
 * ended with {@link io.entrepot.sync.FenceError.Kind#ISSUER_LOST}, and nobody waits for them any
 * more.
 *
 * <p><b>Fences.</b> A buffer's reservation here is that of the exporter's process and one of this
 * process's own in one: queries, waits, snapshots and all uses of the buffer see the fences of
 * both, within about a millisecond. What is added, replaced or promoted here are this process's
 * own, and keep the buffer for the exporter. In a {@link io.entrepot.sync.FenceSnapshot} one of the
 * exporter's has the number of its timeline for a name; {@code fence} makes a fence of it as {@link
 * #importFence} does, and is refused only where all timelines of this process are in use.
 *
 * <p><b>Beside a pool of this process.</b>
 *
 * <ul>
 *   <li>A {@link io.entrepot.sharing.FrameLayout} is asked for when it is first met. Of a pool that
 *       had more than a thousand different ones {@code layout()} of the later ones is {@code null}.
 *   <li>Of the cause of a failed feed its text travels, up to 500 bytes of it; of that of a refused
 *       attach what the refusal says.
 *   <li>What the exporter does is learned by a message, or within 10 ms. A reader that is revoked
 *       reads on until then, and nothing is overwritten under it. An importer that does not answer
 *       in time is cut off with all that it has: its views throw as soon as it learns of that, and
 *       until then they may show what those write who had acquired a buffer before.
 *   <li>When another process was cut off the exporter sends memory in which later frames lie. A
 *       frame that is there before its memory is waits for that, for {@link #DEFAULT_PATIENCE} at
 *       most beside its own time; a process that cannot have it, for want of descriptors say, loses
 *       the connection.
 *   <li>Memory in which no frame lies any more is unmapped here, at once unless a lease or a CPU
 *       window still looks at it. Sixteen memories stand here at a time, each of as many bytes as
 *       the pool's buffers take: an honest exporter has eight at most. One that sends more loses
 *       the connection, with these numbers.
 *   <li>What a revocation leaves in quarantine or pending here comes back to the pool when it ends,
 *       as elsewhere; a second revocation names it still, until the attachment is closed.
 *   <li>Fences that a third process has on a buffer are not seen here. A lazy issuer in the
 *       exporter's process is not told that somebody waits for its fence here, nor until when:
 *       export the fence, which tells it.
 *   <li>Nobody sees a thread of another process end. One that leaves its port open holds a feed up
 *       until this process looks for such threads, when another of them waits in vain or needs a
 *       port, or until the feed's stall limit is over.
 *   <li>A pool or server that closes has revoked what is attached here: who waits for a frame is
 *       told so, not that the feed has ended.
 *   <li>A frame that is held cannot be published to a feed of the exporter's, and whether anybody
 *       else uses it is known there alone.
 * </ul>
 *
 * <p><b>Threads.</b> Any thread may call any method.
 */
public sealed interface RemotePool extends AutoCloseable permits ImportedPool {
  /** Time that {@link #connect(Path)} and every later request wait for the exporter's answer. */
  Duration DEFAULT_PATIENCE = Duration.ofSeconds(5);

  /**
   * Connects to a pool.
   *
   * @param socket where a {@link PoolServer} listens
   * @return the pool
   * @throws java.io.UncheckedIOException when nobody listens there, the exporter ends the
   *     connection at once, as one does that is being closed, or no answer comes within {@link
   *     #DEFAULT_PATIENCE}
   * @throws IllegalStateException when the exporter refuses this process or has no room for it,
   *     what it sends is not to be trusted, or this process has as many descriptors as it may have
   * @throws UnsupportedOperationException on a system other than Linux
   */
  static RemotePool connect(Path socket) {
    return ImportedPool.connect(socket);
  }

  /** {@return name of the pool, as its exporter's process gave it} */
  String name();

  /** {@return the process that exports it} */
  PeerIdentity exporter();

  /** {@return how many buffers it has} */
  int buffers();

  /**
   * Names a feed of the exporter's.
   *
   * @param name as it was given to {@link io.entrepot.flow.BufferPool#broadcast}; looked up when it
   *     is joined
   * @return the feed
   */
  Feed feed(String name);

  /**
   * Attaches an importer of this process to all buffers of the pool. The exporter decides, by the
   * same negotiation as in its own process, with reading alone on offer, or writing where the pool
   * is made for an importer of this name.
   *
   * @param importer who asks, and what it accepts
   * @return what negotiation settled on
   * @throws io.entrepot.sharing.AttachRefusedException when negotiation finds no mapping type; for
   *     memory that is granted for writing also when another process has it, or had it and still
   *     runs
   * @throws io.entrepot.sharing.OutOfBudgetException when the memory is granted and secret, and
   *     this process may not lock so much
   */
  Attachment attach(Importer importer);

  /**
   * {@return the timelines of this process whose fences the buffers take that it holds}
   *
   * <p>The exporter keeps a buffer while one of them is pending in its reservation here.
   */
  SyncDomain sync();

  /**
   * Names a fence of this process, so that the exporter's can {@linkplain PoolServer#importFence
   * import} it.
   *
   * <p>A lazy issuer is told now that its fence is waited for: of those who wait elsewhere it will
   * not know.
   *
   * @param fence a point of a timeline of {@link #sync()}
   * @return its name, to be sent
   * @throws IllegalArgumentException when it is no such point, saying what to export in its place
   */
  SharedFence exportFence(Fence fence);

  /**
   * Imports a fence of the exporter's process: a fence of this one, signaled when that is, within
   * about a millisecond, or at once when it is signaled already.
   *
   * <p>It is a fence like any other of {@link #sync()}: it can be waited for, enter reservations,
   * be merged. Its signal time is that of its signal here. Of an error the kind travels, and the
   * text says where it happened. A timeline tells other processes its last four errors exactly: one
   * that lies before more errors than that is taken for an error, of kind {@code FAILED}, rather
   * than for none.
   *
   * <p><b>Lazy issuers</b> are told when their fence is exported; what is done to the imported one
   * they do not learn.
   *
   * <p><b>Death.</b> When the connection ends, what is pending is signaled with {@link
   * io.entrepot.sync.FenceError.Kind#ISSUER_LOST}; what was signaled before the end is not. That
   * ends waiting and not protection: a buffer with such a fence in its reservation is kept until
   * the other process has signaled it after all or is dead, or until {@link SyncDomain#settle} is
   * called with the fence's {@link Fence#timelineName()}. Words that make no sense end it so too.
   *
   * @param fence as the exporter's process has exported it
   * @return a point of a timeline of {@link #sync()}
   * @throws IllegalArgumentException when the exporter has no such fence
   * @throws IllegalStateException when the connection has ended, or all timelines of this process
   *     are in use
   */
  Fence importFence(SharedFence fence);

  /** {@return whether the exporter is there} */
  boolean isConnected();

  /**
   * Describes buffers, attachments and mappings of this process.
   *
   * @return lines of text for people; their form may change
   */
  String dump();

  /**
   * Leaves the pool. Twice is harmless.
   *
   * @throws io.entrepot.flow.PoolInUseException when something is held here, naming who; the pool
   *     stays open
   */
  @Override
  void close();
}
