package io.entrepot.sync;

/**
 * What a wait for points of {@link SyncObject}s is for, and what it makes of a point that has no
 * fence yet.
 *
 * <table>
 *   <caption>The flags of the kernel's drm_syncobj waits</caption>
 *   <tr><th>here</th><th>kernel</th><th>point without a fence</th><th>ends with</th></tr>
 *   <tr><td>{@link #SIGNALED}</td><td>none</td><td>refused</td><td>the signal</td></tr>
 *   <tr><td>{@link #SUBMITTED_AND_SIGNALED}</td><td>WAIT_FOR_SUBMIT</td>
 *       <td>waited for</td><td>the signal</td></tr>
 *   <tr><td>{@link #SUBMITTED}</td><td>WAIT_AVAILABLE, with WAIT_FOR_SUBMIT or without</td>
 *       <td>waited for</td><td>the fence being there</td></tr>
 * </table>
 */
public enum SyncWait {
  /** Until signaled. Every point has to have a fence when the wait begins. */
  SIGNALED,
  /** Until there is a fence, and that is signaled. */
  SUBMITTED_AND_SIGNALED,
  /** Until there is a fence, signaled or not. */
  SUBMITTED
}
