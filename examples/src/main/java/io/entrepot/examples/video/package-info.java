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
 */
package io.entrepot.examples.video;
