package io.entrepot.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;

import io.entrepot.flow.BufferPool;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.Importer;
import io.entrepot.sharing.Importer.Release;
import io.entrepot.sharing.MappingType;
import io.entrepot.sharing.Need;
import io.entrepot.sharing.SizeClass;
import io.entrepot.sharing.View;
import io.entrepot.sharing.WrappingExporter;
import io.entrepot.sharing.WritableView;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * C3: a view reaches every byte of a buffer of 2 GiB and more, and none beside it. The memory is a
 * file with a hole in it, of which only the pages that are written to take room.
 */
class C3LargeBuffersTest {
  private static final long GIB = 1L << 30;
  private static final long LARGEST = 4 * GIB + (64 << 10);
  private static final long[] SIZES = {
    2 * GIB - 1, 2 * GIB, 2 * GIB + 1, 4 * GIB - 1, 4 * GIB, 4 * GIB + 1, LARGEST
  };
  private static final ByteOrder BIG = ByteOrder.BIG_ENDIAN;

  @TempDir private Path directory;

  private Arena arena;
  private MemorySegment memory;

  @BeforeEach
  void mapAFileWithAHole() {
    arena = Arena.ofShared();
    try (FileChannel file =
        FileChannel.open(
            directory.resolve("hole"),
            StandardOpenOption.CREATE_NEW,
            StandardOpenOption.SPARSE,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE,
            StandardOpenOption.DELETE_ON_CLOSE)) {
      memory = file.map(FileChannel.MapMode.READ_WRITE, 0, LARGEST, arena);
    } catch (IOException e) {
      abort("no file of " + LARGEST + " bytes can be mapped in " + directory + ": " + e);
    }
  }

  @AfterEach
  void unmap() {
    arena.close();
  }

  private interface Look {
    void at(WritableView view);
  }

  private void withView(long byteSize, Look look) {
    var exporter = WrappingExporter.of("hole", memory.asSlice(0, byteSize), () -> {});
    try (var pool = BufferPool.of(exporter, new SizeClass(byteSize, 1));
        var attachment = pool.attach(Importer.viewing("importer", Access.WRITE));
        var port = attachment.open();
        var buffer = pool.tryAcquire(byteSize);
        var view = port.mapForWriting(buffer)) {
      assertEquals(byteSize, view.byteSize());
      look.at(view);
    }
  }

  @Test
  void theLastByteIsReachedAndTheOneBehindItIsNot() {
    for (long size : SIZES) {
      withView(size, view -> lastByteIsReached(view, view, size));
    }
  }

  private static void lastByteIsReached(View view, WritableView written, long size) {
    written.putByte(size - 1, (byte) 1);
    assertEquals(1, view.getByte(size - 1));
    written.putLong(size - 8, size, BIG);
    assertEquals(size, view.getLong(size - 8, BIG));
    assertEquals((byte) size, view.getByte(size - 1));
    for (long at : new long[] {size, size + 1, size - 8 + 1, size + GIB, -1, -GIB}) {
      assertThrows(IndexOutOfBoundsException.class, () -> view.getLong(at));
      assertThrows(IndexOutOfBoundsException.class, () -> written.putLong(at, 0));
    }
    assertThrows(IndexOutOfBoundsException.class, () -> written.fill(0, size + 1, (byte) 0));
    assertThrows(IndexOutOfBoundsException.class, () -> view.slice(1, size));
    assertEquals(size, view.slice(0, size).byteSize());
    assertEquals(size, view.getLong(size - 8, BIG), "a refused call wrote");
  }

  /**
   * Once for all sizes: shared memory has no holes, so each would take its room, and the time to
   * fill it.
   */
  @Test
  @EnabledOnOs(value = OS.LINUX, disabledReason = "memfd and futex are Linux's")
  void anImporterElsewhereReachesAcrossTheBoundaryToo() {
    long size = 2 * GIB + (64 << 10);
    try (var place = shared(size);
        var pool = place.pool();
        var owned = pool.tryAcquire(size);
        var own = place.own(owned);
        var attachment = place.attach(Importers.reading());
        var port = attachment.open();
        var buffer = place.reach(owned);
        var view = port.map(buffer)) {
      lastByteIsReached(view, own.view(), size);
      valuesLieAcross(view, own.view(), 2 * GIB);
    }
  }

  private static Place shared(long size) {
    try {
      return Form.FAR.place(size, 1);
    } catch (IllegalStateException noRoom) {
      return abort("no room for " + size + " bytes of shared memory: " + noRoom.getMessage());
    }
  }

