package io.entrepot.sync;

import io.entrepot.internal.sync.ChainLink;

/**
 * One link of a chain of fences: signaled when its own fence and those of all links before it are.
 * Modelled on the kernel's {@code dma_fence_chain}.
 *
 * <pre>
 *   point 2 --- point 5 --- point 9      a chain is known by its newest link
 *   fence a     fence b     fence c      find(3) is the link of point 5
 * </pre>
 *
 * <p>Points of a chain grow. A link that is submitted out of order, with a point that is not above
 * its predecessor's, gets the predecessor's point and begins a chain of its own, which waits for
 * all before it: so what was waited for once never becomes less.
 *
 * <p>Its error is that of the oldest link which has one, its time the latest. (The kernel's chain
 * tells no error of its fences.) Links whose fence is signaled are dropped from the chain when it
 * is walked; what they told of error and time is kept.
 *
 * <p>Nothing is walked recursively. Signaling the fences of n links that are waited for, in any
 * order, takes O(n) steps beyond signaling them. The kernel's takes O(n²), because there one
 * callback moves from fence to fence; here each link waits for its own fence and the link before.
 *
 * <p>A wait that ends in vain, and a callback that is removed, leave nothing behind in fences and
 * links; the first and the last who wait take as many steps as there are pending links. Threads
 * that wait do not depend on one another: one that is stopped for ever, wherever it is, keeps no
 * other from being told.
 */
public sealed interface FenceChain extends Fence permits ChainLink {

  /**
   * {@return the first link of a new chain}
   *
   * @param name for people, of the chain
   * @param point of this link, at least 1
   * @param fence what it waits for; an array stands for its members
   * @throws IllegalArgumentException when the fence is a chain: chains do not nest
   */
  static FenceChain first(String name, long point, Fence fence) {
    return ChainLink.first(name, point, fence);
  }

  /**
   * A link behind this one. Several may be made behind the same.
   *
   * @param point of that link, at least 1; out of order when not above this one's
   * @param fence what it waits for besides; an array stands for its members
   * @return the new link; this one and its chain stay as they are
   * @throws IllegalArgumentException when the fence is a chain: chains do not nest
   */
  FenceChain then(long point, Fence fence);

  /** {@return the fence of this link alone} */
  Fence fence();

  /**
   * {@return the fence to wait for when a point shall be signaled: the oldest link that signals it,
   * or one before that when that link's own fence is signaled} When the point is signaled and was
   * dropped, it is a fence that is signaled, with the error of the oldest link up to the point that
   * had one; its time may be that of a later link that was dropped too.
   *
   * @param point a point of the chain, up to this link's; 0 for this link
   * @throws IllegalArgumentException when the point is above this link's
   */
  Fence find(long point);
}
