package io.entrepot.internal.flow;

import io.entrepot.flow.PoolPort;
import io.entrepot.internal.sharing.BufferOwner;
import io.entrepot.internal.sharing.LanePort;
import io.entrepot.internal.sharing.PoolAttachment;
import io.entrepot.sharing.Attachment;
import io.entrepot.sharing.Port;
import io.entrepot.sharing.WritableView;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.IdleStrategy;

/** A port that owns at most one buffer at a time, shown by one flyweight. */
public final class OwnerPort implements PoolPort {
  private final PoolAttachment attachment;
  private final LanePort port;
  private final BufferOwner owner;
  private final IdleStrategy idle;
  private boolean closed;

  /**
   * A port of the calling thread, which closes the attachment with it.
   *
   * @param keeps whether a buffer that is released stays ready for this port
   */
  public OwnerPort(PoolAttachment attachment, boolean keeps) {
    this(attachment, keeps, null);
  }

  /** As {@link #OwnerPort(PoolAttachment, boolean)}, idling by a strategy; {@code null} to park. */
  OwnerPort(PoolAttachment attachment, boolean keeps, IdleStrategy idle) {
    this.idle = idle;
    this.attachment = attachment;
    this.port = attachment.openPort();
    this.owner = new BufferOwner(port, keeps);
    port.onAbandon(attachment::closeWhenUnused);
  }

  @Override
  public WritableView tryAcquire() {
    owner.checkOwnsNone();
    return owner.tryTake();
  }

  @Override
  public WritableView acquire(long timeout, TimeUnit unit) {
    owner.checkOwnsNone();
    return owner.awaitTake(unit.toNanos(timeout), idle);
  }

  @Override
  public void release() {
    owner.checkOwns();
    owner.give();
  }

  @Override
  public Port port() {
    return port;
  }

  @Override
  public Attachment attachment() {
    return attachment;
  }

  @Override
  public void close() {
    if (!closed) {
      port.checkClosable();
      closed = true;
      port.close();
      attachment.close();
    }
  }
}
