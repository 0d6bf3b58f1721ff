package io.entrepot.flow;

/**
 * Numbers of a pool, read without stopping anybody: each is right by itself, together they are of
 * no one instant.
 *
 * @param buffers all buffers
 * @param free buffers that are free now, and handed out to whoever wants one: none while they are
 *     withheld
 * @param maxInUse most buffers that were found in use at a time: owned, published, mapped, leased
 *     or with pending fences. Looked at with every pass over the buffers, which a thread makes that
 *     finds no free one, and with these numbers: a pool that was ever empty tells all its buffers,
 *     another one at least what it had in use at a pass, which may have been more between two.
 *     Buffers that another thread is just making free count as in use; those that a port keeps for
 *     itself and has not acquired do not
 * @param acquires buffers handed out
 * @param releases buffers given back without having been published
 * @param publishes buffers published by writers' ports
 * @param maps mappings made
 * @param openMappings mappings open now
 * @param waits calls that had to wait for a buffer
 * @param timeouts calls that waited in vain
 * @param reclaims passes that made buffers free
 * @param reclaimed buffers that passes made free
 * @param leases leases given to native code
 * @param leasesReturned leases that came back
 * @param windows CPU windows opened
 * @param bounces copies through a bounce buffer
 * @param bouncedBytes bytes so copied
 * @param attaches attachments made
 * @param refusals attachments refused
 * @param revocations revocations
 * @param forcedCloses revocations that closed views by force
 * @param quarantined buffers that were left in quarantine so far, by revocations: all of them, each
 *     time that a process which may write to them was cut off and went on. How many are there now
 *     withheld tells
 * @param reapedPorts ports taken back from threads that ended without closing them
 * @param replacements memories that the pool got because a process which was cut off may still see
 *     the one before
 * @param oldMemories such memories that stand beside the one in which buffers are handed out now:
 *     the process lives, or buffers in use lie there
 * @param oldBytes bytes of them
 * @param withheld buffers that nobody uses and that are not handed out now: such a process may see
 *     their memory, and there is no other yet; or one that may write to it was cut off and lives
 */
public record PoolStatistics(
    int buffers,
    int free,
    int maxInUse,
    long acquires,
    long releases,
    long publishes,
    long maps,
    int openMappings,
    long waits,
    long timeouts,
    long reclaims,
    long reclaimed,
    long leases,
    long leasesReturned,
    long windows,
    long bounces,
    long bouncedBytes,
    long attaches,
    long refusals,
    long revocations,
    long forcedCloses,
    long quarantined,
    long reapedPorts,
    long replacements,
    int oldMemories,
    long oldBytes,
    int withheld) {}
