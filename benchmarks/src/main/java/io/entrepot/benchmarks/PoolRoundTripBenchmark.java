package io.entrepot.benchmarks;

import io.entrepot.flow.BufferPool;
import io.entrepot.flow.PoolPort;
import io.entrepot.internal.flow.OwnerPort;
import io.entrepot.internal.sharing.PoolAttachment;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.Attachment;
import io.entrepot.sharing.Importer;
import io.entrepot.sharing.Port;
import io.entrepot.sharing.SharedBuffer;
import io.entrepot.sharing.WritableView;
import io.netty.buffer.AdaptiveByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.ManyToManyConcurrentArrayQueue;
import org.agrona.concurrent.UnsafeBuffer;
import org.jctools.queues.varhandle.MpmcVarHandleArrayQueue;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import stormpot.Allocator;
import stormpot.BasePoolable;
import stormpot.Expiration;
import stormpot.Pool;
import stormpot.PoolException;
import stormpot.PoolTap;
import stormpot.Slot;

/**
 * Row 1: takes one of 256 buffers of 64 KiB, puts a long, gets another, gives the buffer back. All
 * threads share one pool.
 *
 * <p>Each peer has its best: Netty its thread caches for this size and no leak detection, Stormpot
 * a tap for each thread and no leak detection.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class PoolRoundTripBenchmark {
  static final int BUFFER_BYTES = 64 << 10;
  static final int BUFFERS = 256;

  private static final long PUT_AT = 0;
  private static final long GET_AT = 8;

  // ---------------------------------------------------------------- Entrepot

  /** The pool that all threads share. */
  @State(Scope.Benchmark)
  public static class EntrepotPool {
    BufferPool pool;

    /** Makes the pool. */
    @Setup
    public void open() {
      pool = BufferPool.offHeap("benchmark", BUFFER_BYTES, BUFFERS);
    }

    /** Closes the pool. */
    @TearDown
    public void close() {
      pool.close();
    }
  }

  /** A thread's port. */
  @State(Scope.Thread)
  public static class OwningPort {
    PoolPort port;
    long value;

    /** Opens the port. */
    @Setup
    public void open(EntrepotPool shared) {
      port = shared.pool.open("benchmark");
    }

    /** Closes the port. */
    @TearDown
    public void close() {
      port.close();
    }
  }

  /** Through a port, which keeps the buffer that was released last. */
  @Benchmark
  public long entrepotPort(OwningPort own) {
    WritableView view = own.port.tryAcquire();
    view.putLong(PUT_AT, own.value++);
    long got = view.getLong(GET_AT);
    own.port.release();
    return got;
  }

  /** A thread's port that keeps nothing for itself. */
  @State(Scope.Thread)
  public static class SharingPort {
    PoolPort port;
    long value;

    /** Opens the port. */
    @Setup
    public void open(EntrepotPool shared) {
      Importer importer = Importer.viewing("benchmark", Access.WRITE);
      port = new OwnerPort((PoolAttachment) shared.pool.attach(importer), false);
    }

    /** Closes the port. */
    @TearDown
    public void close() {
      port.close();
    }
  }

  /**
   * Through a port that keeps nothing: what it gives back is free for all at once, and what it
   * takes it takes from all, by a CAS of the state word.
   */
  @Benchmark
  public long entrepotPortWithoutMagazine(SharingPort own) {
    WritableView view = own.port.tryAcquire();
    view.putLong(PUT_AT, own.value++);
    long got = view.getLong(GET_AT);
    own.port.release();
    return got;
  }

  /** A thread's port for mapping references. */
  @State(Scope.Thread)
  public static class MappingPort {
    BufferPool pool;
    Attachment attachment;
    Port port;
    long value;

    /** Attaches an importer and opens the port. */
    @Setup
    public void open(EntrepotPool shared) {
      pool = shared.pool;
      attachment = pool.attach(Importer.viewing("benchmark", Access.WRITE));
      port = attachment.open();
    }

    /** Closes both. */
    @TearDown
    public void close() {
      port.close();
      attachment.close();
    }
  }

  /** With a reference, which any thread may close, and a view of its own. */
  @Benchmark
  public long entrepotReference(MappingPort own) {
    try (SharedBuffer buffer = own.pool.acquire(BUFFER_BYTES, 1, TimeUnit.SECONDS);
        WritableView view = own.port.mapForWriting(buffer)) {
      view.putLong(PUT_AT, own.value++);
      return view.getLong(GET_AT);
    }
  }

  // ---------------------------------------------------------------- queues as pools

  /** Segments in a JCTools queue. */
  @State(Scope.Benchmark)
  public static class SegmentQueue {
    final Queue<MemorySegment> free = new MpmcVarHandleArrayQueue<>(BUFFERS);
    private Arena arena;

    /** Cuts the segments. */
    @Setup
    public void open() {
      arena = Arena.ofShared();
      MemorySegment slab = arena.allocate((long) BUFFER_BYTES * BUFFERS, 64);
      for (long i = 0; i < BUFFERS; i++) {
        free.add(slab.asSlice(i * BUFFER_BYTES, BUFFER_BYTES));
      }
    }

    /** Frees the segments. */
    @TearDown
    public void close() {
      free.clear();
      arena.close();
    }
  }

  /** What a thread writes. */
  @State(Scope.Thread)
  public static class Value {
    long next;
  }

  /** The bare round trip: no view, no owner, no fence, no check of use after release. */
  @Benchmark
  public long jctoolsQueue(SegmentQueue shared, Value value) {
    MemorySegment segment = shared.free.poll();
    segment.set(ValueLayout.JAVA_LONG, PUT_AT, value.next++);
    long got = segment.get(ValueLayout.JAVA_LONG, GET_AT);
    shared.free.offer(segment);
    return got;
  }

  /** Agrona buffers in an Agrona queue. */
  @State(Scope.Benchmark)
  public static class AgronaQueue {
    final ManyToManyConcurrentArrayQueue<UnsafeBuffer> free =
        new ManyToManyConcurrentArrayQueue<>(BUFFERS);

    /** Allocates the buffers. */
    @Setup
    public void open() {
      for (int i = 0; i < BUFFERS; i++) {
        free.offer(new UnsafeBuffer(ByteBuffer.allocateDirect(BUFFER_BYTES)));
      }
    }
  }

  /**
   * Agrona's queue and buffers, which need a JVM flag. Either end may fail while another thread is
   * halfway through, so both try again.
   */
  @Benchmark
  @Fork(jvmArgsAppend = "--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED")
  public long agronaQueue(AgronaQueue shared, Value value) {
    UnsafeBuffer buffer;
    while ((buffer = shared.free.poll()) == null) {
      Thread.onSpinWait();
    }
    buffer.putLong((int) PUT_AT, value.next++);
    long got = buffer.getLong((int) GET_AT);
    while (!shared.free.offer(buffer)) {
      Thread.onSpinWait();
    }
    return got;
  }

  // ---------------------------------------------------------------- allocators and object pools

  /** Netty's pooling allocator with caches for every thread. */
  @State(Scope.Benchmark)
  public static class NettyPooled {
    final ByteBufAllocator allocator = PooledByteBufAllocator.DEFAULT;
  }

  /** Netty's pooling allocator. */
  @Benchmark
  @Fork(
      jvmArgsAppend = {
        "-Dio.netty.leakDetection.level=disabled",
        "-Dio.netty.allocator.useCacheForAllThreads=true",
        "-Dio.netty.allocator.maxCachedBufferCapacity=65536"
      })
  public long nettyPooled(NettyPooled shared, Value value) {
    return roundTrip(shared.allocator, value);
  }

  /** Netty's adaptive allocator with caches for every thread. */
  @State(Scope.Benchmark)
  public static class NettyAdaptive {
    final ByteBufAllocator allocator = new AdaptiveByteBufAllocator(true, true);
  }

  /** Netty's adaptive allocator, its default. */
  @Benchmark
  @Fork(jvmArgsAppend = "-Dio.netty.leakDetection.level=disabled")
  public long nettyAdaptive(NettyAdaptive shared, Value value) {
    return roundTrip(shared.allocator, value);
  }

  private static long roundTrip(ByteBufAllocator allocator, Value value) {
    ByteBuf buffer = allocator.directBuffer(BUFFER_BYTES);
    buffer.setLong((int) PUT_AT, value.next++);
    long got = buffer.getLong((int) GET_AT);
    buffer.release();
    return got;
  }

  /** A segment that Stormpot hands out. */
  public static final class PooledSegment extends BasePoolable {
    final MemorySegment segment;

    PooledSegment(Slot slot, MemorySegment segment) {
      super(slot);
      this.segment = segment;
    }
  }

  /** Segments in Stormpot. */
  @State(Scope.Benchmark)
  public static class StormpotPool {
    Pool<PooledSegment> pool;
    private Arena arena;

    /** Starts the pool. */
    @Setup
    public void open() {
      arena = Arena.ofShared();
      pool =
          Pool.fromInline(new SegmentAllocator(arena))
              .setSize(BUFFERS)
              .setExpiration(Expiration.never())
              .setPreciseLeakDetectionEnabled(false)
              .build();
    }

    /** Stops the pool. */
    @TearDown
    public void close() throws InterruptedException {
      pool.shutdown().await(new stormpot.Timeout(10, TimeUnit.SECONDS));
      arena.close();
    }
  }

  private record SegmentAllocator(Arena arena) implements Allocator<PooledSegment> {
    @Override
    public PooledSegment allocate(Slot slot) {
      return new PooledSegment(slot, arena.allocate(BUFFER_BYTES, 64));
    }

    @Override
    public void deallocate(PooledSegment poolable) {}
  }

  /** A thread's tap of Stormpot. */
  @State(Scope.Thread)
  public static class StormpotTap {
    PoolTap<PooledSegment> tap;

    /** Opens the tap. */
    @Setup
    public void open(StormpotPool shared) {
      tap = shared.pool.getSingleThreadedTap();
    }
  }

  /** Stormpot. */
  @Benchmark
  public long stormpot(StormpotTap own, Value value) throws PoolException {
    PooledSegment pooled = own.tap.tryClaim();
    pooled.segment.set(ValueLayout.JAVA_LONG, PUT_AT, value.next++);
    long got = pooled.segment.get(ValueLayout.JAVA_LONG, GET_AT);
    pooled.release();
    return got;
  }

  /** No pool: a confined arena for each use, which zero-fills. */
  @Benchmark
  public long confinedArena(Value value) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment segment = arena.allocate(BUFFER_BYTES, 64);
      segment.set(ValueLayout.JAVA_LONG, PUT_AT, value.next++);
      return segment.get(ValueLayout.JAVA_LONG, GET_AT);
    }
  }
}
