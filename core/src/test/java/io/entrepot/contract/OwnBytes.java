package io.entrepot.contract;

import io.entrepot.flow.BufferPool;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.Importer;
import io.entrepot.sharing.Port;
import io.entrepot.sharing.SharedBuffer;
import io.entrepot.sharing.SizeClass;
import io.entrepot.sharing.WrappingExporter;
import io.entrepot.sharing.WritableView;
import java.lang.foreign.MemorySegment;

/**
 * An exporter's own view of its bytes, whoever else has them: for writing to what is published, as
 * no importer can. It is one of another pool over the same memory.
 */
final class OwnBytes implements AutoCloseable {
  private final BufferPool pool;
  private final Port port;
  private final SharedBuffer buffer;
  private final WritableView view;

  /** Of some memory, under the name of the pool that has it. */
  OwnBytes(String name, MemorySegment memory) {
    pool =
        BufferPool.of(
            WrappingExporter.of(name, memory, () -> {}), new SizeClass(memory.byteSize(), 1));
    port = pool.attach(Importer.viewing("exporter", Access.WRITE)).open();
    buffer = pool.tryAcquire(memory.byteSize());
    view = port.mapForWriting(buffer);
  }

  WritableView view() {
    return view;
  }

  @Override
  public void close() {
    port.close();
    buffer.close();
    pool.close();
  }
}
