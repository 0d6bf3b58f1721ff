/**
 * Pools across processes: the same memory, no trust, nothing lost when somebody dies.
 *
 * <pre>
 *    exporter's process                                importer's process
 *   +---------------------------+   Unix socket   +--------------------------+
 *   | BufferPool   PoolServer --|-----------------|-- RemotePool             |
 *   |   |  data    read, write  |=================|   read only              |
 *   |   |  words   read, write  |=================|   read only              |
 *   |   |  rings   read, write  |=================|   read only              |
 *   |   |  the importer's words |=================|   read, write            |
 *   |   |  read only            |                 |                          |
 *   +---------------------------+                 +--------------------------+
 * </pre>
 *
 * One process exports:
 *
 * {@snippet class="io.entrepot.reach.ReachExamples" region="export"}
 *
 * <p>Others import, and read what it has written where it lies:
 *
 * {@snippet class="io.entrepot.reach.ReachExamples" region="import"}
 *
 * <p>A frame is for those who have joined when it is published: to miss none, have the feed
 * {@linkplain io.entrepot.flow.Broadcast#retain retain} some for readers that {@linkplain
 * io.entrepot.flow.Start start} with them, or begin when {@linkplain
 * io.entrepot.flow.Broadcast#awaitReaders as many as there are to be} have joined. Who closes the
 * server or the pool takes the memory back: {@linkplain
 * io.entrepot.reach.PoolServer#close(java.time.Duration) with patience}, when all have left. That
 * one frame is read its owner learns by {@link io.entrepot.sharing.SharedBuffer#awaitExclusive}.
 *
 * <p>What is still worked on in one process is a fence in the other. One names it:
 *
 * {@snippet class="io.entrepot.reach.ReachExamples" region="export-fence"}
 *
 * <p>The other waits for it, or has the frame that it holds be kept for it:
 *
 * {@snippet class="io.entrepot.reach.ReachExamples" region="import-fence"}
 *
 * <p><b>Writing.</b> A pool whose exporter is {@linkplain
 * io.entrepot.sharing.SharedMemoryExporter#writableBy writable by} an importer is that importer's
 * alone among those of other processes. One process makes it and serves it:
 *
 * {@snippet class="io.entrepot.reach.ReachExamples" region="grant"}
 *
 * <p>The other writes in place to the frames that it gets, and keeps out whoever would read them
 * meanwhile, in either process:
 *
 * {@snippet class="io.entrepot.reach.ReachExamples" region="write"}
 *
 * <p>Both processes run the same code over words: each has a copy of the pool's state for its own
 * uses, which it alone writes and the other reads. Linux only; elsewhere the classes load and say
 * so.
 *
 * <p><b>Waiting.</b> While both sides are busy neither calls the kernel. A platform thread that
 * waits for the other process spins for a moment and then sleeps there: a reader until the writer
 * has published, and whoever waits for buffers, or for room in a BLOCK reader's queue, until an
 * importer has let go of one; a writer of another process until the exporter's readers have; and
 * whoever waits for a fence of another process, or for a writer in place there, until it has
 * signaled, or is done. It is woken at once, but for a race that costs a millisecond at most, and
 * looks by itself every 10 ms: so long an interrupt, a stall limit or a process that does not
 * behave may take to be noticed. Who waits for importers looks each millisecond where there is
 * something that nobody may tell of, such as a pending fence of its own process, while more than
 * 127 processes import the pool, and on a kernel before Linux 5.16. So does any virtual thread,
 * which must not sleep in the kernel. A signal looks once at each process at the other end, and
 * calls the kernel where threads of it wait for fences.
 *
 * <p>Who may do what, and what makes it so:
 *
 * <table>
 *   <caption>Enforcement across processes</caption>
 *   <thead><tr><th>an importer in another process</th><th>because</th></tr></thead>
 *   <tbody>
 *     <tr><td>cannot write data, nor the exporter's words</td>
 *       <td>the kernel has sealed both against new mappings for writing</td></tr>
 *     <tr><td>can write the data of a pool that was made for it, all of it, and see it; nobody else
 *       elsewhere can do either</td>
 *       <td>the memory is that pool's alone, and its descriptor comes with the answer to that
 *       importer's attach</td></tr>
 *     <tr><td>can keep readers of that pool waiting, in vain even, by saying that it writes</td>
 *       <td>a map waits for writers with a time, and for this one until its process has ended</td>
 *       </tr>
 *     <tr><td>cannot make memory shorter under the exporter</td>
 *       <td>its own words are sealed against shrinking</td></tr>
 *     <tr><td>can keep buffers of its grant from reuse, until it is evicted</td>
 *       <td>the exporter believes its holds, and nothing else that it says</td></tr>
 *     <tr><td>loses nobody a buffer by dying</td>
 *       <td>what it holds stands in its own words, which count as long as it lives</td></tr>
 *     <tr><td>shows nobody half a frame by dying while it writes to it in place</td>
 *       <td>its own words say what it was writing; of that no use begins any more</td></tr>
 *     <tr><td>takes no more memory by joining and leaving again and again than by joining at
 *       once</td>
 *       <td>that of a ring goes when it is left, as soon as no thread is at it, and until then counts
 *       against what its process may join</td></tr>
 *     <tr><td>can end nobody's waiting but for its own fences</td>
 *       <td>an imported fence ends as its exporter's words say, or with an error when they make no
 *       sense or its connection ends</td></tr>
 *     <tr><td>can still read, after a revocation, what it has mapped</td>
 *       <td>no kernel takes a mapping back: revocation ends the grant, not the sight</td></tr>
 *     <tr><td>sees nothing that is acquired after it was cut off without having let go</td>
 *       <td>the pool gets other memory, and hands out nothing before it has it</td></tr>
 *     <tr><td>can still write, after a revocation that it did not answer, to what it was granted to
 *       write</td>
 *       <td>so nothing of that memory is handed out until its process has ended</td></tr>
 *   </tbody>
 * </table>
 */
package io.entrepot.reach;
