package io.entrepot.internal.reach;

import io.entrepot.internal.buffers.SharedDomain;
import io.entrepot.internal.memory.Doorbell;
import io.entrepot.internal.memory.Words;
import io.entrepot.internal.sharing.PoolCore;
import io.entrepot.internal.sync.FarFences;
import io.entrepot.internal.sync.FarSignals;
import io.entrepot.internal.sync.PointName;
import io.entrepot.reach.SharedFence;
import io.entrepot.sync.Fence;

/** The fences of the process at the other end of a connection, and names for those of this one. */
final class SharedFences {
  private final SharedDomain theirs;
  private final FarFences fences;
  private final String process;
  private final FarSignals signals;
  private final Doorbell bell;

  /**
   * Of one process.
   *
   * @param core the pool in this process
   * @param words that the process alone writes
   * @param name of the process, for people
   * @param process a handle of it, which others are made from while it is open
   */
  SharedFences(PoolCore core, Words words, String name, PeerProcess process) {
    this.theirs = new SharedDomain(words, core.layout().at(words));
    this.process = name;
    this.signals = core.signals();
    this.fences =
        new FarFences(
            core.timelines(),
            theirs.timelines(),
            name,
            process::share,
            core::isClosed,
            theirs.heardBy(signals));
    core.timelines().hearElsewhere();
    this.bell = theirs.toldBy(signals);
  }

  /** Names a fence of this process. */
  static SharedFence export(PoolCore core, Fence fence) {
    core.checkOpen();
    PointName name = PointName.of(core.timelines(), fence);
    return new SharedFence(
        new SharedDomain(core.words(), core.layout()).numbered(), name.record(), name.point());
  }

  /** The fences of this process that stand for those of the one at the other end. */
  FarFences far() {
    return fences;
  }

  /** Whether the process at the other end has exported a fence. */
  boolean has(SharedFence fence) {
    return theirs.number() == fence.domain();
  }

  /** The fence that stands for one of the process at the other end. */
  Fence imported(SharedFence fence) {
    if (!has(fence)) {
      throw new IllegalArgumentException(
          fence
              + " is not of "
              + process
              + ", whose domain is "
              + theirs.number()
              + ": import it where its exporter is at the other end");
    }
    return fences.importPoint(fence.timeline(), fence.point());
  }

  /** The connection has ended. */
  void lose(String why) {
    signals.tellsNoMore(bell);
    fences.lose(why);
  }
}
