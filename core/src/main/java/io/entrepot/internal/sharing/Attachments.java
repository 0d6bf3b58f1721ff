package io.entrepot.internal.sharing;

import io.entrepot.internal.buffers.PoolCounter;
import io.entrepot.sharing.Exporter;
import io.entrepot.sharing.Importer;
import java.lang.invoke.VarHandle;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Who is attached to a pool. */
final class Attachments implements Iterable<PoolAttachment> {
  private final PoolCore pool;
  private final List<PoolAttachment> all = new CopyOnWriteArrayList<>();

  Attachments(PoolCore pool) {
    this.pool = pool;
  }

  /** Attaches an importer, for whom an exporter decides; see {@link PoolCore#attach}. */
  PoolAttachment attach(Exporter decider, Importer importer) {
    pool.checkOpen();
    PoolAttachment attachment = Negotiation.attach(pool, decider, importer);
    all.add(attachment);
    if (pool.isClosed()) {
      // Closed meanwhile, which may have missed this one.
      attachment.end();
      pool.checkOpen();
    }
    pool.numbers().count(PoolCounter.ATTACHES, 1);
    return attachment;
  }

  void forget(PoolAttachment attachment) {
    all.remove(attachment);
  }

  @Override
  public Iterator<PoolAttachment> iterator() {
    return all.iterator();
  }

  /** Whether native code, a window or a channel uses a buffer under any of them. */
  boolean isUsing(int buffer) {
    for (PoolAttachment attachment : all) {
      if (attachment.uses().isUsing(buffer)) {
        return true;
      }
    }
    return false;
  }

  /** Ends what views show of a memory; see {@link PoolCore#letGoOf}. */
  boolean letGoOf(long memory) {
    // Between the removal and the look at uses, see BufferUse.
    VarHandle.fullFence();
    boolean done = true;
    for (PoolAttachment attachment : all) {
      done &= attachment.letGoOf(memory);
    }
    return done;
  }

  /** The CPU windows that are open under any of them, for people. */
  List<String> openWindows() {
    return all.stream().flatMap(attachment -> attachment.openWindows().stream()).toList();
  }

  /** Closes the windows of threads that ended without doing so; how many. */
  int reapWindows() {
    int reaped = 0;
    for (PoolAttachment attachment : all) {
      reaped += attachment.uses().reapWindows();
    }
    return reaped;
  }
}
