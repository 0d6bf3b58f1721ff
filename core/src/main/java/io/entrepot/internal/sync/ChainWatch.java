package io.entrepot.internal.sync;

import io.entrepot.sync.Fence;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayDeque;

/**
 * A link's callback in its own fence and in the link before it, whose watch it holds: so the links
 * before are watched as long as this one is.
 *
 * <p>Any number of links are armed, and let go, in a loop.
 */
final class ChainWatch implements Watch, Runnable {
  private static final VarHandle HOLDERS;
  private static final VarHandle BEFORE;
  private static final VarHandle IN_OWN;
  private static final VarHandle IN_BEFORE;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      HOLDERS = lookup.findVarHandle(ChainWatch.class, "holders", int.class);
      BEFORE = lookup.findVarHandle(ChainWatch.class, "before", ChainWatch.class);
      IN_OWN = lookup.findVarHandle(ChainWatch.class, "inOwn", Fence.Callback.class);
      IN_BEFORE = lookup.findVarHandle(ChainWatch.class, "inBefore", Fence.Callback.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** In place of the watch of a link before, when there is none to wait for. */
  private static final ChainWatch NONE = new ChainWatch(null);

  private final ChainLink link;
  private int holders = Holders.ITS_MAKER;

  /** Of the link before when this was armed; {@code null} until then. */
  private ChainWatch before;

  private Fence.Callback inOwn;
  private Fence.Callback inBefore;

  /** All callbacks of this and of those before are there. */
  private volatile boolean armed;

  ChainWatch(ChainLink link) {
    this.link = link;
  }

  @Override
  public boolean join() {
    return Holders.join(HOLDERS, this);
  }

  @Override
  public void arm() {
    if (armed) {
      return;
    }
    ArrayDeque<ChainWatch> oldestFirst = new ArrayDeque<>();
    for (ChainWatch next = this; next != NONE && !next.armed; next = next.holdBefore()) {
      oldestFirst.push(next);
    }
    oldestFirst.forEach(ChainWatch::armThis);
  }

  private ChainWatch before() {
    return (ChainWatch) BEFORE.getVolatile(this);
  }

  /** What watches the link before, which the first who looks for it holds on behalf of this. */
  private ChainWatch holdBefore() {
    ChainWatch there = before();
    if (there != null) {
      return there;
    }
    ChainLink previous = link.previous();
    ChainWatch held = previous == null ? null : previous.hold();
    ChainWatch next = held == null ? NONE : held;
    if (!BEFORE.compareAndSet(this, null, next)) {
      Completion.leave(held);
      next = before();
    }
    return next;
  }

  private void armThis() {
    if (inOwn() == null) {
      keep(IN_OWN, link.fence().onSignal(this));
    }
    ChainWatch linkBefore = before();
    if (linkBefore != NONE && inBefore() == null) {
      keep(IN_BEFORE, linkBefore.link.add(this));
    }
    // What was signaled before runs no callback.
    run();
    armed = true;
  }

  private void keep(VarHandle where, Fence.Callback added) {
    if (added != null && !where.compareAndSet(this, (Fence.Callback) null, added)) {
      added.remove();
    }
  }

  private Fence.Callback inOwn() {
    return (Fence.Callback) IN_OWN.getVolatile(this);
  }

  private Fence.Callback inBefore() {
    return (Fence.Callback) IN_BEFORE.getVolatile(this);
  }

  /**
   * Own fence or the link before is signaled: completes the link if both are. Each signals, then
   * fences, then looks at the other: so the later one of the two sees both.
   */
  @Override
  public void run() {
    VarHandle.fullFence();
    ChainWatch linkBefore = before();
    if (!link.isComplete()
        && link.fence().isSignaled()
        && (linkBefore == NONE || linkBefore.link.isComplete())) {
      link.complete();
    }
  }

  @Override
  public void leave() {
    ChainWatch next = this;
    while (next != null && next != NONE && Holders.leave(HOLDERS, next)) {
      next = next.takeBack();
    }
  }

  /** Nobody holds this any more: takes back its callbacks; what it has held itself. */
  private ChainWatch takeBack() {
    link.forget(this);
    remove(inOwn());
    remove(inBefore());
    return before();
  }

  private static void remove(Fence.Callback added) {
    if (added != null) {
      added.remove();
    }
  }

  @Override
  public void end() {
    // All before is signaled as well, and its callbacks have run or are about to. Whoever keeps the
    // handle of a callback would keep them all.
    BEFORE.setVolatile(this, NONE);
    IN_OWN.setVolatile(this, (Fence.Callback) null);
    IN_BEFORE.setVolatile(this, (Fence.Callback) null);
  }
}
