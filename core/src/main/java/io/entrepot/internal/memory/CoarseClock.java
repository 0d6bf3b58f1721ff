package io.entrepot.internal.memory;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Milliseconds since the epoch, read for the price of a load.
 *
 * <p>"Since when" stamps are taken on hot paths, where {@link System#nanoTime()} would cost more
 * than the path itself. A daemon thread writes the time every {@value #TICK_MS} ms, so a stamp is
 * at most that much (plus scheduling) behind.
 */
public final class CoarseClock {
  /** Resolution in milliseconds. */
  public static final int TICK_MS = 10;

  private static final VarHandle NOW;
  private static long now = System.currentTimeMillis();

  static {
    try {
      NOW = MethodHandles.lookup().findStaticVarHandle(CoarseClock.class, "now", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
    Thread.ofPlatform().daemon().name("entrepot-clock").start(CoarseClock::tick);
  }

  private CoarseClock() {}

  /** Milliseconds since the epoch, at most about {@value #TICK_MS} ms old. */
  public static long millis() {
    return (long) NOW.getOpaque();
  }

  private static void tick() {
    while (true) {
      NOW.setOpaque(System.currentTimeMillis());
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(TICK_MS));
    }
  }
}
