package io.entrepot.chaos;

/** Where the threads of a process wait, with empty hands, while it is closed. */
final class Gate {
  private volatile boolean closed = true;
  private int inside;

  /** Counts a thread that is going to work; it, or who starts it, calls this. */
  synchronized void enter() {
    inside++;
  }

  /** Ends {@link #enter}. */
  synchronized void leave() {
    inside--;
    notifyAll();
  }

  boolean isClosed() {
    return closed;
  }

  /** Waits while it is closed. Called by a thread inside that holds nothing. */
  synchronized void pass() throws InterruptedException {
    if (closed) {
      leave();
      while (closed) {
        wait();
      }
      enter();
    }
  }

  /** Closes, and waits until every thread that was inside waits, or has left. */
  synchronized void close() throws InterruptedException {
    closed = true;
    while (inside > 0) {
      wait();
    }
  }

  synchronized void open() {
    closed = false;
    notifyAll();
  }
}
