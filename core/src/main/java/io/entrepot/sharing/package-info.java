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
 */
package io.entrepot.sharing;
