package io.entrepot.internal.memory;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * A file descriptor that this process owns, closed once.
 *
 * <p>The kernel gives the number of a closed descriptor to the next file, so a number must not be
 * used, or closed again, after the first close. Therefore calls run between {@link #take()} and
 * {@link #giveBack()}, and closing waits for none of them: the last of them closes the number.
 * Thread-safe.
 */
public final class Descriptor implements AutoCloseable {
  private static final int CLOSED = 1 << 31;

  private final int number;

  /** Bit 31: closed; the rest: calls that use the number now. */
  private final AtomicInteger state = new AtomicInteger();

  private Descriptor(int number) {
    this.number = number;
  }

  /** Takes a descriptor into possession. */
  public static Descriptor owning(int number) {
    if (number < 0) {
      throw new IllegalArgumentException("a descriptor is 0 or more, not " + number);
    }
    return new Descriptor(number);
  }

  /**
   * The number, for messages and where the caller knows that nobody closes meanwhile.
   *
   * @throws IllegalStateException when closed
   */
  public int number() {
    if (isClosed()) {
      throw closed();
    }
    return number;
  }

  public boolean isClosed() {
    return state.get() < 0;
  }

  /**
   * The number, which stays this file's until {@link #giveBack()}, even when closed meanwhile.
   *
   * <p>Linearization point: the compare-and-set that counts the user; it fails once the closed bit
   * is set, so no user comes after it.
   *
   * @throws IllegalStateException when closed
   */
  public int take() {
    int before;
    do {
      before = state.get();
      if (before < 0) {
        throw closed();
      }
    } while (!state.compareAndSet(before, before + 1));
    return number;
  }

  /** Ends one use; the last one after {@link #close()} closes the number. */
  public void giveBack() {
    if (state.decrementAndGet() == CLOSED) {
      closeNumber();
    }
  }

  /**
   * Closes; again is harmless. Linearization point: the compare-and-set of the closed bit, which
   * one thread alone wins. The number is closed by whoever finds no user left, which is one thread:
   * this one, or the last user.
   */
  @Override
  public void close() {
    int before;
    do {
      before = state.get();
      if (before < 0) {
        return;
      }
    } while (!state.compareAndSet(before, before | CLOSED));
    if (before == 0) {
      closeNumber();
    }
  }

  /** Whatever the kernel answers, the number is free afterwards: trying again could hit another. */
  private void closeNumber() {
    long result = SystemCall.CLOSE.call(number);
    assert result != -Errno.EBADF : this + " was closed by somebody else";
  }

  private IllegalStateException closed() {
    return new IllegalStateException("descriptor " + number + " is closed");
  }

  @Override
  public String toString() {
    return "descriptor " + number + (isClosed() ? " (closed)" : "");
  }
}
