package io.entrepot.internal.sync;

import io.entrepot.sync.Usage;
import java.util.Arrays;

/**
 * The members of a {@link JobSet} in the order of their buffers' records. It allocates when there
 * are more than ever before.
 */
final class SetMembers {
  private static final int START = 8;

  /** From {@link #size} on, spare ones. */
  private SetMember[] members = new SetMember[START];

  private int size;

  int size() {
    return size;
  }

  SetMember get(int index) {
    return members[index];
  }

  /** Index of the buffer at {@code base}, or {@code -(index where it belongs) - 1}. */
  int find(long base) {
    int low = 0;
    // Most sets are filled in order.
    int high = size == 0 || members[size - 1].base() < base ? -1 : size - 1;
    if (high < 0) {
      return -size - 1;
    }
    while (low <= high) {
      int middle = (low + high) >>> 1;
      long at = members[middle].base();
      if (at == base) {
        return middle;
      }
      if (at < base) {
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    return -low - 1;
  }

  SetMember insert(int at, BufferReservation reservation, Usage usage) {
    if (size == members.length) {
      members = Arrays.copyOf(members, 2 * size);
    }
    SetMember member = members[size] == null ? new SetMember() : members[size];
    if (at < size) {
      System.arraycopy(members, at, members, at + 1, size - at);
    }
    members[at] = member;
    size++;
    member.want(reservation, usage);
    return member;
  }

  /** Drops those that are not wanted; none of these is claimed. */
  void keepWanted() {
    int kept = 0;
    for (int i = 0; i < size; i++) {
      SetMember member = members[i];
      if (member.isWanted()) {
        members[i] = members[kept];
        members[kept++] = member;
      } else {
        member.forget();
      }
    }
    size = kept;
  }

  /** They are what the job may want when it begins again. */
  void unwantAll() {
    for (int i = 0; i < size; i++) {
      members[i].unwant();
    }
  }

  int wanted() {
    int wanted = 0;
    for (int i = 0; i < size; i++) {
      wanted += members[i].isWanted() ? 1 : 0;
    }
    return wanted;
  }

  void clear() {
    for (int i = 0; i < size; i++) {
      members[i].forget();
    }
    size = 0;
  }
}
