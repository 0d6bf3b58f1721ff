package io.entrepot.contract;

import io.entrepot.flow.BufferPool;
import io.entrepot.sharing.ArenaExporter;
import io.entrepot.sharing.Exporter;
import io.entrepot.sharing.Offer;
import io.entrepot.sharing.SharedMemoryExporter;
import io.entrepot.sharing.SizeClass;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
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

  /** How often to try what takes a pool each time, which in another process is a connection. */
  int times(int near) {
    return this == NEAR ? near : Math.max(2, near / 10);
  }

  /** An exporter named 'pool', of memory that importers in this form can have. */
  Exporter exporter() {
    return switch (this) {
      case NEAR -> ArenaExporter.named("pool");
      case FAR -> SharedMemoryExporter.named("pool");
    };
  }

  /** As {@link #exporter()}, offering so much. */
  Exporter exporter(Offer... offers) {
    return switch (this) {
      case NEAR -> ArenaExporter.named("pool").offering(offers);
      case FAR -> SharedMemoryExporter.named("pool").offering(offers);
    };
  }

  /** A pool of an exporter, over {@link #exporter()}'s memory, with its readers in this form. */
  Place place(Exporter exporter, SizeClass... classes) {
    List<MemorySegment> memory = new ArrayList<>();
    BufferPool pool =
        BufferPool.of(
            new TappedExporter(exporter, backing -> memory.addAll(backing.buffers())), classes);
    return switch (this) {
      case NEAR -> Place.near(pool, memory);
      case FAR -> Place.far(pool, memory);
    };
  }

  /** A pool named 'pool', with its readers in this form. */
  Place place(SizeClass... classes) {
    return place(exporter(), classes);
  }

  /** A pool named 'pool' of one size class, with its readers in this form. */
  Place place(long bufferBytes, int buffers) {
    return place(new SizeClass(bufferBytes, buffers));
  }
}
