/**
 * Measures the paths that are to be the fastest there are, each beside its peers in the same run.
 *
 * <pre>
 *   PoolRoundTripBenchmark   row 1    acquire + map + put + get + unmap + release
 *   MappingBenchmark         row 2    map + unmap
 *   ViewAccessBenchmark      row 3    view access, loop and single
 *   FenceBenchmark           row 4    fence add + signal, test of 16
 *   WakeUpBenchmark          row 4    wake-up of a parked waiter
 *   WakeUpLatencyBenchmark   row 4    the same as histograms, of spinning waiters too
 *   ChainBenchmark           row 4    chains of fences, by their length
 *   PingPongBenchmark        row 5    a frame to another thread and back
 *   ProcessPingPongBenchmark row 5    a frame to another process and back
 *   PairedPingPongBenchmark  row 5    frames in turns with bare words, in one JVM
 *   HandOverLatencyBenchmark row 5    the same as histograms
 *   HandOverBenchmark        row 5    a stream of frames to another thread
 *   ProcessHandOverBenchmark row 5    a stream of frames to another process
 *   ReservationSetBenchmark  (none)   jobs over several buffers
 * </pre>
 *
 * <p>Rows and targets are those of the design. {@link io.entrepot.benchmarks.Catalogue} says what
 * is compared with what and what must be reached; {@link io.entrepot.benchmarks.BenchmarkSuite}
 * runs it all and writes {@code RESULTS.md}. Paths that the public API has only in the middle of
 * longer ones are measured on the internal classes that those use.
 */
package io.entrepot.benchmarks;
