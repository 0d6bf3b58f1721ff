package io.entrepot.examples.video;

/** A frame in a reader's hands, as the decoder's process keeps account of it. */
final class ReaderHold implements FrameHold {
  private final DecoderSlot slot;
  private final String reader;
  private final long sinceNs;

  /** The reader has the frame since a moment of {@link System#nanoTime}. */
  ReaderHold(DecoderSlot slot, String reader, long sinceNs) {
    this.slot = slot;
    this.reader = reader;
    this.sinceNs = sinceNs;
    slot.ledger().taken(reader, sinceNs);
  }

  @Override
  public void close() {
    close(System.nanoTime());
  }

  /** The reader was done with the frame at that moment. */
  void close(long atNs) {
    slot.ledger().done(reader, sinceNs, atNs);
    slot.readerDone();
  }
}
