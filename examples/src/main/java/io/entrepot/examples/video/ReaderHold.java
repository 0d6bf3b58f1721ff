package io.entrepot.examples.video;

/** A frame in a reader's hands: closed, by any thread, when the reader is done with it. */
final class ReaderHold implements AutoCloseable {
  private final DecoderSlot slot;
  private final String reader;
  private final long sinceNs;

  ReaderHold(DecoderSlot slot, String reader) {
    this.slot = slot;
    this.reader = reader;
    this.sinceNs = slot.ledger().taken(reader);
  }

  @Override
  public void close() {
    slot.ledger().done(reader, sinceNs);
    slot.readerDone();
  }
}
