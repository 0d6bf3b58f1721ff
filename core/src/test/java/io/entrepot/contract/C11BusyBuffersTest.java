package io.entrepot.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.flow.BufferPool;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.Attachment;
import io.entrepot.sharing.Importer;
import io.entrepot.sharing.Importer.Release;
import io.entrepot.sharing.MappingType;
import io.entrepot.sharing.Need;
import io.entrepot.sharing.Port;
import io.entrepot.sharing.RevokedException;
import io.entrepot.sharing.SharedBuffer;
import io.entrepot.sync.Fence;
import io.entrepot.sync.Usage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;

/**
 * C11: every use of a busy buffer waits as long as its caller says, and in vain changes nothing.
 */
@InBothForms
class C11BusyBuffersTest {
  private static final int SIZE = 64;
  private static final List<String> WRITING =
      List.of("mapForWriting", "mapInPlace", "readFrom", "readFrom file");

  /** One use of a buffer, which it ends; false when the time was over. */
  private interface Use {
    boolean tryIt(Port port, SharedBuffer buffer, long timeout, TimeUnit unit) throws IOException;
  }

  @Parameter Form form;
  @TempDir private Path directory;
  private FileChannel file;
  private Place place;
  private BufferPool pool;

  /** The exporter's reference to the only buffer, and the importer's. */
  private SharedBuffer owned;

  private SharedBuffer buffer;

  @BeforeEach
  void open() throws IOException {
    file =
        FileChannel.open(
            directory.resolve("file"),
            StandardOpenOption.CREATE_NEW,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE);
    file.write(ByteBuffer.allocate(SIZE));
    place = form.place(SIZE, 1);
    pool = place.pool();
    owned = pool.tryAcquire(SIZE);
    buffer = place.reach(owned);
  }

  @AfterEach
  void closeAll() throws IOException {
    buffer.close();
    owned.close();
    place.close();
    pool.close();
    file.close();
  }

  /** Those that importers of the place may make. */
  private Map<String, Use> uses(MappingType type) {
    Map<String, Use> uses = all(type);
    if (place.access() == Access.READ) {
      uses.keySet().removeAll(WRITING);
    }
    return uses;
  }

  private Map<String, Use> all(MappingType type) {
    Map<String, Use> uses = new LinkedHashMap<>();
    switch (type) {
      case VIEW -> {
        uses.put("map", (port, of, timeout, unit) -> ended(port.map(of, timeout, unit)));
        uses.put(
            "mapForWriting",
            (port, of, timeout, unit) -> ended(port.mapForWriting(of, timeout, unit)));
        uses.put(
            "mapInPlace", (port, of, timeout, unit) -> ended(port.mapInPlace(of, timeout, unit)));
      }
      case CPU_WINDOW ->
          uses.put(
              "cpuWindow", (port, of, timeout, unit) -> ended(port.cpuWindow(of, timeout, unit)));
      case NATIVE_POINTER -> {}
      case CHANNEL_IO -> {
        uses.put(
            "readFrom",
            (port, of, timeout, unit) ->
                port.readFrom(
                        Channels.newChannel(new ByteArrayInputStream(new byte[SIZE])),
                        of,
                        0,
                        SIZE,
                        timeout,
                        unit)
                    == SIZE);
        uses.put(
            "writeTo",
            (port, of, timeout, unit) ->
                port.writeTo(
                        Channels.newChannel(new ByteArrayOutputStream()),
                        of,
                        0,
                        SIZE,
                        timeout,
                        unit)
                    == SIZE);
        uses.put(
            "readFrom file",
            (port, of, timeout, unit) ->
                port.readFrom(file, 0, of, 0, SIZE, timeout, unit) == SIZE);
        uses.put(
            "writeTo file",
            (port, of, timeout, unit) -> port.writeTo(file, 0, of, 0, SIZE, timeout, unit) == SIZE);
      }
    }
    return uses;
  }

