/**
 * Beyond one machine: frames of a pool travel to other hosts over Aeron, into a pool there.
 *
 * <pre>
 *        one host                                                another host
 *
 *   writer -&gt; feed -&gt; {@link FrameSender}                          {@link FrameReceiver} -&gt; feed -&gt; readers
 *    |                   | tryClaim, copy              copy |              |
 *    v                   v                                  |              v
 *   pool             term buffer   ~~~ UDP, Aeron ~~~&gt;  term buffer       pool
 * </pre>
 *
 * <p><b>Copies.</b> A frame is copied once on each side, between the pool's buffer and the
 * network's own, in fragments that begin with a {@link FragmentDescriptor}; {@link TermCopy} counts
 * the bytes. No byte of a pool is shown to Aeron: the bytes are read and written through views.
 * ({@code offer}, which takes a raw buffer, copies just as often.)
 *
 * <p><b>Back-pressure.</b> It runs from the last reader to the first writer:
 *
 * <pre>
 *   reader there has no room, or no buffer is free there
 *     -&gt; the receiver puts fragments off (for a time that is given, then it drops the frame)
 *     -&gt; Aeron's window fills up
 *     -&gt; the sender's claims fail, the frame at hand stays mapped
 *     -&gt; the feed's policy decides here: BLOCK holds the writer up, DROP_OLDEST and DROP_NEWEST drop
 * </pre>
 *
 * <p>Both sides count what is lost where: {@link FrameSender.Sent}, {@link
 * FrameAssembler.Received}.
 *
 * <p><b>Trust.</b> The receiver believes nothing that comes off the wire, but neither does it know
 * who sends it: that is for the network to see to.
 *
 * <p>Start at {@link TwoProcesses}; read {@link FrameSender}, {@link ClaimOutlet}, {@link
 * FrameAssembler}.
 */
package io.entrepot.examples.aeron;
