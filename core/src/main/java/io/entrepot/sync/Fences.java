package io.entrepot.sync;

import io.entrepot.internal.sync.Flattening;
import io.entrepot.internal.sync.SeveralFences;
import java.time.Duration;
import java.util.List;
import org.agrona.concurrent.IdleStrategy;

/**
 * What is done with several fences at once.
 *
 * <p>Waits end at an interrupt as if the time were over; it stays set. All take plain fences and
 * containers alike.
 */
public final class Fences {
  private Fences() {}

  /**
   * Waits until one of the fences is signaled, parking.
   *
   * @param timeout the longest time to wait; zero only tests
   * @param fences what to wait for
   * @return the index of the first that is signaled, or -1
   */
  public static int awaitAny(Duration timeout, Fence... fences) {
    return SeveralFences.awaitAny(timeout, fences);
  }

  /**
   * As {@link #awaitAny(Duration, Fence...)}, idling by the caller's strategy.
   *
   * @param timeout the longest time to wait; zero only tests
   * @param idle what to do between two looks
   * @param fences what to wait for
   * @return the index of the first that is signaled, or -1
   */
  public static int awaitAny(Duration timeout, IdleStrategy idle, Fence... fences) {
    return SeveralFences.awaitAny(timeout, idle, fences);
  }

  /**
   * Waits until all of the fences are signaled, parking. All are told of interest at once.
   *
   * @param timeout the longest time to wait for all of them; zero only tests
   * @param fences what to wait for
   * @return whether all are signaled
   */
  public static boolean awaitAll(Duration timeout, Fence... fences) {
    return SeveralFences.awaitAll(timeout, fences);
  }

  /**
   * As {@link #awaitAll(Duration, Fence...)}, idling by the caller's strategy.
   *
   * @param timeout the longest time to wait for all of them; zero only tests
   * @param idle what to do between two looks
   * @param fences what to wait for
   * @return whether all are signaled
   */
  public static boolean awaitAll(Duration timeout, IdleStrategy idle, Fence... fences) {
    return SeveralFences.awaitAll(timeout, idle, fences);
  }

  /**
   * {@return the fences of which containers consist, in their order, a chain's from its newest link
   * on}
   *
   * <p>Members of containers that are signaled may be left out.
   *
   * @param fences of any kind
   */
  public static List<Fence> unwrap(Fence... fences) {
    return Flattening.unwrap(fences);
  }

  /**
   * One fence that is signaled when all of the given are: containers are flattened, signaled fences
   * left out, and of each timeline only the latest point kept, in order of first appearance. One
   * that is left is itself the answer, none a fence that is signaled.
   *
   * <p><b>Departs from the kernel.</b> {@code dma_fence_unwrap_merge} keeps the latest time of
   * signaled inputs and loses their errors: a merge that is made a moment later then tells success
   * where one made before tells failure. Here the answer tells the first error in time, of signaled
   * inputs too. For that an array is made even of one fence that is left when a signaled one had an
   * error. (The kernel sorts by context, to find duplicates; the order has no meaning.)
   *
   * @param name of the array, if one is made
   * @param fences of any kind; may be none
   * @return the one fence that is left, an array of several, or a fence that is signaled
   */
  public static Fence merge(String name, Fence... fences) {
    return Flattening.merge(name, fences);
  }
}
