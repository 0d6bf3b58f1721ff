package io.entrepot.internal.sync;

import io.entrepot.sync.Usage;
import java.util.Arrays;

/** The members of a {@link JobSet} in the order of their buffers' records. */
final class SetMembers {
  private static final int START = 8;

  private long[] bases = new long[START];
  private BufferReservation[] reservations = new BufferReservation[START];
  private Usage[] usages = new Usage[START];
  private boolean[] claimed = new boolean[START];
  private int size;

  int size() {
    return size;
  }

  /** Index of the buffer at {@code base}, or {@code -(index where it belongs) - 1}. */
  int find(long base) {
    boolean isLast = size == 0 || bases[size - 1] < base;
    return isLast ? -size - 1 : Arrays.binarySearch(bases, 0, size, base);
  }

  int insert(int at, BufferReservation reservation, Usage usage) {
    if (size == bases.length) {
      bases = Arrays.copyOf(bases, 2 * size);
      reservations = Arrays.copyOf(reservations, 2 * size);
      usages = Arrays.copyOf(usages, 2 * size);
      claimed = Arrays.copyOf(claimed, 2 * size);
    }
    if (at < size) {
      System.arraycopy(bases, at, bases, at + 1, size - at);
      System.arraycopy(reservations, at, reservations, at + 1, size - at);
      System.arraycopy(usages, at, usages, at + 1, size - at);
      System.arraycopy(claimed, at, claimed, at + 1, size - at);
    }
    bases[at] = reservation.base();
    reservations[at] = reservation;
    usages[at] = usage;
    claimed[at] = false;
    size++;
    return at;
  }

  void clear() {
    Arrays.fill(reservations, 0, size, null);
    size = 0;
  }

  long base(int index) {
    return bases[index];
  }

  BufferReservation reservation(int index) {
    return reservations[index];
  }

  Usage usage(int index) {
    return usages[index];
  }

  void usage(int index, Usage usage) {
    usages[index] = usage;
  }

  /** Whether the job claims this member. */
  boolean isClaimed(int index) {
    return claimed[index];
  }

  void claimed(int index, boolean is) {
    claimed[index] = is;
  }
}
