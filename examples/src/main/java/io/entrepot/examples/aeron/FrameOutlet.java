package io.entrepot.examples.aeron;

/**
 * How the frames of a feed get into a publication. Which way it is was negotiated when the reader
 * joined.
 */
sealed interface FrameOutlet permits ClaimOutlet, OfferOutlet {
  /** Takes the next frame of the feed; false when there is none. */
  boolean take();

  /**
   * Sends one message, of the frame that was taken.
   *
   * @param header its words
   * @param length number of bytes from the header's offset on, 0 for none
   * @return what Aeron answers: a position, or below 0 why there is none
   */
  long send(FragmentHeader header, int length);

  /** Lets go of the frame that was taken, if there is one. */
  void letGo();

  /** Bytes that were copied into the publication's terms. */
  long copiedBytes();
}
