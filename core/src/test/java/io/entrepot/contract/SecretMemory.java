package io.entrepot.contract;

import static org.junit.jupiter.api.Assumptions.abort;

import io.entrepot.flow.BufferPool;
import io.entrepot.sharing.SecretMemoryExporter;
import io.entrepot.sharing.SizeClass;

/** Whether this kernel has secret memory. */
final class SecretMemory {
  private SecretMemory() {}

  /** Skips a test where there is none. */
  static void require() {
    try {
      BufferPool.of(SecretMemoryExporter.named("probe"), new SizeClass(64, 1)).close();
    } catch (UnsupportedOperationException e) {
      abort("this kernel has no secret memory: " + e.getMessage());
    }
  }
}
