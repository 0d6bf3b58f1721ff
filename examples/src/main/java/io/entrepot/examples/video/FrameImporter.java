package io.entrepot.examples.video;

import io.entrepot.flow.FramePort;
import io.entrepot.sharing.Importer;

/** Somebody who does something with every frame, on a thread of his own. */
interface FrameImporter extends AutoCloseable {

  /** The name, and what this importer asks of the pool. */
  Importer importer();

  /**
   * Takes the next frame, if one comes before long, and lets go of it when done.
   *
   * @return whether there was one
   */
  boolean next(FramePort port, FrameSource from);

  /** All frames were read. */
  void finish();

  /** Frees what is left, after {@link #finish()} or a failure. On the thread of {@link #next}. */
  @Override
  void close();
}
