package io.entrepot.internal.sharing;

import io.entrepot.internal.memory.Doorbells;
import io.entrepot.internal.memory.Words;
import java.util.Arrays;
import java.util.function.BooleanSupplier;

/** The other processes that use a pool's buffers: none, in most pools. */
public final class Peers {
  private static final System.Logger LOG = System.getLogger(Peers.class.getName());

  private final Doorbells doorbells;
  private final BoundedLog log;
  private volatile PeerWords[] all = {};

  /**
   * None yet.
   *
   * @param pool its name
   * @param words of this process
   * @param mayComeUntold whether threads of this process wait for something just now of which no
   *     peer's bell tells
   */
  Peers(String pool, Words words, PoolDescriptor layout, BooleanSupplier mayComeUntold) {
    this.doorbells =
        new Doorbells(
            words,
            layout.header(PoolDescriptor.LISTENING),
            layout.header(PoolDescriptor.BELL),
            mayComeUntold);
    this.log = new BoundedLog(LOG, "processes that import pool '" + pool + "'", System::nanoTime);
  }

  /** By which they wake threads of this process. */
  Doorbells doorbells() {
    return doorbells;
  }

  /** Takes what there is to be said of them, and of those that are turned away. */
  public BoundedLog log() {
    return log;
  }

  /** Has a peer's uses keep buffers from reuse from now on; before it is told of any. */
  public synchronized void add(PeerWords peer) {
    peer.listen(doorbells);
    PeerWords[] more = Arrays.copyOf(all, all.length + 1);
    more[more.length - 1] = peer;
    all = more;
  }

  /** Forgets a peer that is known to see the memory no more, or never to use it. */
  public synchronized void remove(PeerWords peer) {
    all = Arrays.stream(all).filter(kept -> kept != peer).toArray(PeerWords[]::new);
    peer.listenNoMore(doorbells);
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

  /** Whether any of them works on a buffer still, by its fences. */
  boolean hasFences(int buffer) {
    for (PeerWords peer : all) {
      if (peer.hasFences(buffer)) {
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
  String describe(int buffer) {
    StringBuilder text = new StringBuilder();
    for (PeerWords peer : all) {
      if (peer.isUsing(buffer)) {
        text.append(", used by ").append(peer);
      }
    }
    return text.toString();
  }
}
