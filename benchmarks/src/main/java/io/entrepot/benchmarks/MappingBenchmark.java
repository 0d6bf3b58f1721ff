package io.entrepot.benchmarks;

import io.entrepot.flow.BufferPool;
import io.entrepot.internal.sharing.LanePort;
import io.entrepot.internal.sharing.MappedView;
import io.entrepot.internal.sharing.MappingSlot;
import io.entrepot.internal.sharing.PoolAttachment;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.Importer;
import io.entrepot.sharing.SharedBuffer;
import io.entrepot.sharing.View;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.infra.Blackhole;

/**
 * Row 2: opens one use of a buffer that is there, gets one long, ends the use. Each thread has a
 * buffer of its own.
 *
 * <p><em>Protected</em> is what a cursor of a feed or an owned buffer gives: the caller knows that
 * the buffer is not reused before its slot is stored. <em>Fenced</em> is for a reference that
 * another thread might close meanwhile.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class MappingBenchmark {
  private static final int BUFFER_BYTES = 64 << 10;

  /** A buffer, and a port with a flyweight for it. */
  @State(Scope.Thread)
  public static class Mapping {
    LanePort port;
    MappingSlot slot;
    MappedView flyweight;
    SharedBuffer buffer;
    int index;
    private BufferPool pool;
    private PoolAttachment attachment;

    /** Acquires the buffer and opens the port. */
    @Setup
    public void open() {
      pool = BufferPool.offHeap("benchmark", BUFFER_BYTES, 2);
      attachment = (PoolAttachment) pool.attach(Importer.viewing("benchmark", Access.READ));
      port = attachment.openPort();
      slot = port.flyweightSlot();
      flyweight = port.flyweight(slot);
      buffer = pool.tryAcquire(BUFFER_BYTES);
      index = buffer.index();
    }

    /** Gives everything back. */
    @TearDown
    public void close() {
      buffer.close();
      port.close();
      attachment.close();
      pool.close();
    }
  }

  /** A flyweight under a protection: what taking the next frame of a feed does. */
  @Benchmark
  public long entrepotProtected(Mapping own, Blackhole hole) {
    own.port.store(own.slot, own.index, false);
    return use(own, hole);
  }

  /** A flyweight with a full fence between the slot and the look at the attention words. */
  @Benchmark
  public long entrepotFenced(Mapping own, Blackhole hole) {
    own.port.store(own.slot, own.index, false);
    VarHandle.fullFence();
    return use(own, hole);
  }

  private static long use(Mapping own, Blackhole hole) {
    if (!own.port.admit(own.slot, own.index, false, 0)) {
      throw new IllegalStateException("somebody writes to the buffer");
    }
    own.port.show(own.slot, own.flyweight, false);
    long got = own.flyweight.getLong(0);
    hole.consume(own.flyweight);
    own.port.unmapFlyweight(own.slot, own.flyweight);
    return got;
  }

  /** The public way from a reference: full fence, a look at the state word, a new view. */
  @Benchmark
  public long entrepotNewView(Mapping own, Blackhole hole) {
    try (View view = own.port.map(own.buffer)) {
      hole.consume(view);
      return view.getLong(0);
    }
  }

  /** Memory that arenas re-scope. */
  @State(Scope.Thread)
  public static class Memory {
    MemorySegment bytes;
    private Arena arena;

    /** Allocates. */
    @Setup
    public void open() {
      arena = Arena.ofShared();
      bytes = arena.allocate(BUFFER_BYTES, 64);
    }

    /** Frees. */
    @TearDown
    public void close() {
      arena.close();
    }
  }

  /**
   * A confined arena for each use, whose segment is seen outside: passed on, stored, not inlined.
   */
  @Benchmark
  @SuppressWarnings("restricted")
  public long confinedArenaEscaping(Memory own, Blackhole hole) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment segment = own.bytes.reinterpret(arena, null);
      hole.consume(segment);
      return segment.get(ValueLayout.JAVA_LONG, 0);
    }
  }

  /** A confined arena for each use, all in one method: the JIT makes no objects at all. */
  @Benchmark
  @SuppressWarnings("restricted")
  public long confinedArenaScalarReplaced(Memory own) {
    try (Arena arena = Arena.ofConfined()) {
      return own.bytes.reinterpret(arena, null).get(ValueLayout.JAVA_LONG, 0);
    }
  }

  /** A shared arena for each use: the only arena that another thread can close. */
  @Benchmark
  @SuppressWarnings("restricted")
  public long sharedArena(Memory own, Blackhole hole) {
    try (Arena arena = Arena.ofShared()) {
      MemorySegment segment = own.bytes.reinterpret(arena, null);
      hole.consume(segment);
      return segment.get(ValueLayout.JAVA_LONG, 0);
    }
  }
}
