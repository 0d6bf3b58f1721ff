package io.entrepot.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.flow.BufferPool;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.Attachment;
import io.entrepot.sharing.Importer;
import io.entrepot.sharing.Port;
import io.entrepot.sharing.SharedBuffer;
import io.entrepot.sharing.View;
import io.entrepot.sharing.WritableView;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;

/**
 * C11: a writer in place and readers wait for each other's uses as long as they say, and never each
 * for the other.
 */
@InBothForms
class C11InPlaceWritersTest {
  @Parameter Form form;

  private static Attachment writing(BufferPool pool) {
    return pool.attach(Importer.viewing("writer", Access.WRITE));
  }

  /** Writes in place, if the time is not over; whether it was not. */
  private static boolean write(Port port, SharedBuffer buffer, long value, long seconds) {
    try (WritableView view = port.mapInPlace(buffer, seconds, TimeUnit.SECONDS)) {
      if (view != null) {
        view.putLong(0, value);
      }
      return view != null;
    }
  }

  @Test
  void aReaderUnderAReferenceAndAWriterBothGetIn() {
    try (var place = form.place(64, 2);
        var pool = place.pool();
        var reading = place.attach(Importers.reading());
        var writing = writing(pool);
        var buffer = pool.tryAcquire(64)) {
      for (int round = 1; round <= form.times(200); round++) {
        SharedBuffer reached = place.reach(buffer);
        long value = round;
        var inPlace =
            Elsewhere.start(() -> {
              try (Port port = writing.open()) {
                return write(port, buffer, value, 50);
              }
            });
        try (Port port = reading.open()) {
          for (int i = 0; i < 3; i++) {
            try (View view = port.map(reached, 50, TimeUnit.SECONDS)) {
              assertNotNull(view, pool::dump);
              long seen = view.getLong(0);
              assertTrue(seen == value || seen == value - 1, () -> seen + " in round " + value);
              assertEquals(seen, view.getLong(0), "written under a reader");
            }
          }
        }
        reached.close();
        assertTrue(inPlace.result(), pool::dump);
      }
    }
  }

  @Test
  void aWriterThatWaitsInVainKeepsNobodyOutBehindThat() {
    try (var place = form.place(64, 1);
        var pool = place.pool();
        var reading = place.attach(Importers.reading());
        var port = reading.open();
        var writing = writing(pool);
        var writer = writing.open();
        var buffer = pool.tryAcquire(64)) {
      try (SharedBuffer reached = place.reach(buffer);
          View view = port.map(reached)) {
        assertNotNull(view);
        assertNull(writer.mapInPlace(buffer, 0, TimeUnit.SECONDS));
        assertNull(writer.mapInPlace(buffer, 5, TimeUnit.MILLISECONDS));
        Thread.currentThread().interrupt();
        assertNull(writer.mapInPlace(buffer, 10, TimeUnit.MINUTES));
        assertTrue(Thread.interrupted(), "the interrupt stays set");
        try (View another = port.map(reached, 0, TimeUnit.SECONDS)) {
          assertNotNull(another);
        }
      }
      assertTrue(write(writer, buffer, 1, 0));
    }
  }
}
