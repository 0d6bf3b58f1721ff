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
 * who need them. One thread writes:
 *
 * {@snippet class="io.entrepot.flow.FeedExamples" region="write"}
 *
 * <p>Others, each with a port of its own, read what it has written where it lies:
 *
 * {@snippet class="io.entrepot.flow.FeedExamples" region="read"}
 *
 * <p>What to choose:
 *
 * <table>
 *   <caption>Choices of a user and where they are made</caption>
 *   <thead><tr><th>what</th><th>where</th><th>unless chosen</th></tr></thead>
 *   <tbody>
 *     <tr><td>what happens when a reader falls behind</td>
 *       <td>{@link io.entrepot.flow.Overflow}, at join</td><td>always chosen</td></tr>
 *     <tr><td>how far it may fall behind</td><td>depth, at join</td>
 *       <td>{@link io.entrepot.flow.Broadcast#DEFAULT_DEPTH}</td></tr>
 *     <tr><td>whether it sees frames from before it came</td>
 *       <td>{@link io.entrepot.flow.Start}, at join, of those that the feed {@linkplain
 *       io.entrepot.flow.Broadcast#retain retains}</td><td>no</td></tr>
 *     <tr><td>whether its threads share the frames</td>
 *       <td>{@link io.entrepot.flow.Division}, at join</td><td>each sees all</td></tr>
 *     <tr><td>how a thread waits</td>
 *       <td>{@code IdleStrategy}, where a writer or port is opened</td><td>spin, then park</td></tr>
 *     <tr><td>how long it waits</td><td>each call</td><td>always chosen</td></tr>
 *     <tr><td>how it gets at the bytes</td>
 *       <td>{@link io.entrepot.sharing.Importer} or attachment</td><td>views</td></tr>
 *   </tbody>
 * </table>
 *
 * <p>A pool needs a buffer for whatever is held at a time: the frames unread by the reader that is
 * furthest behind, those that readers have mapped, kept or leased, the one that is being written,
 * and those that a codec keeps inside. With fewer everybody waits for everybody, until a time-out.
 */
package io.entrepot.flow;
