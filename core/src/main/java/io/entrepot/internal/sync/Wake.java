package io.entrepot.internal.sync;

import java.util.concurrent.locks.LockSupport;

/** A callback that wakes a thread, and so need not wait for other callbacks to be over. */
record Wake(Thread waiting) implements Runnable {
  @Override
  public void run() {
    LockSupport.unpark(waiting);
  }
}
