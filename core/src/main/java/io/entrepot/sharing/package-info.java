/**
 * Who may do what with a buffer: exporters, importers, and what is negotiated between them.
 *
 * <pre>
 *   Exporter --offers--+                  +--needs-- Importer
 *                      v                  v
 *                      +-- negotiation ---+
 *                               |
 *                           Attachment          (one importer, all buffers of a pool)
 *                               |  open
 *                             Port              (one thread)
 *                               |  map
 *        View      CpuWindow      NativeLease      channel transfer
 * </pre>
 *
 * <p>The {@link io.entrepot.sharing.Exporter} is in control. An importer gets what both sides
 * agreed on and nothing else; the type system, {@code MemorySegment} scopes and the module system
 * enforce it:
 *
 * <table>
 *   <caption>Mapping types</caption>
 *   <tr><th>type</th><th>the importer gets</th><th>ends</th><th>by force</th></tr>
 *   <tr><td>VIEW</td><td>typed, bounded access</td><td>close</td><td>yes</td></tr>
 *   <tr><td>CHANNEL_IO</td><td>bytes moved for it</td><td>the call returns</td><td>no</td></tr>
 *   <tr><td>CPU_WINDOW</td><td>a raw segment</td><td>close</td><td>no</td></tr>
 *   <tr><td>NATIVE_POINTER</td><td>an address</td><td>the library lets go</td><td>no</td></tr>
 * </table>
 *
 * <p>An importer that reads and writes through views:
 *
 * {@snippet class="io.entrepot.sharing.SharingExamples" region="view"}
 *
 * <p>One that needs the raw memory asks for it, and is told whether and how:
 *
 * {@snippet class="io.entrepot.sharing.SharingExamples" region="window"}
 *
 * <p>What cannot be ended by force is quarantined by a revocation: it is handed out to nobody until
 * it comes back by itself.
 *
 * {@snippet class="io.entrepot.sharing.SharingExamples" region="revoke"}
 *
 * <h2>Implicit and explicit synchronisation</h2>
 *
 * <p>Work on a buffer that goes on when its mapping has ended, because a codec, a GPU or another
 * thread does it, has a {@link io.entrepot.sync.Fence}. A use that ends with such a fence leaves it
 * with the buffer:
 *
 * {@snippet class="io.entrepot.sharing.SharingExamples" region="until"}
 *
 * <p><b>Implicitly</b>, whoever uses the buffer next waits for what was left there. Nobody needs to
 * be told of anybody else, and nobody can forget to wait:
 *
 * {@snippet class="io.entrepot.sharing.SharingExamples" region="implicit"}
 *
 * <p><b>Explicitly</b>, fences travel with the frames, and who uses a buffer says itself what for.
 * It waits for no more than that, and answers for it:
 *
 * {@snippet class="io.entrepot.sharing.SharingExamples" region="explicit"}
 *
 * <table>
 *   <caption>Which one when</caption>
 *   <tr><th>you have</th><th>take</th><th>because</th></tr>
 *   <tr><td>work that ends when its view, window or transfer does</td><td>implicit</td>
 *       <td>there is no fence: the mapping is all that others wait for</td></tr>
 *   <tr><td>a decoder or encoder behind its own queue, and consumers that do not know of it</td>
 *       <td>implicit, with a fence at its end</td><td>they wait without being told</td></tr>
 *   <tr><td>a graph, such as camera, GPU and encoder, in which each stage gets its frame with the
 *       fence of the stage before</td>
 *       <td>explicit, with a fence at the end</td>
 *       <td>a stage waits for its frame, not for side branches of the graph</td></tr>
 *   <tr><td>several at work on different planes or tiles of a buffer</td><td>explicit</td>
 *       <td>the fences of a buffer are of all of it: implicitly they would take turns</td></tr>
 *   <tr><td>a fence of a graphics API, of a future or of another pool to wait for</td>
 *       <td>explicit</td><td>a reservation holds points of its own pool's timelines only, but any
 *       fence can be waited for</td></tr>
 *   <tr><td>a doubt</td><td>implicit</td><td>it waits too long at worst</td></tr>
 * </table>
 *
 * <p>The two meet in one buffer. Who waits explicitly still ends with a fence, for the sake of
 * those who do not; and what is left with a buffer becomes one fence, to be handed on:
 *
 * {@snippet class="io.entrepot.sharing.SharingExamples" region="bridge"}
 *
 * <p>Two things are never given up. The exporter's own moves and a writer in place are waited for
 * by everybody. And no buffer is reused while a fence is left with it, whoever waits for that.
 */
package io.entrepot.sharing;
