package io.entrepot.internal.sync;

/** Another process, as far as it matters whether its work on memory may still go on. */
public interface FarProcess extends AutoCloseable {
  /** Whether it runs. */
  boolean isAlive();

  /**
   * Whether both are handles of one process, as far as that is known, while either runs. Where it
   * is not known they count as two.
   */
  default boolean isSameAs(FarProcess other) {
    return this == other;
  }

  @Override
  void close();
}
