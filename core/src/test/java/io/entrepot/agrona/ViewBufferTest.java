package io.entrepot.agrona;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.entrepot.flow.BufferPool;
import io.entrepot.flow.Overflow;
import io.entrepot.flow.PoolPort;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.ReadOnlyViewException;
import io.entrepot.sharing.SizeClass;
import io.entrepot.sharing.View;
import io.entrepot.sharing.ViewClosedException;
import io.entrepot.sharing.WrappingExporter;
import io.entrepot.sharing.WritableView;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.ReadOnlyBufferException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import org.agrona.MutableDirectBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is our own in these buffers, without any JVM flag; the rest is in ViewBufferModelTest. */
class ViewBufferTest {
  private static final long BUFFER_BYTES = 16 * 1024;

  private BufferPool pool;
  private PoolPort port;
  private WritableView view;

  @BeforeEach
  void acquire() {
    pool = BufferPool.offHeap("adapter", BUFFER_BYTES, 4);
    port = pool.open("adapter");
    view = port.tryAcquire();
  }

  @AfterEach
  void close() {
    port.close();
    pool.close();
  }

  @Test
  void everyOneWayMethodThrowsWithTheReason() throws IllegalAccessException {
    MutableDirectBuffer buffer = new WritableViewBuffer(view);
    List<Method> methods = OneWayMethods.ofTheInterface();
    assertEquals(OneWayMethods.documented().size(), methods.size(), "documented but not there");
    for (Method method : methods) {
      Object[] arguments = new Object[method.getParameterCount()];
      for (int i = 0; i < arguments.length; i++) {
        Class<?> type = method.getParameterTypes()[i];
        arguments[i] = type == int.class ? (Object) 0 : type == long.class ? (Object) 0L : null;
      }
      InvocationTargetException thrown =
          assertThrows(
              InvocationTargetException.class,
              () -> method.invoke(buffer, arguments),
              method::toString);
      assertInstanceOf(UnsupportedOperationException.class, thrown.getCause());
      assertTrue(
          thrown.getCause().getMessage().startsWith(OneWayMethods.signature(method)),
          thrown.getCause().getMessage());
    }
  }

  @Test
  void aBufferFollowsItsFlyweight() {
    var buffer = new WritableViewBuffer(view);
    buffer.putLong(8, 42);
    port.release();
    assertEquals(0, buffer.capacity());
    assertThrows(ViewClosedException.class, () -> buffer.getLong(8));
    assertThrows(ViewClosedException.class, () -> buffer.putLong(8, 1));
    assertThrows(ViewClosedException.class, () -> buffer.getBytes(0, new byte[8]));
    assertThrows(ViewClosedException.class, () -> buffer.putStringUtf8(0, "late"));
    assertThrows(ViewClosedException.class, () -> buffer.setMemory(0, 8, (byte) 1));
    assertThrows(ViewClosedException.class, () -> buffer.boundsCheck(0, 8));

    buffer.wrap(port.tryAcquire());
    assertEquals(BUFFER_BYTES, buffer.capacity());
    buffer.putLong(8, 43);
    assertEquals(43, buffer.getLong(8));
  }

  @Test
  void aBufferWithoutAViewSaysSo() {
    IllegalStateException thrown =
        assertThrows(IllegalStateException.class, () -> new ViewBuffer().getInt(0));
    assertTrue(thrown.getMessage().contains("wrap(view)"), thrown.getMessage());
    assertThrows(IllegalStateException.class, () -> new WritableViewBuffer().putInt(0, 1));
  }

  @Test
  void aReadOnlyViewIsNotWrappedForWriting() {
    try (var feed = pool.broadcast("read-only");
        var reader = feed.join("reader", Access.READ, Overflow.BLOCK)) {
      QuoteFeed.write(feed, 1);
      try (var frames = reader.open()) {
        View frame = frames.next(1, SECONDS);
        assertThrows(ReadOnlyViewException.class, () -> new WritableViewBuffer().wrap(frame));
        assertEquals("EPOT", new ViewBuffer(frame).getStringAscii(0));
      }
    }
  }

  @Test
  void theExampleOfThePackageReadsWhatWasWritten() {
    try (var feed = pool.broadcast("quotes");
        var reader = feed.join("reader", Access.READ, Overflow.BLOCK)) {
      QuoteFeed.write(feed, 3);
      assertEquals(100 + 101 + 102, QuoteFeed.read(reader));
    }
  }

  @Test
  void equalsIsSymmetricAndOfTheBytes() {
    var buffer = new WritableViewBuffer(view.slice(0, 21));
    var reading = new ViewBuffer(view.slice(32, 21));
    buffer.setMemory(0, 21, (byte) 7);
    assertNotEquals(buffer, reading);
    buffer.getBytes(0, new WritableViewBuffer(view), 32, 21);
    assertEquals(buffer, reading);
    assertEquals(reading, buffer);
    assertEquals(buffer.hashCode(), reading.hashCode());
    assertEquals(0, reading.compareTo(buffer));
    assertNotEquals(buffer, new ViewBuffer(view.slice(32, 20)));
    assertFalse(buffer.equals(null));
  }

