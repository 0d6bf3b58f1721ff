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
 *
 * <p><b>Conformance.</b> The kernel's own tests were told anew and hold here; the package of these
 * tests, {@code io.entrepot.conformance}, has a row for each, and says what does not apply:
 *
 * <table>
 *   <caption>Tests of the kernel that hold</caption>
 *   <tr><th>kernel</th><th>tests</th><th>differs here</th></tr>
 *   <tr><td>st-dma-fence.c</td><td>12</td><td>error and signal are one call</td></tr>
 *   <tr><td>st-dma-fence-chain.c</td><td>11</td><td>a dropped point is found signaled</td></tr>
 *   <tr><td>st-dma-fence-unwrap.c</td><td>10</td><td>order of first appearance</td></tr>
 *   <tr><td>st-dma-resv.c</td><td>5, with four usages</td><td>no lock, no restarts</td></tr>
 *   <tr><td>selftests/sync</td><td>10</td><td>points are issued before they are waited for</td></tr>
 * </table>
 */
package io.entrepot.sync;
