package io.entrepot.examples.video;

import java.util.concurrent.atomic.AtomicReference;

/** The first thing that went wrong, on whatever thread; everybody stops when it is set. */
final class RunFailure {
  private final AtomicReference<Throwable> first = new AtomicReference<>();

  void set(Throwable cause) {
    if (!first.compareAndSet(null, cause) && first.get() != cause) {
      first.get().addSuppressed(cause);
    }
  }

  boolean isSet() {
    return first.get() != null;
  }

  /** Throws what went wrong, if anything did. */
  void check() {
    switch (first.get()) {
      case null -> {}
      case RuntimeException e -> throw e;
      case Error e -> throw e;
      case Throwable e -> throw new VideoException("the run was interrupted", e);
    }
  }
}
