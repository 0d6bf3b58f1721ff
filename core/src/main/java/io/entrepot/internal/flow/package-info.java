/**
 * The rings of readers, and what stands behind the pools and queues.
 *
 * <pre>
 *  a feed      RingBroadcast   its rings: who is put in, told, taken out, and closed
 *              FarFeed         one whose writer is in another process
 *              WriterSeat      one writer at a time
 *              Joining         how readers of this process join, either feed
 *              Retention       what is kept for late joiners: History, copied to a Backlog
 *              RingLooks       who is at the rings; Publishing: whether the writer is
 *  the writer  RingWriter      the way of a frame: room, who gets it, the pushes
 *              Dropping        a buffer from DROP_OLDEST readers, where the pool is empty
 *              Eviction        readers that stand still for too long, by their Stall
 *  a reader    RingReader      of this process: its ReaderRings, and ports
 *              FarReader       of another process, as the writer sees it
 *              RingPort        the way of a frame: looked at, claimed, mapped or held
 *              NextEntry       which frame is next; NoFrame: why none is
 *  a ring      ReaderRing      the protocol of its three sides
 *              RingDescriptor  its words; RingPlaces: where they are; FailureText: one of them
 *              RingSleepers    who sleeps at it, of another process
 *              Departure       how a reader leaves it, whose writer is in another process
 * </pre>
 */
package io.entrepot.internal.flow;
