package io.entrepot.sharing;

import java.time.Duration;
import java.util.List;

/**
 * How a revocation ended. When it is returned, no thread can touch the pool's memory through a view
 * of this importer any more; what could not be ended is listed.
 *
 * @param importer whose access was taken back
 * @param cooperative whether all views were closed by their holders in time
 * @param pendingFences timelines of the importer whose work was still pending at the deadline
 * @param quarantined buffers, with the reason, that native code, a channel or a live thread still
 *     holds: they are handed out to nobody until they come back by themselves
 * @param elapsed time that it took
 */
public record Revocation(
    String importer,
    boolean cooperative,
    List<String> pendingFences,
    List<String> quarantined,
    Duration elapsed) {

  /** Copies the lists. */
  public Revocation {
    pendingFences = List.copyOf(pendingFences);
    quarantined = List.copyOf(quarantined);
  }

  /** {@return whether nothing is left that the importer could still touch} */
  public boolean isComplete() {
    return pendingFences.isEmpty() && quarantined.isEmpty();
  }
}
