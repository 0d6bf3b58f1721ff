/**
 * The words of buffers and lanes, and the algorithms over them.
 *
 * <p>Nothing here knows exporters, attachments, ports or views: those stand above, and hand in what
 * they are asked for. It works on words, so models of it run on words of the heap.
 *
 * <pre>
 *   what lies where     {@link PoolDescriptor}
 *   one word            {@link BufferStates}, {@link Places}
 *   a lane              {@link Lanes}, {@link OwnedBuffer}
 *   getting a buffer    {@link FreeBuffers}, {@link ReadyBuffers}, {@link Reclaimer},
 *                       {@link CleaningOnRelease}
 *   writing in place    {@link InPlaceWriters}, {@link LostWrites}
 *   who else uses it    {@link OtherUses}, {@link OldFences}
 *   other processes     {@link Peers}, {@link PeerWords}, {@link ExporterWords}, {@link SharedDomain}
 *   where bytes are     {@link PoolMemories}
 *   what is counted     {@link PoolCounter}, {@link PoolNumbers}
 *   all of a pool       {@link Bookkeeping}
 * </pre>
 */
package io.entrepot.internal.buffers;
