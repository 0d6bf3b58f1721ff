package io.entrepot.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.flow.BufferPool;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.AttachRefusedException;
import io.entrepot.sharing.CpuAccess;
import io.entrepot.sharing.CpuWindow;
import io.entrepot.sharing.Importer;
import io.entrepot.sharing.MappingType;
import io.entrepot.sharing.NativeLease;
import io.entrepot.sharing.Offer;
import io.entrepot.sharing.SharedBuffer;
import io.entrepot.sharing.SizeClass;
import io.entrepot.sharing.View;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;

/** C1: windows, channels and addresses show an importer what it negotiated, and nothing else. */
@InBothForms
class C1RawAccessTest {
  private static final long SIZE = (1 << 20) + 777;
  private static final byte LAST = 99;

  @Parameter Form form;
  private Place place;
  private BufferPool pool;

  /** The exporter's reference to a buffer that it has filled, and the importer's. */
  private SharedBuffer owned;

  private SharedBuffer buffer;

  @BeforeEach
  void open() {
    place = form.place(SIZE, 2);
    pool = place.pool();
    owned = pool.tryAcquire(SIZE);
    MemorySegment bytes = place.raw(owned);
    for (long at = 0; at + 8 <= SIZE; at += 8) {
      bytes.set(ValueLayout.JAVA_LONG, at, at * 31);
    }
    bytes.set(ValueLayout.JAVA_BYTE, SIZE - 1, LAST);
    buffer = place.reach(owned);
  }

  @AfterEach
  void closeAll() {
    buffer.close();
    owned.close();
    place.close();
    pool.close();
  }

  private long counted(String what) {
    return place
        .dump()
        .lines()
        .map(String::strip)
        .filter(line -> line.startsWith(what + "="))
        .mapToLong(line -> Long.parseLong(line.substring(what.length() + 1)))
        .sum();
  }

  // ---------------------------------------------------------------- whose buffer

  @Test
  void aBufferOfAnotherPoolIsRefusedByEveryMappingType() {
    for (MappingType type : MappingType.values()) {
      try (var mine = form.place(64, 1);
          var minePool = mine.pool();
          var attachment = mine.attach(Importers.reading(type));
          var port = attachment.open()) {
        WritableByteChannel sink = Channels.newChannel(new ByteArrayOutputStream());
        for (SharedBuffer foreign : List.of(buffer, owned)) {
          IllegalArgumentException refused =
              assertThrows(
                  IllegalArgumentException.class,
                  () -> {
                    switch (type) {
                      case VIEW -> port.map(foreign);
                      case CPU_WINDOW -> port.cpuWindow(foreign);
                      case NATIVE_POINTER -> attachment.lease(foreign);
                      case CHANNEL_IO -> port.writeTo(sink, foreign, 0, 64);
                    }
                  },
                  type.toString());
          assertTrue(refused.getMessage().contains("pool 'pool'"), refused.getMessage());
        }
        assertEquals(List.of(), minePool.holders());
      }
    }
  }

  // ---------------------------------------------------------------- no address gets out

  @Test
  void noMessageOfAViewTellsAnAddress() {
    try (var attachment = place.attach(Importers.reading());
        var port = attachment.open();
        var leasing = place.attach(Importer.leasing("leasing", Access.READ));
        var lease = leasing.lease(buffer)) {
      View view = port.map(buffer);
      List<RuntimeException> thrown = new ArrayList<>();
      thrown.add(assertThrows(RuntimeException.class, () -> view.getLongVolatile(3)));
      thrown.add(assertThrows(RuntimeException.class, () -> view.getLong(SIZE)));
      thrown.add(assertThrows(RuntimeException.class, () -> view.getLong(-1)));
      thrown.add(assertThrows(RuntimeException.class, () -> view.slice(SIZE - 4, 8)));
      view.close();
      thrown.add(assertThrows(RuntimeException.class, () -> view.getLong(0)));
      for (long address : new long[] {place.raw(owned).address(), lease.address()}) {
        for (RuntimeException e : thrown) {
          for (Throwable at = e; at != null; at = at.getCause()) {
            assertTellsNot(address, at + "");
          }
        }
        assertFalse(place.dump().contains("" + address), place::dump);
      }
    }
  }

  private static void assertTellsNot(long address, String text) {
    for (long offset = 0; offset < 64; offset++) {
      assertFalse(text.contains("" + (address + offset)), text);
      assertFalse(text.contains(Long.toHexString(address + offset)), text);
    }
    assertFalse(text.contains("" + (address + SIZE)), text);
    assertFalse(text.contains(Long.toHexString(address + SIZE)), text);
  }

  // ---------------------------------------------------------------- windows

  @Test
  void aWindowIsOfItsThreadAndDeadAfterItsClose() {
    try (var attachment = place.attach(Importers.reading(MappingType.CPU_WINDOW));
        var port = attachment.open()) {
      CpuWindow window = port.cpuWindow(buffer);
      MemorySegment segment = window.segment();
      assertEquals(SIZE, segment.byteSize());
      assertEquals(8 * 31, segment.get(ValueLayout.JAVA_LONG, 8));
      assertThrows(
          WrongThreadException.class,
          () -> Elsewhere.call(() -> segment.get(ValueLayout.JAVA_LONG, 8)));
      assertThrows(WrongThreadException.class, () -> Elsewhere.run(window::close));
      assertEquals(8 * 31, segment.get(ValueLayout.JAVA_LONG, 8), "the window is still open");
      List<String> open = attachment.cpuAccess().openWindows();
      assertEquals(1, open.size(), () -> "" + open);
      assertTrue(open.getFirst().contains("'importer'"), open.getFirst());
      window.close();
      window.close();
      assertThrows(
          IllegalStateException.class, () -> segment.get(ValueLayout.JAVA_LONG, 8), "dead");
      assertEquals(List.of(), attachment.cpuAccess().openWindows());
      assertEquals(1, counted("WINDOWS"));
    }
  }

