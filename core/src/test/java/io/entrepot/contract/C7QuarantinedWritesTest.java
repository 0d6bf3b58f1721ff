package io.entrepot.contract;

import static io.entrepot.contract.Quarantine.assertComesBack;
import static io.entrepot.contract.Quarantine.assertOneInQuarantine;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.entrepot.flow.BufferPool;
import io.entrepot.flow.FeedWriter;
import io.entrepot.sharing.Attachment;
import io.entrepot.sharing.MappingType;
import io.entrepot.sharing.RevokedException;
import io.entrepot.sharing.SharedBuffer;
import io.entrepot.sharing.WritableView;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** C7: what is being written and cannot be forced is handed out to nobody until it comes back. */
class C7QuarantinedWritesTest {
  @Test
  void aBlockingSocketReadLeavesItsBufferInQuarantine() throws Exception {
    try (var pool = BufferPool.offHeap("pool", 64, 2);
        var server = ServerSocketChannel.open()) {
      server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      try (var client = SocketChannel.open(server.getLocalAddress());
          var accepted = server.accept()) {
        Attachment attachment = pool.attach(Importers.of(MappingType.CHANNEL_IO));
        SharedBuffer buffer = pool.tryAcquire(64);
        int index = buffer.index();
        var reading =
            Elsewhere.start(() -> {
              try (var port = attachment.open()) {
                return port.readFrom(accepted, buffer, 0, 64);
              }
            });
        Elsewhere.await("it reads", () -> Quarantine.isInTransfer(reading.thread()));
        buffer.close();
        assertOneInQuarantine(pool, attachment, index);
        assertFalse(reading.isDone());
        client.write(ByteBuffer.allocate(8));
        assertEquals(8, reading.result(), "what was read was read");
        assertComesBack(pool);
        attachment.close();
      }
    }
  }

  @Test
  void anOwnersBufferIsInQuarantineUntilItsPortIsClosed() {
    try (var pool = BufferPool.offHeap("pool", 64, 2);
        var feed = pool.broadcast("feed")) {
      FeedWriter writer = feed.writer();
      WritableView view = writer.acquire(1, TimeUnit.SECONDS);
      int index = pool.holders().getFirst().contains("buffer 0") ? 0 : 1;
      assertOneInQuarantine(pool, writer.attachment(), index);
      assertThrows(RevokedException.class, () -> view.getByte(0));
      writer.close();
      assertComesBack(pool);
    }
  }
}
