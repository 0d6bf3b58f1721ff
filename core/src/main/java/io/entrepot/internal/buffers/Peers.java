package io.entrepot.internal.buffers;

import io.entrepot.internal.memory.Doorbells;
import io.entrepot.internal.memory.Words;
import io.entrepot.internal.sync.FarSignals;
import io.entrepot.sync.Usage;
import java.util.Arrays;
import java.util.function.BooleanSupplier;

/** The other processes that use a pool's buffers: none, in most pools. */
public final class Peers {
  private static final System.Logger LOG = System.getLogger(Peers.class.getName());

  private final Doorbells doorbells;
  private final FarSignals signals;
  private final BoundedLog log;
  private volatile PeerWords[] all = {};

  /** The one of them that may write, or {@code null}. */
  private volatile PeerWords writer;

  /**
   * None yet.
   *
   * @param pool its name
   * @param words of this process
   * @param signals by which it waits for fences of the peer that may write
   * @param mayComeUntold whether threads of this process wait for something just now of which no
   *     peer's bell tells
   */
  Peers(
      String pool,
      Words words,
      PoolDescriptor layout,
      FarSignals signals,
      BooleanSupplier mayComeUntold) {
    this.signals = signals;
    this.doorbells =
        new Doorbells(
            words,
            layout.header(PoolDescriptor.LISTENING),
            layout.header(PoolDescriptor.BELL),
            mayComeUntold);
    this.log = new BoundedLog(LOG, "processes that import pool '" + pool + "'", System::nanoTime);
  }

  /** By which they wake threads of this process. */
  public Doorbells doorbells() {
    return doorbells;
  }

  /** Takes what there is to be said of them, and of those that are turned away. */
  public BoundedLog log() {
    return log;
  }

  /** Has a peer's uses keep buffers from reuse from now on; before it is told of any. */
  public void add(PeerWords peer) {
    peer.listen(doorbells);
    count(peer);
  }

  /** Forgets a peer that is known to see the memory no more, or never to use it. */
  public void remove(PeerWords peer) {
    leaveOut(peer);
    peer.listenNoMore(doorbells);
  }

  /** Has a peer's uses keep buffers from reuse, again. */
  public synchronized void count(PeerWords peer) {
    PeerWords[] more = Arrays.copyOf(all, all.length + 1);
    more[more.length - 1] = peer;
    all = more;
  }

  /** Ends {@link #count}; its bell is heard still. */
  public synchronized void leaveOut(PeerWords peer) {
    all = Arrays.stream(all).filter(kept -> kept != peer).toArray(PeerWords[]::new);
  }

  /** Has the one peer that may write looked at by whoever maps; {@code null} for none. */
  void writer(PeerWords peer) {
    PeerWords before = writer;
    if (peer != null) {
      peer.hear(signals);
    }
    writer = peer;
    if (before != null) {
      before.hearNoMore(signals);
      // Who waits for its fences need not, and hears it no more.
      signals.wake();
    }
  }

  /** See {@link #writer(PeerWords)}. */
  public PeerWords writer() {
    return writer;
  }

  /** Whether another process writes in place to a buffer, or is about to. */
  boolean isWriting(int buffer) {
    PeerWords peer = writer;
    return peer != null && peer.isWriting(buffer);
  }

  /**
   * Waits for the fences that another process which may write has left on a buffer; false when the
   * time was over. Others leave none that anybody but reuse waits for.
   */
  public boolean awaitQuiet(int buffer, Usage usage, long timeoutNs) {
    return isQuiet(buffer, usage) || signals.await(() -> isQuiet(buffer, usage), timeoutNs);
  }

  /** Whether that process has left no fence on a buffer that a query for that usage waits for. */
  public boolean isQuiet(int buffer, Usage usage) {
    PeerWords peer = writer;
    return peer == null || peer.isQuiet(buffer, usage);
  }

  /** Marks, in a bit set of buffers, those that any of them has mapped; before the next. */
  void markMapped(long[] mapped) {
    for (PeerWords peer : all) {
      peer.markMapped(mapped);
    }
  }

  /** Whether any of them holds a buffer, or works on it still; what is mapped was marked before. */
  boolean isHolding(int buffer) {
    for (PeerWords peer : all) {
      if (peer.isHolding(buffer)) {
        return true;
      }
    }
    return false;
  }

  /** Whether any of them uses a buffer. */
  boolean isUsing(int buffer) {
    for (PeerWords peer : all) {
      if (peer.isUsing(buffer)) {
        return true;
      }
    }
    return false;
  }

  /** Which of them use a buffer, for dumps; empty when none does. */
  public String describe(int buffer) {
    StringBuilder text = new StringBuilder();
    for (PeerWords peer : all) {
      if (peer.isUsing(buffer)) {
        text.append(", used by ").append(peer);
      }
    }
    return text.toString();
  }
}
