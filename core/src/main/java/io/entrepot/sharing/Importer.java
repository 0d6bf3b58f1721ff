package io.entrepot.sharing;

import java.time.Duration;
import java.util.List;
import java.util.Objects;

/**
 * A named participant and what it declares about itself before it may touch a buffer.
 *
 * @param name for people: shown in errors, dumps and reports
 * @param needs the mapping types that it accepts; the exporter's order of preference decides
 * @param release whether it promises to let go in bounded time when memory is taken back
 * @param handlesConfidential whether it may be given confidential memory
 * @param allowsBounce whether bytes may be copied on its behalf where there is no direct way; such
 *     copies are counted
 * @param onRevoke called, on a thread of its own, when memory is being taken back: end mappings
 *     soon
 */
public record Importer(
    String name,
    List<Need> needs,
    Release release,
    boolean handlesConfidential,
    boolean allowsBounce,
    RevocationListener onRevoke) {

  /** Whether an importer can be made to let go. */
  public enum Release {
    /** Ends its mappings in bounded time when told to, or lets them be ended. */
    BOUNDED,
    /** May keep a mapping for as long as it likes, as native libraries do. */
    UNBOUNDED
  }

  /** Told when memory is being taken back. */
  @FunctionalInterface
  public interface RevocationListener {
    /**
     * Memory is being taken back from this importer.
     *
     * @param timeLeft until views are closed by force
     */
    void revoking(Duration timeLeft);
  }

  /** Checks and copies. */
  public Importer {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(release, "release");
    Objects.requireNonNull(onRevoke, "onRevoke");
    needs = List.copyOf(needs);
    if (needs.isEmpty()) {
      throw new IllegalArgumentException("importer '" + name + "' accepts no mapping type");
    }
  }

  /**
   * {@return an importer that looks at bytes through views}
   *
   * @param name for people
   * @param access what it will do with them
   */
  public static Importer viewing(String name, Access access) {
    return accepting(name, Release.BOUNDED, Need.of(MappingType.VIEW, access));
  }

  /**
   * {@return an importer that passes addresses to native code, which lets go when it likes}
   *
   * @param name for people
   * @param access what native code will do with the bytes
   */
  public static Importer leasing(String name, Access access) {
    return accepting(name, Release.UNBOUNDED, Need.of(MappingType.NATIVE_POINTER, access));
  }

  /**
   * {@return an importer with the given needs, no confidential memory and no bounces}
   *
   * @param name for people
   * @param release whether it promises to let go in bounded time
   * @param needs the mapping types that it accepts, one at least
   */
  public static Importer accepting(String name, Release release, Need... needs) {
    return new Importer(name, List.of(needs), release, false, false, timeLeft -> {});
  }

  /**
   * {@return the same importer with a revocation listener}
   *
   * @param listener called, on a thread of its own, when memory is being taken back
   */
  public Importer onRevoke(RevocationListener listener) {
    return new Importer(name, needs, release, handlesConfidential, allowsBounce, listener);
  }

  /** {@return the same importer, declaring that it handles confidential memory} */
  public Importer handlingConfidential() {
    return new Importer(name, needs, release, true, allowsBounce, onRevoke);
  }

  /** {@return the same importer, allowing counted copies where there is no direct way} */
  public Importer allowingBounce() {
    return new Importer(name, needs, release, handlesConfidential, true, onRevoke);
  }
}
