package io.entrepot.internal.sharing;

import io.entrepot.sharing.CpuWindow;
import io.entrepot.sharing.MappingType;
import io.entrepot.sharing.Port;
import io.entrepot.sharing.SharedBuffer;
import io.entrepot.sharing.View;
import io.entrepot.sharing.WritableView;
import io.entrepot.sync.Fence;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * The forms in which the calls of a port come: with no time, with a time, with fences of the
 * caller's. All that they differ in is the {@link Patience}.
 */
public abstract sealed class PortCalls implements Port permits LanePort {
  PortCalls() {}

  abstract PoolAttachment attachment();

  abstract ReferenceMapper mapper();

  /** Throws unless the calling thread owns this port and it is open. */
  abstract void checkUsable();

  // ---------------------------------------------------------------- mapping

  @Override
  public View map(SharedBuffer buffer) {
    return mapper().map(buffer, Patience.DEFAULT);
  }

  @Override
  public View map(SharedBuffer buffer, long timeout, TimeUnit unit) {
    return mapper().map(buffer, Patience.of(timeout, unit));
  }

  @Override
  public View map(SharedBuffer buffer, Fence after, long timeout, TimeUnit unit) {
    return mapper().map(buffer, Patience.after(after, timeout, unit));
  }

  @Override
  public WritableView mapForWriting(SharedBuffer buffer) {
    return mapper().mapForWriting(buffer, Patience.DEFAULT);
  }

  @Override
  public WritableView mapForWriting(SharedBuffer buffer, long timeout, TimeUnit unit) {
    return mapper().mapForWriting(buffer, Patience.of(timeout, unit));
  }

  @Override
  public WritableView mapForWriting(SharedBuffer buffer, Fence after, long timeout, TimeUnit unit) {
    return mapper().mapForWriting(buffer, Patience.after(after, timeout, unit));
  }

  @Override
  public WritableView mapInPlace(SharedBuffer buffer, long timeout, TimeUnit unit) {
    return mapper().mapInPlace(buffer, Patience.of(timeout, unit));
  }

  @Override
  public WritableView mapInPlace(SharedBuffer buffer, Fence after, long timeout, TimeUnit unit) {
    return mapper().mapInPlace(buffer, Patience.after(after, timeout, unit));
  }

  // ---------------------------------------------------------------- windows and channels

  @Override
  public CpuWindow cpuWindow(SharedBuffer buffer) {
    return cpuWindow((HeldBuffer) buffer, Patience.DEFAULT);
  }

  @Override
  public CpuWindow cpuWindow(SharedBuffer buffer, long timeout, TimeUnit unit) {
    return cpuWindow((HeldBuffer) buffer, Patience.of(timeout, unit));
  }

  @Override
  public CpuWindow cpuWindow(SharedBuffer buffer, Fence after, long timeout, TimeUnit unit) {
    return cpuWindow((HeldBuffer) buffer, Patience.after(after, timeout, unit));
  }

  private CpuWindow cpuWindow(HeldBuffer held, Patience patience) {
    checkUsable();
    attachment().require(MappingType.CPU_WINDOW, attachment().granted().access());
    attachment().checkAttached();
    return BracketedWindow.open(attachment(), held.checkOpenIn(attachment().pool()), patience);
  }

  private ChannelTransfer transfer(
      SharedBuffer buffer, long offset, long length, Patience patience, Fence until) {
    checkUsable();
    return new ChannelTransfer(attachment(), (HeldBuffer) buffer, offset, length, patience, until);
  }

  private ChannelTransfer explicit(
      SharedBuffer buffer,
      long offset,
      long length,
      Fence after,
      Fence until,
      long timeout,
      TimeUnit unit) {
    Patience patience = Patience.after(after, timeout, unit);
    return transfer(buffer, offset, length, patience, Objects.requireNonNull(until, "until"));
  }

  @Override
  public long readFrom(ReadableByteChannel channel, SharedBuffer buffer, long offset, long length)
      throws IOException {
    return transfer(buffer, offset, length, Patience.DEFAULT, null).readFrom(channel);
  }

  @Override
  public long readFrom(
      ReadableByteChannel channel,
      SharedBuffer buffer,
      long offset,
      long length,
      long timeout,
      TimeUnit unit)
      throws IOException {
    return transfer(buffer, offset, length, Patience.of(timeout, unit), null).readFrom(channel);
  }

  @Override
  public long readFrom(
      ReadableByteChannel channel,
      SharedBuffer buffer,
      long offset,
      long length,
      Fence after,
      Fence until,
      long timeout,
      TimeUnit unit)
      throws IOException {
    return explicit(buffer, offset, length, after, until, timeout, unit).readFrom(channel);
  }

  @Override
  public long writeTo(WritableByteChannel channel, SharedBuffer buffer, long offset, long length)
      throws IOException {
    return transfer(buffer, offset, length, Patience.DEFAULT, null).writeTo(channel);
  }

  @Override
  public long writeTo(
      WritableByteChannel channel,
      SharedBuffer buffer,
      long offset,
      long length,
      long timeout,
      TimeUnit unit)
      throws IOException {
    return transfer(buffer, offset, length, Patience.of(timeout, unit), null).writeTo(channel);
  }

  @Override
  public long writeTo(
      WritableByteChannel channel,
      SharedBuffer buffer,
      long offset,
      long length,
      Fence after,
      Fence until,
      long timeout,
      TimeUnit unit)
      throws IOException {
    return explicit(buffer, offset, length, after, until, timeout, unit).writeTo(channel);
  }

  @Override
  public long readFrom(
      FileChannel file, long position, SharedBuffer buffer, long offset, long length)
      throws IOException {
    return transfer(buffer, offset, length, Patience.DEFAULT, null).readFrom(file, position);
  }

  @Override
  public long readFrom(
      FileChannel file,
      long position,
      SharedBuffer buffer,
      long offset,
      long length,
      long timeout,
      TimeUnit unit)
      throws IOException {
    return transfer(buffer, offset, length, Patience.of(timeout, unit), null)
        .readFrom(file, position);
  }

  @Override
  public long readFrom(
      FileChannel file,
      long position,
      SharedBuffer buffer,
      long offset,
      long length,
      Fence after,
      Fence until,
      long timeout,
      TimeUnit unit)
      throws IOException {
    return explicit(buffer, offset, length, after, until, timeout, unit).readFrom(file, position);
  }

  @Override
  public long writeTo(
      FileChannel file, long position, SharedBuffer buffer, long offset, long length)
      throws IOException {
    return transfer(buffer, offset, length, Patience.DEFAULT, null).writeTo(file, position);
  }

  @Override
  public long writeTo(
      FileChannel file,
      long position,
      SharedBuffer buffer,
      long offset,
      long length,
      long timeout,
      TimeUnit unit)
      throws IOException {
    return transfer(buffer, offset, length, Patience.of(timeout, unit), null)
        .writeTo(file, position);
  }

  @Override
  public long writeTo(
      FileChannel file,
      long position,
      SharedBuffer buffer,
      long offset,
      long length,
      Fence after,
      Fence until,
      long timeout,
      TimeUnit unit)
      throws IOException {
    return explicit(buffer, offset, length, after, until, timeout, unit).writeTo(file, position);
  }
}
