/**
 * Fences, timelines and reservations: who has finished what, and who is still at work on a buffer.
 *
 * <pre>
 *   Timeline "gpu"    1 ---- 2 ---- 3 ---- 4        signaled = 2, issued = 4
 *                                   |
 *   Reservation of buffer 7:  { WRITE gpu:3, READ cpu:9 }
 * </pre>
 *
 * <p>A {@link io.entrepot.sync.Timeline} issues points and signals them in order. A {@link
 * io.entrepot.sync.Fence} is one point as an object. A {@link io.entrepot.sync.Reservation} holds
 * the pending points of one buffer, each with a {@link io.entrepot.sync.Usage} that says who has to
 * wait for it. The model is that of the kernel's dma-fence and dma-resv ("Buffer Sharing and
 * Synchronization", driver-api/dma-buf); where the kernel's writers lock, these are lock-free.
 *
 * <p>Outside of reservations there are fences of their own ({@link
 * io.entrepot.sync.SignalableFence}), all of several ({@link io.entrepot.sync.FenceArray}), one
 * after the other ({@link io.entrepot.sync.FenceChain}), and what merges and awaits them ({@link
 * io.entrepot.sync.Fences}). A {@link io.entrepot.sync.FenceIssuer} is told who waits; a {@link
 * io.entrepot.sync.FenceWatchdog} ends what does not answer. A {@link io.entrepot.sync.SyncObject}
 * is a slot for a fence that two parties know before there is one.
 *
 * <p>{@link io.entrepot.sync.Jobs} puts it together: work that waits for fences and buffers, runs
 * on an executor, and whose fence is signaled whatever becomes of it.
 */
package io.entrepot.sync;
