package io.entrepot.contract;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.sharing.MappingType;
import io.entrepot.sharing.Port;
import io.entrepot.sharing.SharedBuffer;
import io.entrepot.sharing.StaleBufferException;
import io.entrepot.sharing.View;
import io.entrepot.sharing.WritableView;
import java.io.ByteArrayOutputStream;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;

/** C1: an importer gets what it has negotiated, and nothing else, of buffers that it has. */
@InBothForms
class C1NegotiatedAccessTest {
  @Parameter Form form;

  @Test
  void anImporterOfViewsGetsNoWindowNoLeaseAndNoChannel() {
    try (var place = form.place(64, 1);
        var pool = place.pool();
        var owned = pool.tryAcquire(64);
        var buffer = place.reach(owned);
        var attachment = place.attach(Importers.reading(MappingType.VIEW));
        var port = attachment.open()) {
      WritableByteChannel sink = Channels.newChannel(new ByteArrayOutputStream());
      for (var refused :
          List.of(
              assertThrows(IllegalStateException.class, () -> port.cpuWindow(buffer)),
              assertThrows(IllegalStateException.class, () -> attachment.lease(buffer)),
              assertThrows(IllegalStateException.class, () -> port.writeTo(sink, buffer, 0, 64)))) {
        assertTrue(refused.getMessage().contains("VIEW/READ"), refused.getMessage());
        assertTrue(refused.getMessage().contains("'importer'"), refused.getMessage());
      }
      assertFalse(
          place.dump().contains("LEASES=") || place.dump().contains("WINDOWS="), place::dump);
    }
  }

  @Test
  void anImporterOfAddressesGetsNoView() {
    try (var place = form.place(64, 1);
        var pool = place.pool();
        var owned = pool.tryAcquire(64);
        var buffer = place.reach(owned);
        var attachment = place.attach(Importers.reading(MappingType.NATIVE_POINTER));
        var port = attachment.open()) {
      assertThrows(IllegalStateException.class, () -> port.map(buffer));
      assertThrows(IllegalStateException.class, () -> port.mapForWriting(buffer));
      assertThrows(IllegalStateException.class, () -> port.mapInPlace(buffer, 0, TimeUnit.SECONDS));
    }
  }

  @Test
  void anImporterThatNegotiatedReadingCannotMapForWriting() {
    try (var place = form.place(64, 1);
        var pool = place.pool();
        var owned = pool.tryAcquire(64);
        var buffer = place.reach(owned);
        var attachment = place.attach(Importers.reading(MappingType.VIEW));
        var port = attachment.open()) {
      assertThrows(IllegalStateException.class, () -> port.mapForWriting(buffer));
      assertThrows(IllegalStateException.class, () -> port.mapInPlace(buffer, 0, TimeUnit.SECONDS));
      try (View view = port.map(buffer)) {
        assertFalse(view instanceof WritableView, "a view for reading has no way to write");
      }
    }
  }

  @Test
  void aClosedReferenceIsRefusedThoughAnotherKeepsTheBuffer() {
    for (MappingType type : MappingType.values()) {
      try (var place = form.place(64, 1);
          var pool = place.pool();
          var attachment = place.attach(Importers.reading(type));
          var port = attachment.open()) {
        SharedBuffer owned = pool.tryAcquire(64);
        SharedBuffer closed = place.reach(owned);
        owned.close();
        try (SharedBuffer open = closed.share()) {
          closed.close();
          WritableByteChannel sink = Channels.newChannel(new ByteArrayOutputStream());
          assertThrows(
              StaleBufferException.class,
              () -> {
                switch (type) {
                  case VIEW -> port.map(closed);
                  case CPU_WINDOW -> port.cpuWindow(closed);
                  case NATIVE_POINTER -> attachment.lease(closed);
                  case CHANNEL_IO -> port.writeTo(sink, closed, 0, 64);
                }
              },
              type.toString());
          assertThrows(StaleBufferException.class, closed::share);
          open.share().close();
        }
      }
    }
  }

  @Test
  void aWindowForReadingIsReadOnly() {
    try (var place = form.place(64, 1);
        var pool = place.pool();
        var attachment = place.attach(Importers.reading(MappingType.CPU_WINDOW));
        var port = attachment.open();
        var owned = pool.tryAcquire(64);
        var buffer = place.reach(owned);
        var window = port.cpuWindow(buffer)) {
      assertTrue(window.segment().isReadOnly());
    }
  }

  @Test
  void aPortIsBoundToItsThread() {
    try (var place = form.place(64, 1);
        var pool = place.pool();
        var attachment = place.attach(Importers.reading(MappingType.VIEW));
        var owned = pool.tryAcquire(64);
        var buffer = place.reach(owned);
        Port port = attachment.open()) {
      assertInstanceOf(
          WrongThreadException.class,
          assertThrows(RuntimeException.class, () -> Elsewhere.call(() -> port.map(buffer))));
      assertThrows(WrongThreadException.class, () -> Elsewhere.run(port::close));
      port.map(buffer).close();
    }
  }
}
