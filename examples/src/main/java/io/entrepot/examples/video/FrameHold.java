package io.entrepot.examples.video;

/** A frame in a reader's hands. */
@FunctionalInterface
interface FrameHold extends AutoCloseable {

  /** The reader is done with the frame. Once, by any thread. */
  @Override
  void close();
}
