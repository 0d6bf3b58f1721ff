package io.entrepot.internal.sharing;

import io.entrepot.internal.buffers.PoolCounter;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.MappingType;
import io.entrepot.sync.Fence;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channel;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.util.Objects;

/**
 * One call that moves bytes between a buffer and a channel, on the exporter's own memory: a channel
 * that blocks would otherwise keep the importer's arena from being closed. It has a hold on its
 * buffer, is listed as a use, and looks between chunks whether it was revoked.
 *
 * <p>Memory is shown to channels of the JDK alone; any other could keep the byte buffer and with it
 * raw access for ever. Those get a copy, where the importer allows one.
 */
final class ChannelTransfer {
  private static final long CHUNK_BYTES = 1L << 20;

  private final PoolAttachment attachment;
  private final PoolCore pool;
  private final HeldBuffer buffer;
  private final long offset;
  private final long length;
  private final Patience patience;
  private final Fence until;

  /**
   * A transfer that begins now or waits for the buffer.
   *
   * @param until what goes on to protect the buffer when the transfer has begun, whatever becomes
   *     of it; {@code null} for nothing
   */
  ChannelTransfer(
      PoolAttachment attachment,
      HeldBuffer buffer,
      long offset,
      long length,
      Patience patience,
      Fence until) {
    this.attachment = attachment;
    this.pool = attachment.pool();
    this.buffer = buffer;
    this.offset = offset;
    this.length = length;
    this.patience = patience;
    this.until = until;
  }

  /** One call of a channel with one chunk of bytes. */
  @FunctionalInterface
  private interface Call {
    int transfer(ByteBuffer chunk, long done) throws IOException;
  }

  long readFrom(ReadableByteChannel channel) throws IOException {
    return run(channel, Access.WRITE, (chunk, done) -> channel.read(chunk));
  }

  long writeTo(WritableByteChannel channel) throws IOException {
    return run(channel, Access.READ, (chunk, done) -> channel.write(chunk));
  }

  long readFrom(FileChannel file, long position) throws IOException {
    return run(file, Access.WRITE, (chunk, done) -> file.read(chunk, position + done));
  }

  long writeTo(FileChannel file, long position) throws IOException {
    return run(file, Access.READ, (chunk, done) -> file.write(chunk, position + done));
  }

  private long run(Channel channel, Access access, Call call) throws IOException {
    attachment.require(MappingType.CHANNEL_IO, access);
    attachment.checkAttached();
    buffer.checkOpenIn(pool);
    Objects.checkFromIndexSize(offset, length, buffer.byteSize());
    boolean direct = channel.getClass().getModule() == Object.class.getModule();
    if (!direct && !attachment.importer().allowsBounce()) {
      throw new IllegalStateException(
          channel.getClass().getName()
              + " is no channel of the JDK: it gets no memory, and importer '"
              + attachment.importer().name()
              + "' allows no bounce buffer");
    }
    Use use = new Use(buffer.index(), buffer.generation(), attachment.importer().name(), channel);
    if (!attachment.uses().begin(use, buffer, access, patience)) {
      return 0;
    }
    try {
      if (until != null) {
        attachment.uses().protect(use, until, access);
      }
      return move(access, direct, call);
    } finally {
      attachment.uses().end(use);
    }
  }

  /** Moves chunk by chunk, while the channel takes or gives any. */
  private long move(Access access, boolean direct, Call call) throws IOException {
    ByteBuffer bounce = direct ? null : ByteBuffer.allocate((int) Math.min(CHUNK_BYTES, length));
    long done = 0;
    while (done < length) {
      attachment.checkAttached();
      long chunkBytes = Math.min(CHUNK_BYTES, length - done);
      ByteBuffer memory =
          pool.memory(buffer.index()).asSlice(offset + done, chunkBytes).asByteBuffer();
      if (access == Access.READ) {
        memory = memory.asReadOnlyBuffer();
      }
      int moved =
          direct ? call.transfer(memory, done) : bounced(bounce, memory, access, done, call);
      if (moved <= 0) {
        return done == 0 && moved < 0 ? -1 : done;
      }
      done += moved;
      if (access == Access.WRITE && moved < chunkBytes) {
        return done;
      }
    }
    return done;
  }

  private int bounced(ByteBuffer bounce, ByteBuffer memory, Access access, long done, Call call)
      throws IOException {
    bounce.clear().limit(memory.remaining());
    int moved;
    if (access == Access.READ) {
      bounce.put(memory).flip();
      moved = call.transfer(bounce, done);
    } else {
      moved = call.transfer(bounce, done);
      memory.put(bounce.flip());
    }
    pool.numbers().count(PoolCounter.BOUNCES, 1);
    pool.numbers().count(PoolCounter.BOUNCED_BYTES, Math.max(0, moved));
    return moved;
  }

  /** A transfer under way. */
  private record Use(int bufferIndex, long generation, String importer, Channel channel)
      implements BufferUse {
    /** Never: a memory whose bytes are in a channel's hands is not closed by the JVM. */
    @Override
    public boolean mayLookAt(long memory) {
      return false;
    }

    @Override
    public boolean equals(Object other) {
      return this == other;
    }

    @Override
    public int hashCode() {
      return System.identityHashCode(this);
    }

    @Override
    public String toString() {
      return "channel transfer of buffer "
          + bufferIndex
          + " by '"
          + importer
          + "' ("
          + channel.getClass().getSimpleName()
          + ")";
    }
  }
}