  @Test
  void cpuAccessIsToldOfWhatWasNegotiated() {
    try (var windows = place.attach(Importers.reading(MappingType.CPU_WINDOW))) {
      CpuAccess granted = windows.cpuAccess();
      assertTrue(granted.available(), granted.reason());
      assertEquals("", granted.reason());
      assertFalse(granted.revocation().isEmpty());
    }
    Offer views = new Offer(MappingType.VIEW, Access.READ, 64, true, false, true, false);
    try (var strict = form.place(form.exporter(views), new SizeClass(64, 1));
        var strictPool = strict.pool();
        var viewing = strict.attach(Importers.reading())) {
      assertFalse(viewing.cpuAccess().available());
      assertTrue(
          viewing.cpuAccess().reason().contains("offers no CPU window"),
          viewing.cpuAccess()::reason);
      assertEquals(List.of(), strictPool.holders());
    }
  }

  // ---------------------------------------------------------------- channels

  /** A channel of somebody else, which keeps what it is given. */
  private static final class Keeping implements WritableByteChannel {
    ByteBuffer kept;

    @Override
    public int write(ByteBuffer source) {
      kept = source;
      int length = source.remaining();
      source.position(source.limit());
      return length;
    }

    @Override
    public boolean isOpen() {
      return true;
    }

    @Override
    public void close() {}
  }

  @Test
  void aForeignChannelGetsNoMemoryAndACopyOnlyWhereItIsAllowedAndCounted() throws IOException {
    Keeping foreign = new Keeping();
    try (var attachment = place.attach(Importers.reading(MappingType.CHANNEL_IO));
        var port = attachment.open()) {
      IllegalStateException refused =
          assertThrows(IllegalStateException.class, () -> port.writeTo(foreign, buffer, 0, 64));
      assertTrue(refused.getMessage().contains("bounce"), refused.getMessage());
      assertEquals(0, counted("BOUNCES"));
    }
    try (var attachment = place.attach(Importers.reading(MappingType.CHANNEL_IO).allowingBounce());
        var port = attachment.open()) {
      assertEquals(40, port.writeTo(foreign, buffer, SIZE - 40, 40));
      assertFalse(foreign.kept.isDirect(), "what it keeps is no pool memory");
      assertEquals(LAST, foreign.kept.get(39));
      assertEquals(1, counted("BOUNCES"));
      assertEquals(40, counted("BOUNCED_BYTES"));
    }
  }

  @Test
  void bytesTravelToFilesWithoutBounce(@TempDir Path folder) throws IOException {
    try (var io = place.attach(Importers.reading(MappingType.CHANNEL_IO));
        var port = io.open();
        var file =
            FileChannel.open(
                folder.resolve("f"),
                StandardOpenOption.CREATE,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE)) {
      assertEquals(SIZE, port.writeTo(file, 5, buffer, 0, SIZE));
      assertEquals(SIZE + 5, file.size());
      ByteBuffer written = ByteBuffer.allocate((int) SIZE);
      assertEquals(SIZE, file.read(written, 5));
      assertEquals(-1, place.raw(owned).mismatch(MemorySegment.ofArray(written.array())));
      assertEquals(0, counted("BOUNCES"));
      assertThrows(IndexOutOfBoundsException.class, () -> port.writeTo(file, 0, buffer, 1, SIZE));
      assertThrows(
          IndexOutOfBoundsException.class,
          () -> port.writeTo(file, 0, buffer, Long.MAX_VALUE, Long.MAX_VALUE));
      assertEquals(SIZE + 5, file.size());
      assertThrows(IllegalStateException.class, () -> io.lease(buffer), "channels tell no address");
    }
  }

  // ---------------------------------------------------------------- leases

  @Test
  @SuppressWarnings("restricted")
  void aLeaseShowsTheExportersBytesAndReturnsOnce() {
    try (var attachment = place.attach(Importer.leasing("codec", Access.READ))) {
      NativeLease lease = attachment.lease(buffer);
      assertEquals(form == Form.NEAR, place.raw(owned).address() == lease.address());
      MemorySegment seen = MemorySegment.ofAddress(lease.address()).reinterpret(SIZE);
      assertEquals(-1, place.raw(owned).mismatch(seen));
      place.raw(owned).set(ValueLayout.JAVA_BYTE, 0, (byte) 5);
      assertEquals(5, seen.get(ValueLayout.JAVA_BYTE, 0), "no copy");
      assertEquals(SIZE, lease.byteSize());
      assertEquals(Access.READ, lease.access());
      assertEquals(buffer.index(), lease.bufferIndex());
      Elsewhere.run(() -> {
        lease.close();
        lease.close();
      });
      assertEquals(1, counted("LEASES"));
      assertEquals(1, counted("LEASES_RETURNED"));
    }
  }

  @Test
  void memoryThatNativeCodeCannotReachIsNotLeased() {
    Offer unreachable =
        new Offer(MappingType.NATIVE_POINTER, Access.READ, 64, true, false, false, false);
    try (var far = form.place(form.exporter(unreachable), new SizeClass(64, 1));
        var farPool = far.pool()) {
      var refused =
          assertThrows(
              AttachRefusedException.class,
              () -> far.attach(Importer.leasing("codec", Access.READ)));
      assertTrue(refused.getMessage().contains("cannot reach"), refused.getMessage());
      assertEquals(List.of(), farPool.holders());
    }
  }
}
