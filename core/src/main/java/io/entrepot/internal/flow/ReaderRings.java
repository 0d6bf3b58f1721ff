package io.entrepot.internal.flow;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;

/**
 * The rings of one reader, and how many frames were dropped in those that are over.
 *
 * <p><b>Invariant.</b> Each dropped frame is in exactly one count, that of a live ring or that of
 * all others: both are one value, and the CAS that takes a ring out of it, which is the
 * linearization point, adds that ring's count.
 *
 * <p>A ring is over, and its count final, when no writer pushes to it and no port takes from it. A
 * port that has claimed an entry counts it as dropped only after that, so the writer alone may not
 * say so. Each side tells that it is done (a volatile store, an atomic add) before it looks at the
 * other: one of them sees both.
 */
final class ReaderRings {
  private final AtomicReference<Counted> rings = new AtomicReference<>(new Counted(List.of(), 0));

  /** A ring and who uses it. */
  static final class Member {
    private final ReaderRing ring;
    private final AtomicInteger ports = new AtomicInteger();
    private volatile boolean leftFeed;

    private Member(ReaderRing ring) {
      this.ring = ring;
    }

    ReaderRing ring() {
      return ring;
    }
  }

  /**
   * The live rings, and a count for all others. No record: the model checker cannot see into one.
   */
  private static final class Counted {
    private final List<Member> live;
    private final long droppedBefore;

    Counted(List<Member> live, long droppedBefore) {
      this.live = live;
      this.droppedBefore = droppedBefore;
    }

    Counted with(Member made) {
      return new Counted(Stream.concat(live.stream(), Stream.of(made)).toList(), droppedBefore);
    }

    long sum(ToLongFunction<ReaderRing> number) {
      return live.stream().mapToLong(of -> number.applyAsLong(of.ring)).sum();
    }

    Counted without(Member over) {
      return live.contains(over)
          ? new Counted(
              live.stream().filter(kept -> kept != over).toList(),
              droppedBefore + over.ring.dropped())
          : this;
    }
  }

  /** Adds a ring, to which a writer may push. */
  Member add(ReaderRing ring) {
    Member made = new Member(ring);
    rings.updateAndGet(now -> now.with(made));
    return made;
  }

  /** A port begins to take from a ring. */
  void portOpened(Member member) {
    member.ports.getAndIncrement();
  }

  /** A port takes from a ring no more. */
  void portClosed(Member member) {
    member.ports.getAndDecrement();
    settle(member);
  }

  /** No writer will push to a closed ring any more. */
  void leftFeed(Member member) {
    member.leftFeed = true;
    settle(member);
  }

  private void settle(Member member) {
    if (member.leftFeed && member.ports.get() == 0) {
      rings.updateAndGet(now -> now.without(member));
      member.ring.release();
    }
  }

  /** Closes all rings, also when one of them throws: then the first one is rethrown. */
  void close() {
    RuntimeException first = null;
    for (Member member : rings.get().live) {
      try {
        member.ring.close();
      } catch (RuntimeException e) {
        first = first == null ? e : first;
      }
    }
    if (first != null) {
      throw first;
    }
  }

  /** Frames that were dropped, over all rings there ever were. */
  long dropped() {
    return count(now -> now.droppedBefore + now.sum(ReaderRing::dropped));
  }

  /** Frames that are there to be taken. */
  long unread() {
    return count(now -> now.sum(ReaderRing::unread));
  }

  /**
   * A number over rings that were all live until it was there: one that is over gives its words
   * back behind the CAS that takes it out, and what they say is another ring's then.
   */
  private long count(ToLongFunction<Counted> number) {
    while (true) {
      Counted now = rings.get();
      long counted = number.applyAsLong(now);
      if (rings.get() == now) {
        return counted;
      }
    }
  }
}
