/**
 * Views as buffers of Agrona, so that codecs of SBE and whatever else takes a {@link
 * org.agrona.DirectBuffer} or {@link org.agrona.MutableDirectBuffer} work on them. The address
 * stays hidden, no byte is reached but through the view, and no JVM flag is needed.
 *
 * <p>{@link io.entrepot.agrona.ViewBuffer} reads a {@link io.entrepot.sharing.View}, {@link
 * io.entrepot.agrona.WritableViewBuffer} reads and writes a {@link
 * io.entrepot.sharing.WritableView}. One of them does for a whole loop:
 *
 * {@snippet class="io.entrepot.agrona.QuoteFeed" region="loop"}
 *
 * <h2>What works</h2>
 *
 * <p>Every method that is not in the tables below does what {@code UnsafeBuffer} does, which the
 * tests compare: bounds, byte order (native unless one is given), numbers and strings as ASCII,
 * with a length before them or without, UTF-8, bytes to and from arrays, {@code ByteBuffer}s and
 * other buffers, {@code compareTo}, {@code hashCode}. {@code equals} holds, as in Agrona, among
 * buffers of one kind, here those over views. Single values and copies allocate nothing; an array
 * of 4 KiB is made once where bytes go between a view and a buffer that is none.
 *
 * <p>In four places they are stricter than Agrona:
 *
 * <ul>
 *   <li>Bounds are always checked, whatever {@code agrona.disable.bounds.checks} says.
 *   <li>A {@code ByteBuffer} that is read-only is not written to: {@link
 *       java.nio.ReadOnlyBufferException}.
 *   <li>A negative number is no natural number: {@link IllegalArgumentException}.
 *   <li>A view of 2 GiB or more is not wrapped, for indexes are {@code int}s: {@link
 *       IllegalArgumentException}.
 * </ul>
 *
 * <h2>One-way methods</h2>
 *
 * <p>These throw {@link java.lang.UnsupportedOperationException}:
 *
 * <table>
 *   <caption>Methods of a buffer over a view that throw</caption>
 *   <thead><tr><th>method</th><th>why</th><th>instead</th></tr></thead>
 *   <tbody>
 *     <tr><td>{@code addressOffset()}</td><td>who has the address can read and write when the view is
 *       closed</td><td>{@code getBytes}, {@code putBytes} of the view's buffer</td></tr>
 *     <tr><td>{@code byteArray()}</td><td>there is none, and {@code null} sends callers on to the
 *       address</td><td>the same</td></tr>
 *     <tr><td>{@code byteBuffer()}</td><td>it would reveal the address</td><td>the same</td></tr>
 *     <tr><td>{@code wrapAdjustment()}</td><td>it is of use only beside the three above</td>
 *       <td>indexes start at the first byte of the view</td></tr>
 *     <tr><td>{@code wrap(byte[])}</td><td>these buffers show views only</td>
 *       <td>{@link io.entrepot.agrona.ViewBuffer#wrap(io.entrepot.sharing.View) wrap(View)}</td></tr>
 *     <tr><td>{@code wrap(byte[], int, int)}</td><td>the same</td><td>the same</td></tr>
 *     <tr><td>{@code wrap(ByteBuffer)}</td><td>the same</td><td>the same</td></tr>
 *     <tr><td>{@code wrap(ByteBuffer, int, int)}</td><td>the same</td><td>the same</td></tr>
 *     <tr><td>{@code wrap(DirectBuffer)}</td><td>the same</td><td>the same</td></tr>
 *     <tr><td>{@code wrap(DirectBuffer, int, int)}</td><td>the same</td>
 *       <td>{@code wrap(view.slice(offset, length))}</td></tr>
 *     <tr><td>{@code wrap(long, int)}</td><td>the same</td><td>{@code wrap(View)}</td></tr>
 *   </tbody>
 * </table>
 *
 * <p>Classes of Agrona that reach for the address of a buffer which they are given get the same
 * exception when it is one over a view. With {@code ours} for that buffer:
 *
 * <table>
 *   <caption>Calls that work one way only</caption>
 *   <thead><tr><th>throws</th><th>works</th></tr></thead>
 *   <tbody>
 *     <tr><td>{@code unsafe.putBytes(i, ours, j, n)}, and so Aeron's {@code publication.offer(ours)},
 *       {@code ringBuffer.write(type, ours, j, n)}, {@code transmitter.transmit}</td>
 *       <td>{@code ours.getBytes(j, unsafe, i, n)}; {@code publication.tryClaim} and then {@code
 *       ours.getBytes(j, claim.buffer(), claim.offset(), n)}</td></tr>
 *     <tr><td>{@code expandable.putBytes(i, ours, j, n)}</td>
 *       <td>{@code ours.getBytes(j, expandable, i, n)}</td></tr>
 *     <tr><td>{@code unsafe.wrap(ours)}, {@code new UnsafeBuffer(ours)}, {@code wrapX} of an SBE
 *       codec into an {@code UnsafeBuffer}</td>
 *       <td>{@code getX} of the codec, into an array or a buffer</td></tr>
 *     <tr><td>{@code unsafe.compareTo(ours)}</td><td>{@code -ours.compareTo(unsafe)}</td></tr>
 *     <tr><td>{@code new AtomicCounter(ours, id)}, {@code BufferUtil.free(ours)}</td>
 *       <td>the atomic accessors of {@link io.entrepot.sharing.WritableView}</td></tr>
 *   </tbody>
 * </table>
 *
 * <p>{@code unsafe.getBytes(i, ours, j, n)}, which a fragment handler of Aeron calls, works: it
 * calls {@code ours.putBytes}.
 */
package io.entrepot.agrona;
