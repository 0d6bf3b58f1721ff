/**
 * The program {@code entrepot}: pools over shared memory, seen from outside.
 *
 * <pre>
 * $ java -jar entrepot.jar list
 *   PID  POOL    SINCE                BUFFERS  SIZES                      BYTES  FREE  OWNED  PUBLISHED  RETIRED  MOST USED  PEERS
 * 10504  camera  2026-11-27 13:07:47       16  12 x 64 KiB + 4 x 1 MiB  4.8 MiB    10      3          3        0          0      1
 *
 * $ java -jar entrepot.jar dump camera
 * pool 'camera' of process 10504 since 2026-11-27 13:07:47: 16 buffers (12 x 64 KiB + 4 x 1 MiB), 10 free
 *   acquires=6 publishes=3 maps=6 open mappings=3 most used=0
 *   buffer 0 PUBLISHED holds=2 generation=1 acquired by lane 1 5003 ms ago, mapped for READ by lane 0, used by process 10988 mapped for READ by lane 0
 *   buffer 1 PUBLISHED holds=2 generation=1 acquired by lane 1 5003 ms ago, used by process 10988 mapped for READ by lane 0
 *   buffer 2 PUBLISHED holds=2 generation=1 acquired by lane 1 5003 ms ago
 *   buffer 3 OWNED holds=1 generation=1 acquired by lane 2 5003 ms ago, mapped for WRITE by lane 2
 *   buffer 4 OWNED holds=1 generation=1 acquired by lane 1 5003 ms ago, mapped for WRITE by lane 1
 *   buffer 12 OWNED holds=1 generation=1 acquired by reference 5003 ms ago, fences: READ timeline 0:1
 *   REFERENCE_ACQUIRES=1
 *   ATTACHES=4
 *
 * $ java -jar entrepot.jar top --every 0.5
 * </pre>
 *
 * <p>It needs this library's jar alone. It finds the control words of pools by the descriptors that
 * {@code /proc} shows of each process, maps them for reading, and reads. The exporter's process
 * makes no step for it and cannot tell that it is looked at, whether it serves the pool or not; the
 * data is not touched. So it also shows what a process holds that hangs, or that is stopped by a
 * debugger.
 *
 * <p>What is seen is what the words say at that moment:
 *
 * <ul>
 *   <li>Importers, ports and timelines have names on the heap of their process alone; here they are
 *       lanes and timelines by number. A {@linkplain io.entrepot.flow.BufferPool#dump() dump of the
 *       pool} itself has the names.
 *   <li>Nothing is made free before it is counted, as the pool does for its own statistics: a frame
 *       that all readers have passed is PUBLISHED until the pool looks for free buffers, and so is
 *       the most that was used what the pool has found at such looks.
 *   <li>A process that imports a pool is a peer of the exporter's. What it uses stands in words
 *       that it writes itself, of which the exporter keeps the descriptor; its mappings are not
 *       counted with those of the exporter's process.
 *   <li>Processes have the numbers by which this one knows them. Of one in a container, that is in
 *       a pid namespace of its own, a dump also has the number there; its peers have theirs as it
 *       knows them, which the dump says.
 *   <li>Pools over {@link io.entrepot.sharing.SharedMemoryExporter} are seen; the words of all
 *       others are memory of their process alone.
 * </ul>
 *
 * <p>Any process of this user can have a file open that has a name of ours. What is no memory of
 * the kernel's is not opened, so that nobody can have it wait. Of the memories, what is not sealed
 * against shrinking, growing and writing, or does not fit what it says of itself, is named in one
 * line on the error stream and passed over; so is, for that moment, a pool that is just being made.
 */
package io.entrepot.tools;
