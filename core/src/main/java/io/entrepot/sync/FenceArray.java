package io.entrepot.sync;

import io.entrepot.internal.sync.ArrayOfFences;
import java.util.List;

/**
 * All of several fences: signaled when each of them is. Modelled on the kernel's {@code
 * dma_fence_array}.
 *
 * <p>Its error is the first in time that a member had, as far as it was watched or asked; among
 * members that were signaled before that, the first in their order. Its time is the latest.
 *
 * <p>Members are told of interest when the array is. A wait that ends in vain, and a callback that
 * is removed, leave nothing behind in them. Threads that wait do not depend on one another: one
 * that is stopped for ever, wherever it is, keeps no other from being told.
 */
public sealed interface FenceArray extends Fence permits ArrayOfFences {

  /**
   * {@return an array of fences, none of which is a container: arrays and chains do not nest}
   *
   * <p>{@link Fences#merge} takes those too, and flattens them.
   *
   * @param name for people
   * @param members may be empty, which makes an array that is signaled
   * @throws IllegalArgumentException when a member is an array or a chain
   */
  static FenceArray of(String name, List<? extends Fence> members) {
    return ArrayOfFences.of(name, members);
  }

  /** {@return the fences, in the order in which they were given} */
  List<Fence> members();
}
