package io.entrepot.internal.sync;

import io.entrepot.internal.memory.CoarseClock;
import io.entrepot.sync.Fence;
import io.entrepot.sync.FenceChain;
import io.entrepot.sync.Fences;
import io.entrepot.sync.SyncObject;
import io.entrepot.sync.SyncPoint;
import io.entrepot.sync.SyncWait;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * A sync object: one reference to an immutable {@link Held}, with the fence and who waits for
 * another.
 *
 * <p><b>Linearization.</b> Every change is one CAS of that reference (volatile), every look one
 * volatile read.
 *
 * <p><b>No submission is missed.</b> A waiter joins by a CAS to a state whose fence is not what it
 * waits for. The CAS that puts in a fence moves those who waited for it from <em>waiting</em> to
 * <em>met</em>, and tells them behind that. So who joined before a fence was put in gets that
 * fence, even if it is taken out the next moment; who comes later sees it or what followed.
 *
 * <p><b>Invariant.</b> A state goes only when those whom it has met were told: whoever replaces it
 * tells them first, again if need be, and so does a waiter that looks. A thread which is stopped
 * between its CAS and the telling keeps nobody from the fence.
 */
public final class SyncSlot implements SyncObject {
  private static final VarHandle HELD;

  static {
    try {
      HELD = MethodHandles.lookup().findVarHandle(SyncSlot.class, "held", Held.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final String name;
  private Held held = Held.NOTHING;

  /** Without a fence. */
  public SyncSlot(String name) {
    this.name = Objects.requireNonNull(name, "name");
  }

  /** A list of waiters; {@code null} is the empty one. */
  private record Waiters(PointWaiter waiter, Waiters next) {}

  /**
   * The fence or {@code null}, those whom it does not help, and those whom it does and who have to
   * be told of it.
   */
  private record Held(Fence fence, Waiters waiting, Waiters met) {
    static final Held NOTHING = new Held(null, null, null);

    Held with(Fence next) {
      Waiters stay = null;
      Waiters go = null;
      for (Waiters one = waiting; one != null; one = one.next) {
        if (isSubmitted(next, one.waiter.point())) {
          go = new Waiters(one.waiter, go);
        } else {
          stay = new Waiters(one.waiter, stay);
        }
      }
      return new Held(next, stay, go);
    }

    Held without(PointWaiter waiter) {
      Waiters stay = null;
      for (Waiters one = waiting; one != null; one = one.next) {
        stay = one.waiter == waiter ? stay : new Waiters(one.waiter, stay);
      }
      return new Held(fence, stay, met);
    }

    boolean isWaitedForBy(PointWaiter waiter) {
      Waiters one = waiting;
      while (one != null && one.waiter != waiter) {
        one = one.next;
      }
      return one != null;
    }

    void tellAll() {
      for (Waiters one = met; one != null; one = one.next) {
        one.waiter.tell(find(fence, one.waiter.point()));
      }
    }
  }

  private static boolean isSubmitted(Fence in, long point) {
    return in != null && (point == 0 || in instanceof ChainLink link && point <= link.point());
  }

  private static Fence find(Fence in, long point) {
    return in instanceof ChainLink link ? link.find(point) : in;
  }

  private Held held() {
    return (Held) HELD.getVolatile(this);
  }

  private void change(UnaryOperator<Fence> toNext) {
    while (true) {
      Held before = held();
      before.tellAll();
      Held after = before.with(toNext.apply(before.fence));
      if (HELD.compareAndSet(this, before, after)) {
        if (after.met != null) {
          after.tellAll();
          letGo(after.met);
        }
        return;
      }
    }
  }

  /** Lets go of those who were told. Where another fence was put in since, that has done it. */
  private void letGo(Waiters told) {
    Held before = held();
    while (before.met == told
        && !HELD.compareAndSet(this, before, new Held(before.fence, before.waiting, null))) {
      before = held();
    }
  }

  /**
   * Lets a waiter wait for its point.
   *
   * @return {@code null}, or the point's fence, and then it does not wait
   */
  Fence join(PointWaiter waiter) {
    while (true) {
      Held before = held();
      if (isSubmitted(before.fence, waiter.point())) {
        return find(before.fence, waiter.point());
      }
      Held after = new Held(before.fence, new Waiters(waiter, before.waiting), before.met);
      if (HELD.compareAndSet(this, before, after)) {
        return null;
      }
    }
  }

  /** Lets a waiter wait no longer. It may have been told meanwhile. */
  void leave(PointWaiter waiter) {
    Held before = held();
    while (before.isWaitedForBy(waiter)
        && !HELD.compareAndSet(this, before, before.without(waiter))) {
      before = held();
    }
  }

  /** Tells those whom the fence has met, in case that whoever put it in was stopped before. */
  void tellAll() {
    held().tellAll();
  }

  /** Waits that have joined and were not met. */
  public int waiting() {
    return count(held().waiting);
  }

  /** Waits that this refers to, met or not. */
  public int kept() {
    Held now = held();
    return count(now.waiting) + count(now.met);
  }

  private static int count(Waiters first) {
    int count = 0;
    for (Waiters one = first; one != null; one = one.next) {
      count++;
    }
    return count;
  }

  // ---------------------------------------------------------------- what is held

  @Override
  public String name() {
    return name;
  }

  @Override
  public Optional<Fence> fence(long point) {
    Fence in = held().fence;
    return isSubmitted(in, new SyncPoint(this, point).point())
        ? Optional.of(find(in, point))
        : Optional.empty();
  }

  @Override
  public void replace(Fence fence) {
    Objects.requireNonNull(fence, "fence");
    change(before -> fence);
  }

  @Override
  public void add(long point, Fence fence) {
    // Flattened: chains do not nest.
    Fence own = fence instanceof FenceChain ? Fences.merge(name, fence) : fence;
    Objects.requireNonNull(own, "fence");
    change(before ->
        switch (before) {
          case null -> ChainLink.first(name, point, own);
          case ChainLink link -> collected(link.then(point, own));
          default -> ChainLink.first(name, point, Fences.merge(name, before, own));
        });
  }

  /** Drops what is signaled: of an object that nobody asks, nobody else would. */
  private static ChainLink collected(ChainLink link) {
    link.previous();
    return link;
  }

  @Override
  public void signal() {
    replace(signaledNow());
  }

  @Override
  public void signal(long point) {
    add(point, signaledNow());
  }

  private static Fence signaledNow() {
    return new SignaledFence(CoarseClock.millis(), Optional.empty());
  }

  @Override
  public void reset() {
    change(before -> null);
  }

  @Override
  public long signaledPoint() {
    return held().fence instanceof ChainLink link ? link.signaledPoint() : 0;
  }

  @Override
  public long submittedPoint() {
    return held().fence instanceof ChainLink link ? link.point() : 0;
  }

  // ---------------------------------------------------------------- handing on and waiting

  @Override
  public void transfer(long point, SyncObject to, long toPoint) {
    SyncPoint target = new SyncPoint(to, toPoint);
    give(fence(point).orElseThrow(() -> PointWaits.missing(this, point)), target);
  }

  @Override
  public boolean awaitTransfer(long point, SyncObject to, long toPoint, Duration timeout) {
    // What is refused is refused before the wait.
    SyncPoint target = new SyncPoint(to, toPoint);
    PointWaiter waiter = PointWaiter.join(new SyncPoint(this, point), SyncWait.SUBMITTED);
    try {
      if (!waiter.done().await(timeout)) {
        return false;
      }
      give(waiter.fence(), target);
      return true;
    } finally {
      waiter.leave();
    }
  }

  private static void give(Fence fence, SyncPoint to) {
    if (to.point() == 0) {
      to.object().replace(fence);
    } else {
      to.object().add(to.point(), fence);
    }
  }

  @Override
  public Fence.Callback onSubmit(long point, Consumer<? super Fence> callback) {
    Objects.requireNonNull(callback, "callback");
    PointWaiter waiter = PointWaiter.join(new SyncPoint(this, point), SyncWait.SUBMITTED);
    Fence.Callback added = waiter.done().onSignal(() -> callback.accept(waiter.fence()));
    return added == null ? null : () -> leave(waiter, added);
  }

  private static boolean leave(PointWaiter waiter, Fence.Callback added) {
    boolean removed = added.remove();
    if (removed) {
      waiter.leave();
    }
    return removed;
  }

  @Override
  public String toString() {
    Fence in = held().fence;
    return "sync object '" + name + "' " + (in == null ? "without a fence" : "with " + in);
  }
}
