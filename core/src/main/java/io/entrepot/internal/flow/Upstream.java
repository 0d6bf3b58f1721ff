package io.entrepot.internal.flow;

import io.entrepot.flow.Division;
import io.entrepot.flow.Overflow;
import io.entrepot.flow.Start;
import io.entrepot.internal.sharing.PoolAttachment;
import io.entrepot.internal.sharing.PoolCore;
import io.entrepot.sharing.FrameLayout;
import java.util.function.BooleanSupplier;

/**
 * What a reading port needs of the feed beside its ring: the writer may be of this process, or of
 * another.
 */
interface Upstream {
  /** Name of the feed. */
  String name();

  /** The pool as this process has it. */
  PoolCore pool();

  /** Makes what a reader reads from, with room for a backlog unless it starts with what is next. */
  OpenedRing openRing(
      PoolAttachment attachment, Overflow overflow, int depth, Division division, Start start);

  /**
   * Fills the backlog of a reader whose ring was added.
   *
   * @param to the reader's ring
   * @param backlog as it was opened
   * @return whether something is in it, or may be
   */
  boolean fill(ReaderRing backlog, Subscriber to, int depth, Start start);

  /** Has frames delivered to a ring from now on. */
  void add(Subscriber subscription);

  /**
   * The layout of a number that a ring's entry has, where the writer is in another process; {@code
   * null} for 0. May ask that process.
   */
  FrameLayout layout(long number);

  /** Whether the writer's process is gone, so that nobody writes to the rings any more. */
  boolean isLost();

  /**
   * Why the writer has failed, when a reader's ring says so, or is lost; {@code null} if it is not
   * known any more.
   */
  Throwable failure(ReaderRing ring);

  /**
   * Parks until the condition holds or the time is over: on what wakes readers.
   *
   * @param ring that of the reader
   * @return the last answer of the condition
   */
  boolean awaitPublished(ReaderRing ring, BooleanSupplier condition, long timeoutNs);

  /** There is room in the ring, which a blocked writer may be waiting for. */
  void roomMade();

  /** Somebody left: whoever waits for him, or with him, is to look again. */
  void left();
}
