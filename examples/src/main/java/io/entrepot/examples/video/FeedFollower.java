package io.entrepot.examples.video;

import org.bytedeco.ffmpeg.avutil.AVBufferRef;

/**
 * An importer at work, in a thread of this process or in a process of its own, as the decoding
 * thread sees it. All methods are that thread's.
 */
interface FeedFollower {

  /** Joins a feed, before its first frame is published, to read it behind those before. */
  void follow(FrameFeed feed);

  /**
   * A frame is about to be published: its slot is the importer's too, until it is done with it.
   *
   * @param buffer the frame's
   * @return false when the importer is not there any more; then it will not get the frame
   */
  boolean expect(DecoderSlot slot, AVBufferRef buffer);

  /**
   * Frames do not move any more: gives the importer up, if it is the one that stands still and can
   * be ended.
   *
   * @return whether it was
   */
  boolean abandonIfStalled();

  /** Waits until all is read, or the importer is not there any more. */
  void join();
}
