package io.entrepot.examples.orderbook;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.entrepot.agrona.WritableViewBuffer;
import io.entrepot.examples.orderbook.sbe.BookSnapshotEncoder;
import io.entrepot.examples.orderbook.sbe.CancelOrderEncoder;
import io.entrepot.examples.orderbook.sbe.ExecutionEncoder;
import io.entrepot.examples.orderbook.sbe.MessageHeaderEncoder;
import io.entrepot.examples.orderbook.sbe.NewOrderEncoder;
import io.entrepot.examples.orderbook.sbe.Side;
import io.entrepot.sharing.WritableView;
import java.util.Arrays;

/** Writes events as SBE messages into a pool's buffer, one behind the other. */
final class MarketEncoder implements MarketEvents {
  /** The largest message: a snapshot with all levels of both sides. */
  static final int MAX_MESSAGE_BYTES =
      MessageHeaderEncoder.ENCODED_LENGTH
          + BookSnapshotEncoder.BLOCK_LENGTH
          + BookSnapshotEncoder.LevelsEncoder.HEADER_SIZE
          + 2 * Market.SNAPSHOT_LEVELS * BookSnapshotEncoder.LevelsEncoder.sbeBlockLength();

  // One adapter and one codec of each kind, for the whole run.
  private final WritableViewBuffer buffer = new WritableViewBuffer();
  private final MessageHeaderEncoder header = new MessageHeaderEncoder();
  private final NewOrderEncoder newOrder = new NewOrderEncoder();
  private final CancelOrderEncoder cancel = new CancelOrderEncoder();
  private final ExecutionEncoder execution = new ExecutionEncoder();
  private final BookSnapshotEncoder snapshot = new BookSnapshotEncoder();
  private final byte[] instrument =
      Arrays.copyOf(Market.INSTRUMENT.getBytes(US_ASCII), BookSnapshotEncoder.instrumentLength());
  private BookSnapshotEncoder.LevelsEncoder levels;
  private int end;

  /** Messages go to the start of this buffer from now on. */
  void begin(WritableView slot) {
    buffer.wrap(slot);
    end = 0;
  }

  /** Bytes of all messages since {@link #begin}. */
  int length() {
    return end;
  }

  @Override
  public void newOrder(long orderId, Side side, int price, long quantity) {
    newOrder
        .wrapAndApplyHeader(buffer, end, header)
        .orderId(orderId)
        .quantity(quantity)
        .price(price)
        .side(side);
    end = newOrder.limit();
  }

  @Override
  public void cancelled(long orderId) {
    cancel.wrapAndApplyHeader(buffer, end, header).orderId(orderId);
    end = cancel.limit();
  }

  @Override
  public void executed(long orderId, int price, long quantity) {
    execution
        .wrapAndApplyHeader(buffer, end, header)
        .orderId(orderId)
        .quantity(quantity)
        .price(price);
    end = execution.limit();
  }

  @Override
  public void snapshotBegins(CharSequence name, int count) {
    levels =
        snapshot
            .wrapAndApplyHeader(buffer, end, header)
            .putInstrument(instrument, 0)
            .levelsCount(count);
    end = snapshot.limit();
  }

  @Override
  public void snapshotLevel(Side side, int price, long quantity) {
    levels.next().quantity(quantity).price(price).side(side);
    end = snapshot.limit();
  }
}
