package io.entrepot.contract;

import io.entrepot.flow.BufferPool;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.Attachment;
import io.entrepot.sharing.Importer;
import io.entrepot.sharing.Port;
import io.entrepot.sharing.SharedBuffer;
import io.entrepot.sharing.WritableView;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/**
 * A view for writing of {@value #SIZE} bytes, in a pool with one more buffer: what tests of views
 * begin with.
 */
abstract class OneView {
  static final int SIZE = 200;

  BufferPool pool;
  Attachment attachment;
  Port port;
  SharedBuffer buffer;
  WritableView view;

  @BeforeEach
  void map() {
    pool = BufferPool.offHeap("pool", SIZE, 2);
    attachment = pool.attach(Importer.viewing("importer", Access.WRITE));
    port = attachment.open();
    buffer = pool.tryAcquire(SIZE);
    view = port.mapForWriting(buffer);
  }

  @AfterEach
  void closeAll() {
    port.close();
    attachment.close();
    buffer.close();
    pool.close();
  }
}