  private static boolean ended(AutoCloseable use) {
    if (use == null) {
      return false;
    }
    try {
      use.close();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
    return true;
  }

  private Attachment attach(MappingType type) {
    return place.attach(
        Importer.accepting("importer", Release.BOUNDED, Need.of(type, place.access()))
            .allowingBounce());
  }

  private interface Check {
    void of(String name, Attachment attachment, Use use);
  }

  private void everyUse(Check check) {
    for (MappingType type : MappingType.values()) {
      try (var attachment = attach(type)) {
        uses(type).forEach((name, use) -> check.of(name, attachment, use));
        if (type == MappingType.NATIVE_POINTER) {
          check.of(
              "lease",
              attachment,
              (port, of, timeout, unit) -> ended(attachment.lease(of, timeout, unit)));
        }
      }
    }
  }

  private boolean tryIt(Attachment attachment, Use use, long timeout, TimeUnit unit) {
    try (var port = attachment.open()) {
      return use.tryIt(port, buffer, timeout, unit);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void assertUntouched(String name, String before) {
    assertEquals(before, state(), name);
    assertEquals(0, place.openMappings("importer"), name);
  }

  private String state() {
    return (pool.holders() + buffer.reservation().describe()).replaceAll("\\d+ ms ago", "");
  }

  @Test
  void aUseOfABufferWithFencesEndsInTimeAndChangesNothing() {
    everyUse((name, attachment, use) -> {
      try (var timeline = pool.sync().timeline("gpu")) {
        assertTrue(tryIt(attachment, use, 0, TimeUnit.SECONDS), name);
        Fence fence = timeline.next();
        owned.reservation().add(fence, Usage.WRITE);
        String before = state();
        assertEquals(false, tryIt(attachment, use, 0, TimeUnit.SECONDS), name);
        assertEquals(false, tryIt(attachment, use, -1, TimeUnit.DAYS), name);
        assertEquals(false, tryIt(attachment, use, 2, TimeUnit.MILLISECONDS), name);
        Thread.currentThread().interrupt();
        assertEquals(false, tryIt(attachment, use, 10, TimeUnit.MINUTES), name);
        assertTrue(Thread.interrupted(), "the interrupt stays set");
        assertUntouched(name, before);
        var waiting = Elsewhere.start(() -> tryIt(attachment, use, Long.MAX_VALUE, TimeUnit.DAYS));
        waiting.awaitWaiting();
        timeline.signal(fence.point());
        assertTrue(waiting.result(), name);
        assertTrue(tryIt(attachment, use, 0, TimeUnit.SECONDS), name);
      }
    });
    assertEquals(pool.statistics().leases(), pool.statistics().leasesReturned());
  }

  @Test
  void aUseOfABufferThatIsWrittenInPlaceEndsInTimeAndChangesNothing() {
    try (var writing = pool.attach(Importer.viewing("writing", Access.WRITE));
        var port = writing.open()) {
      everyUse((name, attachment, use) -> {
        // The reference of one elsewhere is a use.
        buffer.close();
        var view = port.mapInPlace(owned, 0, TimeUnit.SECONDS);
        assertNotNull(view, name);
        buffer = place.reach(owned);
        assertEquals(
            false, Elsewhere.call(() -> tryIt(attachment, use, 0, TimeUnit.SECONDS)), name);
        assertEquals(
            false, Elsewhere.call(() -> tryIt(attachment, use, 2, TimeUnit.MILLISECONDS)), name);
        Elsewhere.run(() -> {
          Thread.currentThread().interrupt();
          assertEquals(false, tryIt(attachment, use, 10, TimeUnit.MINUTES), name);
          assertTrue(Thread.interrupted(), "the interrupt stays set");
        });
        assertEquals(0, place.openMappings("importer"), name);
        if (name.equals("mapInPlace")) {
          // One writer at a time: another is told so at once.
          view.close();
        } else {
          var waiting = Elsewhere.start(() -> tryIt(attachment, use, 10, TimeUnit.MINUTES));
          waiting.awaitWaiting();
          view.close();
          assertTrue(waiting.result(), name);
        }
        assertTrue(tryIt(attachment, use, 0, TimeUnit.SECONDS), name);
        assertEquals(0, place.openMappings("importer"), name);
        assertEquals(0, pool.statistics().openMappings(), name);
      });
    }
  }

  @Test
  void aCallThatIsNotToldHowLongSaysWhatIsInTheWay() {
    assertEquals(Duration.ofSeconds(10), Port.DEFAULT_WAIT);
    try (var timeline = pool.sync().timeline("gpu");
        var viewing = attach(MappingType.VIEW);
        var port = viewing.open();
        var windows = attach(MappingType.CPU_WINDOW);
        var other = windows.open();
        var leasing = attach(MappingType.NATIVE_POINTER)) {
      owned.reservation().add(timeline.next(), Usage.WRITE);
      List<Runnable> uses =
          new ArrayList<>(
              List.of(
                  () -> port.map(buffer),
                  () -> other.cpuWindow(buffer),
                  () -> leasing.lease(buffer)));
      if (place.access() == Access.WRITE) {
        uses.add(() -> port.mapForWriting(buffer));
      }
      for (Runnable use : uses) {
        Thread.currentThread().interrupt();
        String text = assertThrows(IllegalStateException.class, use::run).getMessage();
        assertTrue(Thread.interrupted());
        String fence = form == Form.FAR ? "WRITE timeline 0:1 in process " : "WRITE gpu:1";
        assertTrue(text.contains("interrupted") && text.contains(fence), text);
      }
      assertEquals(0, place.openMappings("importer"));
      timeline.signal(1);
      port.map(buffer).close();
    }
  }

  @Test
  void aCallThatIsNotToldHowLongSaysWhoWrites() {
    buffer.close();
    try (var writing = pool.attach(Importer.viewing("writing", Access.WRITE));
        var port = writing.open();
        var view = port.mapInPlace(owned, 0, TimeUnit.SECONDS);
        var reading = attach(MappingType.VIEW)) {
      assertNotNull(view);
      buffer = place.reach(owned);
      Elsewhere.run(() -> {
        try (var other = reading.open()) {
          Thread.currentThread().interrupt();
          String text =
              assertThrows(IllegalStateException.class, () -> other.map(buffer)).getMessage();
          assertTrue(Thread.interrupted());
          assertTrue(
              text.contains(
                  form == Form.FAR
                      ? "written in place by its exporter"
                      : "mapped for WRITE by port"),
              text);
        }
      });
    }
  }

  @Test
  void aTimeOutIsNoRefusal() {
    try (var attachment = attach(MappingType.VIEW);
        var port = attachment.open()) {
      buffer.share().close();
      SharedBuffer closed = buffer.share();
      closed.close();
      assertThrows(IllegalStateException.class, () -> port.map(closed, 0, TimeUnit.SECONDS));
      assertThrows(
          IllegalStateException.class, () -> attachment.lease(buffer, 0, TimeUnit.SECONDS));
      assertThrows(IllegalStateException.class, () -> port.cpuWindow(buffer, 0, TimeUnit.SECONDS));
      place.revoke(attachment, Duration.ZERO);
      assertThrows(RevokedException.class, () -> port.map(buffer, 0, TimeUnit.SECONDS));
      if (place.access() == Access.WRITE) {
        assertThrows(RevokedException.class, () -> port.mapForWriting(buffer, 0, TimeUnit.SECONDS));
      }
    }
  }

  @Test
  void mappingsThatWaitedInVainTakeNoSlot() {
    try (var timeline = pool.sync().timeline("gpu");
        var attachment = attach(MappingType.VIEW);
        var port = attachment.open()) {
      owned.reservation().add(timeline.next(), Usage.WRITE);
      for (int i = 0; i < 3 * Port.MAPPINGS; i++) {
        assertNull(port.map(buffer, 0, TimeUnit.SECONDS));
        if (place.access() == Access.WRITE) {
          assertNull(port.mapForWriting(buffer, 0, TimeUnit.SECONDS));
          assertNull(port.mapInPlace(buffer, 0, TimeUnit.SECONDS));
        }
      }
      timeline.signal(1);
      for (int i = 0; i < Port.MAPPINGS; i++) {
        assertNotNull(port.map(buffer, 0, TimeUnit.SECONDS));
      }
    }
  }
}
