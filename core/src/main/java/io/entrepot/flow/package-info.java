/**
 * Buffer pools and the queues between threads: where most users start.
 *
 * <pre>
 *            acquire            publish               next
 *   pool ------------> writer ----------> broadcast ------> reader's port
 *     ^                                                        |
 *     +------------------- when nobody uses it ----------------+
 * </pre>
 *
 * <p>A {@link io.entrepot.flow.BufferPool} hands out buffers of an exporter. A {@link
 * io.entrepot.flow.Broadcast} carries filled buffers from one writer to many readers; each reader
 * has a depth and an {@link io.entrepot.flow.Overflow} policy. Attaching, mapping and fences happen
 * underneath, in {@link io.entrepot.sharing} and {@link io.entrepot.sync}, one call below for those
 * who need them.
 */
package io.entrepot.flow;