  @Test
  void offsetsAreNotCutShort() {
    withView(
        LARGEST,
        view -> {
          long[] offsets = {
            0, GIB, 2 * GIB - 8, 2 * GIB, 3 * GIB, 4 * GIB - 8, 4 * GIB, LARGEST - 8
          };
          for (long offset : offsets) {
            view.putLong(offset, ~offset);
          }
          for (long offset : offsets) {
            assertEquals(~offset, view.getLong(offset));
            assertEquals(~offset, view.getLongAcquire(offset));
            assertEquals(~offset, view.getAndAddLong(offset, 1));
            assertTrue(view.compareAndSetLong(offset, ~offset + 1, 5));
            assertEquals(5, view.slice(offset, 8).getLongVolatile(0));
          }
        });
  }

  @Test
  void valuesLieAcrossTheBoundaries() {
    withView(
        LARGEST,
        view -> {
          valuesLieAcross(view, view, 2 * GIB);
          valuesLieAcross(view, view, 4 * GIB);
        });
  }

  private static void valuesLieAcross(View view, WritableView written, long boundary) {
    for (long offset = boundary - 8; offset <= boundary; offset++) {
      written.putLong(offset, 0x0102030405060708L, BIG);
      assertEquals(0x0102030405060708L, view.getLong(offset, BIG));
      assertEquals(0x01020304, view.getInt(offset, BIG));
      assertEquals(0x0708, view.getShort(offset + 6, BIG));
      assertEquals(8, view.getByte(offset + 7));
    }
  }

  @Test
  void bulkOperationsGoAcrossTheBoundaries() {
    withView(
        LARGEST,
        view -> {
          byte[] bytes = new byte[3000];
          for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (i * 31);
          }
          CRC32C crc = new CRC32C();
          crc.update(bytes);
          for (long boundary : new long[] {2 * GIB, 4 * GIB}) {
            long from = boundary - 1000;
            view.copyFrom(from, bytes, 0, bytes.length);
            assertEquals((int) crc.getValue(), view.crc32c(from, bytes.length));
            view.copyTo(from, view, 0, bytes.length);
            View there = view.slice(from, bytes.length);
            assertEquals(-1, there.mismatch(view.slice(0, bytes.length)));
            view.fill(boundary - 1, 2, (byte) 77);
            assertEquals(999, there.mismatch(view.slice(0, bytes.length)));
            assertEquals(77, there.getByte(1000));
            assertEquals(bytes[1001], there.getByte(1001));
            byte[] back = new byte[4];
            view.copyTo(boundary - 2, back, 0, 4);
            assertEquals(bytes[998], back[0]);
            assertEquals(77, back[1]);
            assertEquals(bytes[1001], back[3]);
            ByteBuffer both = ByteBuffer.allocateDirect(bytes.length);
            view.copyTo(from, both);
            assertEquals(77, both.get(1000));
            view.copyFrom(0, both.flip());
            assertEquals(-1, view.mismatch(from, view, 0, bytes.length));
            view.copyFrom(from, view, 2, 8);
            assertEquals(bytes[2], view.getByte(from));
            long[] across = {boundary, ~boundary};
            view.copyFrom(boundary - 8, across, 0, 2, BIG);
            assertEquals(~boundary, view.getLong(boundary, BIG));
            long[] read = new long[1];
            view.copyTo(boundary - 8, read, 0, 1, BIG);
            assertEquals(boundary, read[0]);
            view.copyTo(boundary - 2, back, 0, 4);
            assertEquals(-1, view.mismatch(boundary - 2, back, 0, 4));
            back[2]++;
            assertEquals(2, view.mismatch(boundary - 2, back, 0, 4));
          }
        });
  }

  @Test
  void channelsReadAndWriteBeyondTheBoundaries() throws IOException {
    var exporter = WrappingExporter.of("hole", memory, () -> {});
    Path path = directory.resolve("part");
    try (var pool = BufferPool.of(exporter, new SizeClass(LARGEST, 1));
        var attachment =
            pool.attach(
                Importer.accepting(
                    "io", Release.BOUNDED, Need.of(MappingType.CHANNEL_IO, Access.WRITE)));
        var port = attachment.open();
        var buffer = pool.tryAcquire(LARGEST);
        var file =
            FileChannel.open(
                path,
                StandardOpenOption.CREATE_NEW,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE)) {
      for (long boundary : new long[] {2 * GIB, 4 * GIB}) {
        memory.set(ValueLayout.JAVA_LONG_UNALIGNED, boundary - 4, boundary);
        assertEquals(8, port.writeTo(file, 0, buffer, boundary - 4, 8));
        assertEquals(8, port.readFrom(file, 0, buffer, boundary + 8, 8));
        assertEquals(boundary, memory.get(ValueLayout.JAVA_LONG_UNALIGNED, boundary + 8));
      }
      assertThrows(
          IndexOutOfBoundsException.class, () -> port.readFrom(file, 0, buffer, LARGEST - 7, 8));
      assertFalse(file.size() > 8);
    }
  }
}
