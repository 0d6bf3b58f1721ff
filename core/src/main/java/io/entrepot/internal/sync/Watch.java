package io.entrepot.internal.sync;

/**
 * What a container keeps in the fences that it waits for, from when the first is interested in it
 * until the last is no longer, or it is signaled. Who comes after that begins another.
 *
 * <p><b>Invariant.</b> Who adds callbacks holds the watch meanwhile, and only who was the last to
 * let go of it takes them back: so adding and taking back never meet, and nothing is added behind.
 *
 * <p><b>No thread waits for another's steps.</b> Whoever is interested adds all callbacks that are
 * missing, before it waits itself. A callback counts for nothing: one that runs looks at all that
 * is waited for, so one that two threads have added does no harm, and the second takes its back.
 */
sealed interface Watch permits ArrayWatch, ChainWatch {
  /** Takes part in it; false when it is over. */
  boolean join();

  /** Adds what is not there yet; for those who hold it. */
  void arm();

  /** No longer takes part. The last takes all callbacks back. */
  void leave();

  /** The container is signaled: refers to nothing of it any more. */
  void end();
}
