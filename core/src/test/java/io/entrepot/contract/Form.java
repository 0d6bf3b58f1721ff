package io.entrepot.contract;

import io.entrepot.flow.BufferPool;
import io.entrepot.sharing.ArenaExporter;
import io.entrepot.sharing.SharedMemoryExporter;
import io.entrepot.sharing.SizeClass;
import java.util.stream.Stream;
import org.junit.jupiter.api.condition.OS;

/** Where the readers of a contract are: what they see is the same. */
enum Form {
  /** In the process of the pool, joined to its feeds. */
  NEAR,

  /**
   * Behind a socket, as in another process: every word of theirs lies in a mapping of its own,
   * which the other side can only read.
   */
  FAR;

  /** The forms that this system has. */
  static Stream<Form> here() {
    return OS.LINUX.isCurrentOs() ? Stream.of(values()) : Stream.of(NEAR);
  }

  /** A pool named 'pool', with its readers in this form. */
  Place place(SizeClass... classes) {
    return switch (this) {
      case NEAR -> Place.near(BufferPool.of(ArenaExporter.named("pool"), classes));
      case FAR -> Place.far(BufferPool.of(SharedMemoryExporter.named("pool"), classes));
    };
  }

  /** A pool named 'pool' of one size class, with its readers in this form. */
  Place place(long bufferBytes, int buffers) {
    return place(new SizeClass(bufferBytes, buffers));
  }
}
