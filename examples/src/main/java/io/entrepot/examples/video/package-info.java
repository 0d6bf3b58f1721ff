/**
 * A video pipeline: FFmpeg decodes straight into pool slots, and an analyser and a transcoder work
 * on every frame where it is.
 *
 * <pre>
 *   Demuxer -> Decoder --get_buffer2--> PoolFrameAllocator        who waits for a slot, and where
 *                 |                           |
 *                 v                           v
 *          FramePublisher --publish--> FrameFeed --view--> Analyser --> ContactSheet
 *                                             +----lease-> Transcoder -> OutputFile
 * </pre>
 *
 * <p>Read {@code PipelineRun} first, then {@code PoolFrameAllocator}, {@code DecoderSlot} and
 * {@code Transcoder}: they show how memory that Java owns is lent to a native library which decides
 * by itself when it is done.
 *
 * <p>{@code VideoProcesses} is the same in three processes, made of the same classes. Frames are
 * decoded into shared memory, which the others have mapped read-only, and looked at and encoded
 * where they lie:
 *
 * <pre>
 *        the decoder's process                               an importer's process, VideoImporter
 *   +-------------------------------+                       +------------------------------------+
 *   | Demuxer -> Decoder            |                       |                                    |
 *   |               | get_buffer2   |        frames         |                                    |
 *   |               v               |     shared memory,    |                                    |
 *   | ServedPools: slots, a socket  |======================>| RemotePool --view--> Analyser      |
 *   |    for each geometry          |   mapped read-only    |     or     --lease-> Transcoder    |
 *   |               ^               |                       |                           |        |
 *   |               | gives back    |   pipe, JSON lines    |                           v        |
 *   | ImporterProcess (one each) <--|<----- Told -----------| ToldLog               OutputFile   |
 *   |               |            ---|------ Order --------->| ImporterThread                     |
 *   |               v               |                       +------------------------------------+
 *   | RunLog -> report              |
 *   +-------------------------------+
 * </pre>
 *
 * <p>What a process holds the pool reads in that process's own words, and takes back when it dies;
 * FFmpeg's decoders look at their own references to decide whether they may write to a frame again.
 * So an importer also tells when it is done with a frame, and {@code ImporterProcess} keeps it
 * referenced until then, or until the process has ended. The rest of what is told becomes the
 * report: all of it at once when it happens, so that what a process did before it was killed is in
 * the report too.
 *
 * <table>
 *   <caption>When one of the three is lost</caption>
 *   <thead><tr><th>what happens</th><th>the others</th><th>exit code</th></tr></thead>
 *   <tbody>
 *     <tr><td>an importer is killed by a signal</td>
 *       <td>go on to the end; the report tells of it</td><td>0</td></tr>
 *     <tr><td>an importer says why it fails, crashes, or stands still for longer than {@code
 *       video.patience}</td>
 *       <td>go on to the end; the report tells of it</td><td>1</td></tr>
 *     <tr><td>both importers are lost</td>
 *       <td>the decoder ends, without a report</td><td>1</td></tr>
 *     <tr><td>the decoder fails, or is killed</td>
 *       <td>end, without a report</td><td>1, or the signal's</td></tr>
 *   </tbody>
 * </table>
 */
package io.entrepot.examples.video;
