package io.entrepot.internal.flow;

import io.entrepot.flow.Division;
import io.entrepot.flow.Feed;
import io.entrepot.flow.FeedReader;
import io.entrepot.flow.Overflow;
import io.entrepot.flow.Start;
import io.entrepot.internal.memory.WaitList;
import io.entrepot.internal.memory.Words;
import io.entrepot.internal.sharing.FrameRecords;
import io.entrepot.internal.sharing.PoolAttachment;
import io.entrepot.internal.sharing.PoolCore;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.Attachment;
import io.entrepot.sharing.FrameLayout;
import io.entrepot.sharing.Importer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** A feed whose writer is in another process. */
public final class FarFeed implements Feed, Upstream {
  private final PoolCore pool;
  private final String name;
  private final Line line;
  private final Joining joining;

  /** Virtual threads that wait; others sleep at their rings. */
  private final WaitList published = WaitList.withWordsOfItsOwn();

  private final List<Subscriber> subscriptions = new CopyOnWriteArrayList<>();

  /** Layouts that were asked for, {@value FrameRecords#MOST_NUMBERED} at most. */
  private final Map<Long, FrameLayout> layouts = new ConcurrentHashMap<>();

  /** What leads to the writer's process. */
  public interface Line {
    /** Attaches an importer to the pool, there and here. */
    PoolAttachment attach(Importer importer);

    /** Has the feed's writer deliver to a new ring. */
    FarRings join(
        PoolAttachment attachment, String feed, Overflow overflow, int depth, Start start);

    /** A layout of the pool's frames, by the number that the writer's process has given it. */
    FrameLayout layout(long number);

    /** Why nothing comes any more; {@code null} while the writer's process is there. */
    String end();
  }

  /**
   * A ring of which the writer's process has the other end.
   *
   * @param producer words that it writes
   * @param producerPlace where the ring lies in them
   * @param reader words of this process
   * @param readerPlace where the reader's record lies in them, all 0
   * @param leave ends the reading there; has an action run when that is known only later, which it
   *     throws then
   * @param release gives the record back, when nobody here looks at it any more
   */
  public record FarRing(
      Words producer,
      long producerPlace,
      Words reader,
      long readerPlace,
      Consumer<Runnable> leave,
      Runnable release) {
    /**
     * The same; has something done, too, when it is known only later that the reading has ended.
     */
    FarRing leftLate(Runnable then) {
      return new FarRing(
          producer,
          producerPlace,
          reader,
          readerPlace,
          late ->
              leave.accept(() -> {
                late.run();
                then.run();
              }),
          release);
    }

    /** All places; nobody here looks at the keeper's words, which are the exporter's to keep. */
    RingPlaces places() {
      Words none = Words.offHeap(RingPlaces.KEEPER_BYTES);
      return new RingPlaces(producer, producerPlace, reader, readerPlace, none, none.base());
    }

    /** Bytes that the producer's words take. */
    public static long producerBytes(int depth) {
      return RingPlaces.producerBytes(depth);
    }
  }

  /**
   * What a reader reads from.
   *
   * @param ring frames that are published from now on
   * @param backlog frames that were published before; {@code null} if they were not asked for
   */
  public record FarRings(FarRing ring, FarRing backlog) {}

  /** A feed of an imported pool. */
  public FarFeed(PoolCore pool, String name, Line line) {
    this.pool = pool;
    this.name = name;
    this.line = line;
    this.joining = new Joining(this, pool::checkOpen, line::attach);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public FeedReader join(String reader, Access access, Overflow overflow) {
    return joining.join(reader, access, overflow);
  }

  @Override
  public FeedReader join(String reader, Access access, Overflow overflow, int depth) {
    return joining.join(reader, access, overflow, depth);
  }

  @Override
  public FeedReader join(Importer importer, Overflow overflow, int depth, Division division) {
    return joining.join(importer, overflow, depth, division, Start.NEXT);
  }

  @Override
  public FeedReader join(
      Importer importer, Overflow overflow, int depth, Division division, Start start) {
    return joining.join(importer, overflow, depth, division, start);
  }

  @Override
  public FeedReader join(Attachment attachment, Overflow overflow, int depth, Division division) {
    return joining.join(attachment, overflow, depth, division, Start.NEXT);
  }

  @Override
  public FeedReader join(
      Attachment attachment, Overflow overflow, int depth, Division division, Start start) {
    return joining.join(attachment, overflow, depth, division, start);
  }

  // ---------------------------------------------------------------- for readers

  @Override
  public PoolCore pool() {
    return pool;
  }

  @Override
  public OpenedRing openRing(
      PoolAttachment attachment, Overflow overflow, int depth, Division division, Start start) {
    FarRings joined = line.join(attachment, name, overflow, depth, start);
    boolean isWhole = OpenedRing.isWhole(division, overflow);
    return new OpenedRing(
        ReaderRing.far(joined.ring.leftLate(this::left), depth, isWhole),
        joined.backlog == null ? null : ReaderRing.far(joined.backlog, depth, isWhole));
  }

  /** The writer's process has done so; whether with anything is seen when it is read. */
  @Override
  public boolean fill(ReaderRing backlog, Subscriber to, int depth, Start start) {
    return true;
  }

  /** The writer's process delivers to the ring since it was opened; this is for its end alone. */
  @Override
  public void add(Subscriber subscription) {
    subscriptions.add(subscription);
  }

  @Override
  public FrameLayout layout(long number) {
    if (number < 0 || number > FrameRecords.MOST_NUMBERED) {
      // What is learned is kept: it is bounded by what there can be, whatever is said.
      throw new IllegalStateException(
          "a frame of feed '"
              + name
              + "' has layout "
              + number
              + " of the exporter's, which is not within 0 to "
              + FrameRecords.MOST_NUMBERED
              + ": its words make no sense");
    }
    FrameLayout known = layouts.get(number);
    // One that is new when its process is gone is not to be had; the frame's bytes are.
    return known != null || number == 0 || isLost()
        ? known
        : layouts.computeIfAbsent(number, line::layout);
  }

  @Override
  public boolean isLost() {
    return line.end() != null;
  }

  @Override
  public Throwable failure(ReaderRing ring) {
    return new IllegalStateException(
        isLost() && !ring.isFailed()
            ? "the connection to its process has ended: " + line.end()
            : "in the exporter's process: " + ring.failure().read());
  }

  @Override
  public boolean awaitPublished(ReaderRing ring, BooleanSupplier condition, long timeoutNs) {
    if (condition.getAsBoolean()) {
      return true;
    }
    if (timeoutNs <= 0) {
      return false;
    }
    // A virtual thread that slept in the kernel would keep its carrier.
    return Thread.currentThread().isVirtual()
        ? published.await(condition, timeoutNs)
        : ring.sleepers().await(condition, timeoutNs);
  }

  @Override
  public void roomMade() {
    pool.imported().ring();
  }

  @Override
  public void left() {
    for (Subscriber subscription : subscriptions) {
      subscription.ring().sleepers().wakeHere();
      if (subscription.ring().hasLeft() && subscriptions.remove(subscription)) {
        subscription.leftFeed();
      }
    }
    published.signal();
  }

  @Override
  public String toString() {
    return "feed '" + name + "' of pool '" + pool.name() + "'";
  }
}
