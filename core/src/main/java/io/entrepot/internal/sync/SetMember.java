package io.entrepot.internal.sync;

import io.entrepot.sync.Usage;

/** A buffer of a {@link JobSet}, and what its job has of it. Used for one after the other. */
final class SetMember {
  private long base;
  private BufferReservation reservation;
  private Usage usage;
  private boolean isWanted;
  private boolean isClaimed;
  private boolean isTaken;

  /** Makes it one that the job is to have; it is not claimed, or with the same usage. */
  void want(BufferReservation reservation, Usage usage) {
    this.base = reservation.base();
    this.reservation = reservation;
    this.usage = usage;
    this.isWanted = true;
  }

  void forget() {
    left();
    unwant();
    reservation = null;
  }

  long base() {
    return base;
  }

  BufferReservation reservation() {
    return reservation;
  }

  Usage usage() {
    return usage;
  }

  /** The word with which {@code job} claims this buffer, or a fence that goes in its place. */
  long word(long job) {
    return FenceWord.withUsage(job, usage);
  }

  /** Whether the job is to have it; else it is one that the job had before it was aborted. */
  boolean isWanted() {
    return isWanted;
  }

  void unwant() {
    isWanted = false;
  }

  /** Whether the job claims it. */
  boolean isClaimed() {
    return isClaimed;
  }

  void claimed() {
    isClaimed = true;
  }

  /** Whether the job claims it, and has collected what it has to wait for there. */
  boolean isTaken() {
    return isTaken;
  }

  void taken() {
    isTaken = true;
  }

  void left() {
    isClaimed = false;
    isTaken = false;
  }
}
