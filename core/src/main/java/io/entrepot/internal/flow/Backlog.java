package io.entrepot.internal.flow;

import io.entrepot.flow.Overflow;
import io.entrepot.internal.buffers.FreeBuffers;
import io.entrepot.internal.sharing.PoolAttachment;
import io.entrepot.sharing.FrameLayout;
import java.util.function.IntUnaryOperator;

/**
 * Frames that were published before a reader joined and that it reads first: a second ring of that
 * reader, which is filled at the join and never pushed to again.
 *
 * <p>For the feed it is a ring like others: its unread frames are the reader's by right, or dropped
 * where the pool is empty, as the reader's policy says. It goes when it is read, or with the
 * reader's other ring.
 */
final class Backlog implements Subscriber {
  private final Subscriber reader;
  private final ReaderRing ring;
  private final int depth;
  private final Runnable left;

  /** How a hold is taken. */
  @FunctionalInterface
  interface Holding {
    /** Takes a hold on a buffer, if it is live in that generation. */
    boolean hold(int buffer, long generation);
  }

  /**
   * A filled ring.
   *
   * @param reader the reader's ring for what is published from now on
   * @param depth unread frames that the reader may have
   * @param left is told that the ring is the feed's no more
   */
  Backlog(Subscriber reader, ReaderRing ring, int depth, Runnable left) {
    this.reader = reader;
    this.ring = ring;
    this.depth = depth;
    this.left = left;
  }

  /**
   * Copies the newest entries of a feed's history that a reader who has joined has not got.
   *
   * <p><b>No frame is missed, none comes twice.</b> The caller has put <em>joined</em> into the
   * feed, and waited until every publication that did not see it there is complete ({@link
   * Publishing#awaitAware}). The history's head is read after that and the first entry of
   * <em>joined</em> after the head. Let <em>s</em> be the number of the first frame that was
   * published to <em>joined</em>: all before it did not see the ring, all from it on did.
   *
   * <ul>
   *   <li>Frames before <em>s</em> are complete, so they are below the head that is read here, as
   *       far as they are retained.
   *   <li>If <em>joined</em> has no entry yet, nothing below that head is <em>s</em> or later: the
   *       history is pushed to last, so that whoever sees such an entry sees the one in
   *       <em>joined</em>.
   *   <li>If it has, <em>s</em> is known, and what is not before it is left out.
   *   <li>If its first entry was given back already, then as many frames as the reader may have
   *       were published since it joined, or the pool was empty: what came before would have been
   *       dropped by now, and nothing is copied.
   * </ul>
   *
   * <p>It goes from the newest entry to older ones and ends at the first that is gone: there is no
   * gap. An entry was read whole if it is not retired behind that: whoever overwrites it has seen
   * it retired before (see {@link ReaderRing}), and no processor that Java runs on lets a store
   * pass the acquiring load before it, or shows one to us and keeps from us what its writer had
   * seen. A hold that is taken for the generation that the entry names keeps that frame's bytes if
   * the entry is not retired behind it either: then it was taken beside the history's own. Else the
   * buffer's owner may have been told that nobody uses it, and have written to it since.
   *
   * @param history pushed to behind all other rings
   * @param joined nobody reads it yet
   * @param backlog empty, and the caller's alone
   * @param most how many, no more than the backlog's depth
   * @param letGo drops a hold that came too late
   * @param layoutNumber what the backlog says of a buffer's layout
   * @return how many
   */
  static int fill(
      ReaderRing history,
      ReaderRing joined,
      ReaderRing backlog,
      int most,
      Holding holding,
      FreeBuffers.Holds letGo,
      IntUnaryOperator layoutNumber) {
    long head = history.headAcquire();
    long oldest = history.floor();
    long first = Long.MAX_VALUE;
    if (joined.isPublished(0)) {
      first = joined.sequence(0);
    }
    if (joined.isRetired(0)) {
      return 0;
    }
    RingEntry[] kept = new RingEntry[Math.clamp(head - oldest, 0, most)];
    int count = 0;
    for (long at = head - 1; at >= oldest && count < kept.length; at--) {
      RingEntry entry = new RingEntry();
      entry.read(history, at);
      if (history.isRetired(at)) {
        break;
      }
      if (entry.sequence < first) {
        if (!holding.hold(entry.buffer, entry.generation)) {
          break;
        }
        if (history.isRetired(at)) {
          letGo.drop(entry.buffer, entry.generation);
          break;
        }
        kept[count++] = entry;
      }
    }
    for (int i = count - 1; i >= 0; i--) {
      RingEntry entry = kept[i];
      backlog.push(
          RingDescriptor.handle(entry.buffer, entry.generation),
          entry.sequence,
          entry.timestamp,
          entry.validOffset,
          entry.validLength,
          layoutNumber.applyAsInt(entry.buffer));
    }
    return count;
  }

  @Override
  public PoolAttachment reader() {
    return null;
  }

  @Override
  public String name() {
    return reader.name();
  }

  @Override
  public ReaderRing ring() {
    return ring;
  }

  @Override
  public ReaderRing backlog() {
    return null;
  }

  /** Never BLOCK: nobody waits for room where nothing is pushed to. */
  @Override
  public Overflow overflow() {
    return reader.overflow() == Overflow.DROP_OLDEST ? Overflow.DROP_OLDEST : Overflow.DROP_NEWEST;
  }

  /**
   * Never. But of a DROP_OLDEST reader, which is about to get another frame in its other ring, the
   * oldest unread ones are here: they are dropped so that it has no more than its depth in both.
   */
  @Override
  public boolean takesFrames(FrameLayout frame) {
    if (reader.overflow() == Overflow.DROP_OLDEST) {
      long from = ring.passed();
      long unread = ring.headAcquire() - from;
      long over = unread + unread(reader.ring()) + 1 - depth;
      if (over > 0 && unread > 0) {
        ring.drop(from + Math.min(over, unread) - 1);
      }
    }
    return false;
  }

  /** Frames of a ring that its reader has not passed, as its keeper sees it. */
  static long unread(ReaderRing ring) {
    long from = ring.passed();
    return Math.max(0, ring.headAcquire() - from);
  }

  @Override
  public void closeIfRevoked() {
    reader.closeIfRevoked();
    if (reader.ring().isClosed() && !ring.isClosed()) {
      ring.close();
    }
  }

  @Override
  public boolean isGone() {
    closeIfRevoked();
    return ring.isClosed() || unread(ring) == 0;
  }

  @Override
  public void evict() {
    reader.evict();
  }

  @Override
  public void leftFeed() {
    left.run();
  }

  @Override
  public void close() {
    ring.close();
  }

  @Override
  public void wake() {
    // Threads of another process sleep at the reader's other ring.
  }

  @Override
  public int layoutNumber(FrameLayout frame) {
    return reader.layoutNumber(frame);
  }

  @Override
  public Stall stall() {
    return reader.stall();
  }
}
