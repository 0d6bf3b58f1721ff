package io.entrepot.internal.sync;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * How many hold something. When the last has let go nobody takes hold of it again.
 *
 * <p><b>Linearization.</b> Every change is one atomic update of the count, a volatile access: what
 * one did before it let go happens-before what the last does.
 */
final class Holders {
  private static final VarHandle COUNT;

  static {
    try {
      COUNT = MethodHandles.lookup().findVarHandle(Holders.class, "count", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** Who makes it holds it. */
  private int count = 1;

  /** Takes hold; false when the last has let go. */
  boolean join() {
    int before = (int) COUNT.getVolatile(this);
    while (before > 0) {
      if (COUNT.compareAndSet(this, before, before + 1)) {
        return true;
      }
      before = (int) COUNT.getVolatile(this);
    }
    return false;
  }

  /** Lets go; whether it was the last who did. */
  boolean leave() {
    return (int) COUNT.getAndAdd(this, -1) == 1;
  }
}