  @Test
  void anotherThreadIsRefused() throws Exception {
    var buffer = new WritableViewBuffer(view);
    var other = new FutureTask<>(() -> buffer.getInt(0));
    Thread.ofPlatform().start(other).join();
    assertInstanceOf(WrongThreadException.class, other.exceptionNow());
    var text = new FutureTask<>(buffer::toString);
    Thread.ofPlatform().start(text).join();
    assertTrue(text.resultNow().startsWith("WritableViewBuffer@"));
  }

  @Test
  void aViewLargerThanAnIntIsRefusedWithBothNumbers(@TempDir Path directory) throws IOException {
    long byteSize = (1L << 31) + 64;
    try (var file =
            FileChannel.open(
                directory.resolve("sparse"),
                StandardOpenOption.CREATE_NEW,
                StandardOpenOption.SPARSE,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE);
        Arena arena = Arena.ofShared()) {
      MemorySegment large = file.map(FileChannel.MapMode.READ_WRITE, 0, byteSize, arena);
      try (var pool =
              BufferPool.of(
                  WrappingExporter.of("large", large, () -> {}), new SizeClass(byteSize, 1));
          var port = pool.open("large")) {
        WritableView view = port.tryAcquire();
        IllegalArgumentException thrown =
            assertThrows(IllegalArgumentException.class, () -> new ViewBuffer(view));
        assertTrue(thrown.getMessage().contains(Long.toString(byteSize)), thrown.getMessage());
        assertTrue(thrown.getMessage().contains("2147483647"), thrown.getMessage());
        assertTrue(thrown.getMessage().contains("slice"), thrown.getMessage());
        var last =
            new WritableViewBuffer(view.slice(byteSize - Integer.MAX_VALUE, Integer.MAX_VALUE));
        last.putByte(Integer.MAX_VALUE - 1, (byte) 9);
        assertEquals(9, view.getByte(byteSize - 1));
        assertThrows(
            IndexOutOfBoundsException.class, () -> last.putByte(Integer.MAX_VALUE, (byte) 9));
      }
    }
  }

  @Test
  void aReadOnlyByteBufferIsNotWrittenTo() {
    var buffer = new WritableViewBuffer(view);
    ByteBuffer target = ByteBuffer.allocate(8).asReadOnlyBuffer();
    assertThrows(ReadOnlyBufferException.class, () -> buffer.getBytes(0, target, 0, 8));
  }

  /** After the code was compiled a loop over all forms of access allocates nothing at all. */
  @Test
  void nothingIsAllocatedInSteadyState() {
    var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    var buffer = new WritableViewBuffer();
    var other = new WritableViewBuffer(view.slice(8192, 8192));
    byte[] array = new byte[6000];
    ByteBuffer direct = ByteBuffer.allocateDirect(6000);
    ByteBuffer heap = ByteBuffer.allocate(6000);
    StringBuilder text = new StringBuilder(64);
    List<Long> allocated = new ArrayList<>(100);
    // The compiler replaces the code while it runs: the last rounds count.
    for (int round = 0; round < 60; round++) {
      long before = threads.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < 2000; i++) {
        buffer.wrap(view);
        useEverything(buffer, other, array, direct, heap, text, i);
      }
      allocated.add(threads.getCurrentThreadAllocatedBytes() - before);
    }
    long least = allocated.stream().skip(30).mapToLong(Long::longValue).min().orElseThrow();
    assertEquals(0, least, () -> "bytes allocated per round of 2,000: " + allocated);
  }

  private static void useEverything(
      WritableViewBuffer buffer,
      WritableViewBuffer other,
      byte[] array,
      ByteBuffer direct,
      ByteBuffer heap,
      StringBuilder text,
      int i) {
    buffer.putLong(0, i);
    buffer.putInt(8, i, ByteOrder.BIG_ENDIAN);
    buffer.putDouble(16, buffer.getLong(0));
    int digits = buffer.putLongAscii(24, i * 1_000_003L);
    assertEquals(i * 1_000_003L, buffer.parseLongAscii(24, digits));
    buffer.putBytes(64, array);
    buffer.getBytes(64, array);
    buffer.putBytes(64, direct, 0, 6000);
    buffer.getBytes(64, direct, 0, 6000);
    buffer.getBytes(64, heap, 0, 6000);
    buffer.putBytes(64, other, 0, 6000);
    buffer.getBytes(64, other, 0, 6000);
    buffer.putStringAscii(40, "entrepot");
    text.setLength(0);
    buffer.getStringAscii(40, text);
    buffer.setMemory(64, 128, (byte) i);
  }
}
