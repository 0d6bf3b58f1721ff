package io.entrepot.internal.sync;

import io.entrepot.sync.Fence;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.List;

/** A callback in each member of an array. */
final class ArrayWatch implements Watch {
  private static final VarHandle HOLDERS;

  static {
    try {
      HOLDERS = MethodHandles.lookup().findVarHandle(ArrayWatch.class, "holders", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final ArrayOfFences array;
  private int holders = Holders.ITS_MAKER;
  private final InMember[] inMembers;

  /** All callbacks are there. A hint: who does not see it adds none a second time. */
  private volatile boolean armed;

  ArrayWatch(ArrayOfFences array) {
    this.array = array;
    List<Fence> members = array.members();
    this.inMembers = new InMember[members.size()];
    for (int i = 0; i < inMembers.length; i++) {
      inMembers[i] = new InMember(array, i);
    }
  }

  /** The callback in one member, of which the CAS of its handle keeps one only. */
  private static final class InMember implements Runnable {
    private static final VarHandle CALLBACK;

    static {
      try {
        CALLBACK =
            MethodHandles.lookup().findVarHandle(InMember.class, "callback", Fence.Callback.class);
      } catch (ReflectiveOperationException e) {
        throw new ExceptionInInitializerError(e);
      }
    }

    private final ArrayOfFences array;
    private final int index;
    private Fence.Callback callback;

    InMember(ArrayOfFences array, int index) {
      this.array = array;
      this.index = index;
    }

    private Fence.Callback callback() {
      return (Fence.Callback) CALLBACK.getVolatile(this);
    }

    void add() {
      if (callback() != null) {
        return;
      }
      Fence.Callback added = array.members().get(index).onSignal(this);
      if (added == null) {
        array.noteErrorOf(index);
      } else if (!CALLBACK.compareAndSet(this, null, added)) {
        added.remove();
      }
    }

    void remove() {
      Fence.Callback added = callback();
      if (added != null) {
        added.remove();
      }
    }

    @Override
    public void run() {
      array.signaled(index);
    }
  }

  @Override
  public boolean join() {
    return Holders.join(HOLDERS, this);
  }

  @Override
  public void arm() {
    if (!armed) {
      for (InMember one : inMembers) {
        one.add();
      }
      // Before the caller looks at all members: against a callback that looks at another's signal.
      VarHandle.fullFence();
      armed = true;
    }
  }

  @Override
  public void leave() {
    if (Holders.leave(HOLDERS, this)) {
      array.forget(this);
      for (InMember one : inMembers) {
        one.remove();
      }
    }
  }

  @Override
  public void end() {
    // Refers to what its array does.
  }
}
