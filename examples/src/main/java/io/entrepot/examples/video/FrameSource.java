package io.entrepot.examples.video;

/** A run of frames of one geometry, as who reads them sees it, in whatever process. */
interface FrameSource {

  /** What all its frames are. Their size may be less than that of the memory, which is padded. */
  FrameGeometry geometry();

  /**
   * A reader has got a frame.
   *
   * @param buffer index of its buffer
   * @param reader the reader's name
   * @return to be closed, by any thread, when the reader has let go of the frame
   */
  FrameHold taken(int buffer, String reader);
}
