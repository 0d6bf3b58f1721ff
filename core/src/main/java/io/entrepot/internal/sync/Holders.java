package io.entrepot.internal.sync;

import java.lang.invoke.VarHandle;

/**
 * How many hold something, in a field of it: a chain has one of each link, so no object for it.
 * When the last has let go nobody takes hold of it again.
 *
 * <p><b>Linearization.</b> Every change is one atomic update of the count, a volatile access: what
 * one did before it let go happens-before what the last does.
 */
final class Holders {
  /** The count of something new: who makes it holds it. */
  static final int ITS_MAKER = 1;

  private Holders() {}

  /** Takes hold; false when the last has let go. */
  static boolean join(VarHandle count, Watch of) {
    int before = (int) count.getVolatile(of);
    while (before > 0) {
      if (count.compareAndSet(of, before, before + 1)) {
        return true;
      }
      before = (int) count.getVolatile(of);
    }
    return false;
  }

  /** Lets go; whether it was the last who did. */
  static boolean leave(VarHandle count, Watch of) {
    return (int) count.getAndAdd(of, -1) == 1;
  }
}
