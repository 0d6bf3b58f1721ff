package io.entrepot.contract;

import io.entrepot.flow.BufferPool;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.Attachment;
import io.entrepot.sharing.Importer;
import io.entrepot.sharing.Port;
import io.entrepot.sharing.SharedBuffer;
import io.entrepot.sharing.View;
import io.entrepot.sharing.WritableView;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.Parameter;

/**
 * A buffer, in a pool with one more, of which an importer has a view and its exporter one for
 * writing: what tests of views begin with.
 */
abstract class OneView {
  /** Bytes of the buffer, unless a test asks for another size. */
  static final int SIZE = 200;

  @Parameter Form form;

  private final int byteSize;
  Place place;
  BufferPool pool;

  /** The importer's: its reference to the buffer, and its view. */
  Attachment attachment;

  Port port;
  SharedBuffer buffer;
  View view;

  /** The exporter's own: its reference, and its view of the same bytes. */
  SharedBuffer owned;

  WritableView written;
  private OwnBytes own;

  OneView() {
    this(SIZE);
  }

  OneView(int byteSize) {
    this.byteSize = byteSize;
  }

  @BeforeEach
  void map() {
    place = form.place(byteSize, 2);
    pool = place.pool();
    owned = pool.tryAcquire(byteSize);
    own = place.own(owned);
    written = own.view();
    attachment = place.attach(Importer.viewing("importer", Access.READ));
    port = attachment.open();
    buffer = place.reach(owned);
    view = port.map(buffer);
  }

  @AfterEach
  void closeAll() {
    port.close();
    attachment.close();
    buffer.close();
    own.close();
    owned.close();
    place.close();
    pool.close();
  }
}
