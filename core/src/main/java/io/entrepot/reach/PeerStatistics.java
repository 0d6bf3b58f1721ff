package io.entrepot.reach;

/**
 * What has come of the processes that connected to a {@link PoolServer}. Each that was admitted is
 * connected still, or has left, or was cut off, or evicted.
 *
 * @param connected processes that are served now
 * @param admitted processes that were admitted so far
 * @param refused processes that were turned away: not admitted, or one too many at a time
 * @param left processes that closed their pool or ended
 * @param cutOff processes that sent what is no message, or what makes no sense
 * @param evicted processes that did not let go of revoked memory in time, or that {@link
 *     PoolServer#evict} was called for
 * @param faults rings that were closed because their reader's words made no sense
 */
public record PeerStatistics(
    long connected,
    long admitted,
    long refused,
    long left,
    long cutOff,
    long evicted,
    long faults) {}
