package io.entrepot.benchmarks;

import io.entrepot.flow.BufferPool;
import io.entrepot.flow.PoolPort;
import io.entrepot.sharing.WritableView;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.UnsafeBuffer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Row 3: gets and puts in memory that is mapped already, in loops and one at a time. Every form
 * checks bounds; only the view and the segments check liveness too.
 *
 * <p>Segments are read without a look at alignment, as views are: the aligned layouts cost a check,
 * and a loop that puts ints by byte offset is four times slower with them.
 *
 * <p>A single access is at an offset that changes each time, within what the first-level cache
 * holds.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class ViewAccessBenchmark {
  private static final int BUFFER_BYTES = 64 << 10;
  private static final int INTS_BYTES = 4096 * Integer.BYTES;
  private static final int LONGS_BYTES = 1024 * Long.BYTES;

  private static final String AGRONA_EXPORT =
      "--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED";

  /** Where the next single access goes. */
  @State(Scope.Thread)
  public static class Offset {
    private static final int STEP_BYTES = 4168;
    private static final int RANGE_MASK = (16 << 10) - Long.BYTES;

    private int at;

    int next() {
      return at = at + STEP_BYTES & RANGE_MASK;
    }
  }

  // ---------------------------------------------------------------- view

  /** A buffer shown by a port's view. */
  @State(Scope.Thread)
  public static class Shown {
    WritableView view;
    private BufferPool pool;
    private PoolPort port;

    /** Acquires. */
    @Setup
    public void open() {
      pool = BufferPool.offHeap("benchmark", BUFFER_BYTES, 1);
      port = pool.open("benchmark");
      view = port.tryAcquire();
    }

    /** Gives everything back. */
    @TearDown
    public void close() {
      port.close();
      pool.close();
    }
  }

  /** Sum of 4096 ints. */
  @Benchmark
  public int sumIntsView(Shown own) {
    WritableView view = own.view;
    int sum = 0;
    for (long at = 0; at < INTS_BYTES; at += Integer.BYTES) {
      sum += view.getInt(at);
    }
    return sum;
  }

  /** Sum of 1024 longs. */
  @Benchmark
  public long sumLongsView(Shown own) {
    WritableView view = own.view;
    long sum = 0;
    for (long at = 0; at < LONGS_BYTES; at += Long.BYTES) {
      sum += view.getLong(at);
    }
    return sum;
  }

  /** Puts 4096 ints. */
  @Benchmark
  public void putIntsView(Shown own, Offset value) {
    WritableView view = own.view;
    int put = value.next();
    for (long at = 0; at < INTS_BYTES; at += Integer.BYTES) {
      view.putInt(at, put);
    }
  }

  /** Gets one long. */
  @Benchmark
  public long getView(Shown own, Offset offset) {
    return own.view.getLong(offset.next());
  }

  /** Puts one long. */
  @Benchmark
  public void putView(Shown own, Offset offset) {
    int at = offset.next();
    own.view.putLong(at, at);
  }

  // ---------------------------------------------------------------- raw segment

  /** A segment of a shared arena. */
  @State(Scope.Thread)
  public static class Raw {
    MemorySegment segment;
    private Arena arena;

    /** Allocates. */
    @Setup
    public void open() {
      arena = Arena.ofShared();
      segment = arena.allocate(BUFFER_BYTES, 64);
    }

    /** Frees. */
    @TearDown
    public void close() {
      arena.close();
    }
  }

  /** Sum of 4096 ints. */
  @Benchmark
  public int sumIntsSegment(Raw own) {
    MemorySegment segment = own.segment;
    int sum = 0;
    for (long at = 0; at < INTS_BYTES; at += Integer.BYTES) {
      sum += segment.get(ValueLayout.JAVA_INT_UNALIGNED, at);
    }
    return sum;
  }

  /** Sum of 1024 longs. */
  @Benchmark
  public long sumLongsSegment(Raw own) {
    MemorySegment segment = own.segment;
    long sum = 0;
    for (long at = 0; at < LONGS_BYTES; at += Long.BYTES) {
      sum += segment.get(ValueLayout.JAVA_LONG_UNALIGNED, at);
    }
    return sum;
  }

  /** Puts 4096 ints. */
  @Benchmark
  public void putIntsSegment(Raw own, Offset value) {
    MemorySegment segment = own.segment;
    int put = value.next();
    for (long at = 0; at < INTS_BYTES; at += Integer.BYTES) {
      segment.set(ValueLayout.JAVA_INT_UNALIGNED, at, put);
    }
  }

  /** Gets one long. */
  @Benchmark
  public long getSegment(Raw own, Offset offset) {
    return own.segment.get(ValueLayout.JAVA_LONG_UNALIGNED, offset.next());
  }

  /** Puts one long. */
  @Benchmark
  public void putSegment(Raw own, Offset offset) {
    int at = offset.next();
    own.segment.set(ValueLayout.JAVA_LONG_UNALIGNED, at, at);
  }

  // ---------------------------------------------------------------- Agrona

  /** An Agrona buffer, with bounds checks as is the default. */
  @State(Scope.Thread)
  public static class Agrona {
    final UnsafeBuffer buffer = new UnsafeBuffer(ByteBuffer.allocateDirect(BUFFER_BYTES));
  }

  /** Sum of 4096 ints. */
  @Benchmark
  @Fork(jvmArgsAppend = AGRONA_EXPORT)
  public int sumIntsAgrona(Agrona own) {
    UnsafeBuffer buffer = own.buffer;
    int sum = 0;
    for (int at = 0; at < INTS_BYTES; at += Integer.BYTES) {
      sum += buffer.getInt(at);
    }
    return sum;
  }

  /** Sum of 1024 longs. */
  @Benchmark
  @Fork(jvmArgsAppend = AGRONA_EXPORT)
  public long sumLongsAgrona(Agrona own) {
    UnsafeBuffer buffer = own.buffer;
    long sum = 0;
    for (int at = 0; at < LONGS_BYTES; at += Long.BYTES) {
      sum += buffer.getLong(at);
    }
    return sum;
  }

  /** Puts 4096 ints. */
  @Benchmark
  @Fork(jvmArgsAppend = AGRONA_EXPORT)
  public void putIntsAgrona(Agrona own, Offset value) {
    UnsafeBuffer buffer = own.buffer;
    int put = value.next();
    for (int at = 0; at < INTS_BYTES; at += Integer.BYTES) {
      buffer.putInt(at, put);
    }
  }

  /** Gets one long. */
  @Benchmark
  @Fork(jvmArgsAppend = AGRONA_EXPORT)
  public long getAgrona(Agrona own, Offset offset) {
    return own.buffer.getLong(offset.next());
  }

  /** Puts one long. */
  @Benchmark
  @Fork(jvmArgsAppend = AGRONA_EXPORT)
  public void putAgrona(Agrona own, Offset offset) {
    int at = offset.next();
    own.buffer.putLong(at, at);
  }

  // ---------------------------------------------------------------- direct ByteBuffer

  /** A direct buffer in native order. */
  @State(Scope.Thread)
  public static class Direct {
    final ByteBuffer buffer =
        ByteBuffer.allocateDirect(BUFFER_BYTES).order(ByteOrder.nativeOrder());
  }

  /** Sum of 4096 ints. */
  @Benchmark
  public int sumIntsByteBuffer(Direct own) {
    ByteBuffer buffer = own.buffer;
    int sum = 0;
    for (int at = 0; at < INTS_BYTES; at += Integer.BYTES) {
      sum += buffer.getInt(at);
    }
    return sum;
  }

  /** Sum of 1024 longs. */
  @Benchmark
  public long sumLongsByteBuffer(Direct own) {
    ByteBuffer buffer = own.buffer;
    long sum = 0;
    for (int at = 0; at < LONGS_BYTES; at += Long.BYTES) {
      sum += buffer.getLong(at);
    }
    return sum;
  }

  /** Puts 4096 ints. */
  @Benchmark
  public void putIntsByteBuffer(Direct own, Offset value) {
    ByteBuffer buffer = own.buffer;
    int put = value.next();
    for (int at = 0; at < INTS_BYTES; at += Integer.BYTES) {
      buffer.putInt(at, put);
    }
  }

  /** Gets one long. */
  @Benchmark
  public long getByteBuffer(Direct own, Offset offset) {
    return own.buffer.getLong(offset.next());
  }

  /** Puts one long. */
  @Benchmark
  public void putByteBuffer(Direct own, Offset offset) {
    int at = offset.next();
    own.buffer.putLong(at, at);
  }
}
