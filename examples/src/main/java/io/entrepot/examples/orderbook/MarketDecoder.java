package io.entrepot.examples.orderbook;

import io.entrepot.agrona.ViewBuffer;
import io.entrepot.examples.orderbook.sbe.BookSnapshotDecoder;
import io.entrepot.examples.orderbook.sbe.CancelOrderDecoder;
import io.entrepot.examples.orderbook.sbe.ExecutionDecoder;
import io.entrepot.examples.orderbook.sbe.MessageHeaderDecoder;
import io.entrepot.examples.orderbook.sbe.NewOrderDecoder;
import io.entrepot.sharing.View;

/** Reads events out of SBE messages where they lie in a pool's buffer. */
final class MarketDecoder {
  // One adapter and one codec of each kind, for the whole run.
  private final ViewBuffer buffer = new ViewBuffer();
  private final MessageHeaderDecoder header = new MessageHeaderDecoder();
  private final NewOrderDecoder newOrder = new NewOrderDecoder();
  private final CancelOrderDecoder cancel = new CancelOrderDecoder();
  private final ExecutionDecoder execution = new ExecutionDecoder();
  private final BookSnapshotDecoder snapshot = new BookSnapshotDecoder();
  private final StringBuilder instrument =
      new StringBuilder(BookSnapshotDecoder.instrumentLength());

  /** Tells of all events in a frame; how many. */
  int read(View frame, int offset, int length, MarketEvents to) {
    buffer.wrap(frame);
    int messages = 0;
    for (int at = offset; at < offset + length; messages++) {
      at = readOne(at, to);
    }
    return messages;
  }

  /** Tells of the message at an index; the index behind it. */
  private int readOne(int at, MarketEvents to) {
    header.wrap(buffer, at);
    switch (header.templateId()) {
      case NewOrderDecoder.TEMPLATE_ID -> {
        newOrder.wrapAndApplyHeader(buffer, at, header);
        to.newOrder(newOrder.orderId(), newOrder.side(), newOrder.price(), newOrder.quantity());
        return newOrder.limit();
      }
      case CancelOrderDecoder.TEMPLATE_ID -> {
        cancel.wrapAndApplyHeader(buffer, at, header);
        to.cancelled(cancel.orderId());
        return cancel.limit();
      }
      case ExecutionDecoder.TEMPLATE_ID -> {
        execution.wrapAndApplyHeader(buffer, at, header);
        to.executed(execution.orderId(), execution.price(), execution.quantity());
        return execution.limit();
      }
      case BookSnapshotDecoder.TEMPLATE_ID -> {
        snapshot.wrapAndApplyHeader(buffer, at, header);
        readSnapshot(to);
        return snapshot.limit();
      }
      default ->
          throw new IllegalStateException(
              "message of template " + header.templateId() + " at index " + at);
    }
  }

  private void readSnapshot(MarketEvents to) {
    instrument.setLength(0);
    snapshot.getInstrument(instrument);
    BookSnapshotDecoder.LevelsDecoder levels = snapshot.levels();
    to.snapshotBegins(instrument, levels.count());
    while (levels.hasNext()) {
      levels.next();
      to.snapshotLevel(levels.side(), levels.price(), levels.quantity());
    }
  }
}
