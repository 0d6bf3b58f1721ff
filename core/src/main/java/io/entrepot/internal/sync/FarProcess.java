package io.entrepot.internal.sync;

/** Another process, as far as it matters whether its work on memory may still go on. */
public interface FarProcess extends AutoCloseable {
  /** Whether it runs. */
  boolean isAlive();

  @Override
  void close();
}
