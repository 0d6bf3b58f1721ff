package io.entrepot.internal.flow;

import io.entrepot.flow.Broadcast;
import io.entrepot.flow.BufferPool;
import io.entrepot.flow.PoolInUseException;
import io.entrepot.flow.PoolPort;
import io.entrepot.flow.PoolStatistics;
import io.entrepot.internal.buffers.PoolCounter;
import io.entrepot.internal.sharing.CpuAccessQuery;
import io.entrepot.internal.sharing.PoolAttachment;
import io.entrepot.internal.sharing.PoolCore;
import io.entrepot.internal.sharing.Replacements;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.Attachment;
import io.entrepot.sharing.CpuAccess;
import io.entrepot.sharing.Exporter;
import io.entrepot.sharing.Importer;
import io.entrepot.sharing.MappingType;
import io.entrepot.sharing.Revocation;
import io.entrepot.sharing.SharedBuffer;
import io.entrepot.sharing.SizeClass;
import io.entrepot.sync.SyncDomain;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.IdleStrategy;

/** A pool in front of its core. */
public final class ExportedPool implements BufferPool {
  private final PoolCore core;

  private ExportedPool(PoolCore core) {
    this.core = core;
  }

  /** A pool over an exporter's memory. */
  public static BufferPool over(Exporter exporter, List<SizeClass> classes) {
    return new ExportedPool(new PoolCore(exporter.name(), exporter, classes));
  }

  /** What is behind it. */
  public PoolCore core() {
    return core;
  }

  @Override
  public String name() {
    return core.name();
  }

  @Override
  public Exporter exporter() {
    return core.exporter();
  }

  @Override
  public SyncDomain sync() {
    return core.timelines();
  }

  @Override
  public PoolPort open(String name) {
    return openPort(name, null);
  }

  @Override
  public PoolPort open(String name, IdleStrategy idle) {
    return openPort(name, Objects.requireNonNull(idle, "idle"));
  }

  private PoolPort openPort(String name, IdleStrategy idle) {
    return openPort(Importer.viewing(name, Access.WRITE), idle);
  }

  @Override
  public PoolPort open(Importer importer) {
    return openPort(importer, null);
  }

  private PoolPort openPort(Importer importer, IdleStrategy idle) {
    PoolAttachment attachment = core.attach(importer);
    try {
      attachment.require(MappingType.VIEW, Access.WRITE);
      return new OwnerPort(attachment, true, idle);
    } catch (RuntimeException noPort) {
      attachment.close();
      throw noPort;
    }
  }

  @Override
  public SharedBuffer tryAcquire(long byteSize) {
    return core.acquireReference(byteSize, 0);
  }

  @Override
  public SharedBuffer acquire(long byteSize, long timeout, TimeUnit unit) {
    return core.acquireReference(byteSize, unit.toNanos(timeout));
  }

  @Override
  public Broadcast broadcast(String name) {
    core.checkOpen();
    return new RingBroadcast(core, name);
  }

  @Override
  public Attachment attach(Importer importer) {
    return core.attach(importer);
  }

  @Override
  public CpuAccess cpuAccess(Importer importer) {
    return CpuAccessQuery.of(core, importer);
  }

  @Override
  public Revocation revoke(Attachment attachment, Duration deadline) {
    PoolAttachment ours = (PoolAttachment) attachment;
    if (ours.pool() != core) {
      throw new IllegalArgumentException(
          "attachment " + attachment + " is not of pool '" + name() + "'");
    }
    return ours.revoke(TimeUnit.NANOSECONDS.convert(deadline));
  }

  @Override
  public PoolStatistics statistics() {
    // What nobody uses any more counts as free.
    core.free().reclaim();
    int unused = core.free().count();
    Replacements replacements = core.replacements();
    boolean isWithheld = core.memories().isWithheld();
    return new PoolStatistics(
        core.buffers(),
        isWithheld ? 0 : unused,
        core.numbers().maxInUse(),
        core.numbers().acquires(),
        core.numbers().releases(),
        core.numbers().publishes(),
        core.numbers().maps(),
        core.numbers().openMappings(),
        core.numbers().counted(PoolCounter.WAITS),
        core.numbers().counted(PoolCounter.TIMEOUTS),
        core.numbers().counted(PoolCounter.RECLAIMS),
        core.numbers().counted(PoolCounter.RECLAIMED),
        core.numbers().counted(PoolCounter.LEASES),
        core.numbers().counted(PoolCounter.LEASES_RETURNED),
        core.numbers().counted(PoolCounter.WINDOWS),
        core.numbers().counted(PoolCounter.BOUNCES),
        core.numbers().counted(PoolCounter.BOUNCED_BYTES),
        core.numbers().counted(PoolCounter.ATTACHES),
        core.numbers().counted(PoolCounter.REFUSALS),
        core.numbers().counted(PoolCounter.REVOCATIONS),
        core.numbers().counted(PoolCounter.FORCED_CLOSES),
        core.numbers().counted(PoolCounter.QUARANTINED),
        core.numbers().counted(PoolCounter.REAPED_PORTS),
        core.numbers().counted(PoolCounter.REPLACEMENTS),
        replacements == null ? 0 : replacements.old(),
        replacements == null ? 0 : replacements.oldBytes(),
        isWithheld ? unused : 0);
  }

  @Override
  public String dump() {
    return core.dump();
  }

  @Override
  public List<String> holders() {
    return core.holders();
  }

  @Override
  public void close(Duration deadline) {
    core.freed()
        .await(
            () -> {
              core.reap();
              return core.isClosed() || core.tryClose().isEmpty();
            },
            TimeUnit.NANOSECONDS.convert(deadline));
    close();
  }

  @Override
  public void close() {
    List<String> holders = core.tryClose();
    if (!holders.isEmpty()) {
      throw new PoolInUseException(name(), holders);
    }
  }

  @Override
  public String toString() {
    return "pool '"
        + name()
        + "' with "
        + core.free().count()
        + " of "
        + core.buffers()
        + " buffers free";
  }
}
