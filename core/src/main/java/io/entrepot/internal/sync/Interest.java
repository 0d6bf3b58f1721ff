package io.entrepot.internal.sync;

import io.entrepot.sync.FenceIssuer;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.ref.WeakReference;

/**
 * What an issuer is asked and told of its points. Refers weakly to the issuer, which may refer to
 * its timeline: fences must not keep that from being found lost.
 *
 * <p><b>Linearization.</b> The CAS that raises {@code enabled} decides who tells the issuer of a
 * point, so it is told of each at most once.
 */
final class Interest {
  private static final VarHandle ENABLED;

  static {
    try {
      ENABLED = MethodHandles.lookup().findVarHandle(Interest.class, "enabled", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final WeakReference<FenceIssuer> issuer;
  private long enabled;

  Interest(FenceIssuer issuer) {
    this.issuer = new WeakReference<>(issuer);
  }

  /** The highest point whose work is done, by the issuer's word; 0 when it cannot tell. */
  long completed() {
    FenceIssuer asked = issuer.get();
    if (asked == null) {
      return 0;
    }
    try {
      return asked.completed();
    } catch (Throwable thrown) {
      Uncaught.handle(thrown);
      return 0;
    }
  }

  /**
   * Tells the issuer, once, that somebody waits for a point.
   *
   * @return what it threw, after which nobody will signal the point, or {@code null}
   */
  Throwable enable(long point) {
    long before = (long) ENABLED.getVolatile(this);
    while (before < point) {
      if (ENABLED.compareAndSet(this, before, point)) {
        return tell(point);
      }
      before = (long) ENABLED.getVolatile(this);
    }
    return null;
  }

  private Throwable tell(long point) {
    FenceIssuer told = issuer.get();
    if (told == null) {
      return null;
    }
    try {
      told.enableSignaling(point);
      return null;
    } catch (Throwable thrown) {
      return thrown;
    }
  }

  void hintDeadline(long point, long deadlineNs) {
    FenceIssuer told = issuer.get();
    if (told == null) {
      return;
    }
    try {
      told.deadline(point, deadlineNs);
    } catch (Throwable thrown) {
      Uncaught.handle(thrown);
    }
  }
}
