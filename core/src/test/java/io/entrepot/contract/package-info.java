/**
 * The contracts C1 to C13, each told by tests that are named after it.
 *
 * <p>What holds for an importer or reader is told once, and run in both forms: in the pool's
 * process, and behind a socket as in another process ({@code Form}). What differs there, as {@code
 * RemotePool} says, is a method of {@code Place}. Tests that run in one form only say why; {@code
 * ContractTableTest} reads this.
 *
 * <pre>
 * C1, exporter in control:
 *   C1ExporterInControlTest | in process; the brackets of an exporter, and what goes into buffers
 *   C1NegotiatedAccessTest | both forms
 *   C1RawAccessTest | both forms
 * C2, negotiation at attach:
 *   C2ExportersTest | in process; memory as its exporter has promised it
 *   C2NegotiationAtAttachTest | both forms
 * C3, the view:
 *   C3BoundedViewTest | both forms
 *   C3BulkTest | both forms
 *   C3BulkWritesTest | in process; elsewhere one importer alone writes, by the same views
 *   C3CheckedFlyweightsTest | both forms
 *   C3LargeBuffersTest | in process; shared memory has no holes, so elsewhere 2 GiB once
 *   C3SlicesTest | both forms
 *   C3TemporalViewTest | both forms
 *   C3ValuesTest | both forms
 * C4, fences:
 *   C4AwaitedFencesTest | both forms
 *   C4C11DeadProducersTest | in process; producers are
 *   C4ContainersAndIssuersTest | in process; fences are objects of the process that issues them
 *   C4FencesTest | in process; fences are objects of the process that issues them
 *   C4JobsTest | in process; jobs take part in reservations of their own process
 * C5, reservations:
 *   C5AwaitedFencesTest | both forms
 *   C5ExplicitEndsTest | both forms
 *   C5ExplicitSyncTest | in process; fences of writers and owners
 *   C5ExplicitUsesTest | both forms
 *   C5LostSetsTest | in process; sets take part in reservations of their own process
 *   C5ReservationSetsTest | in process; sets take part in reservations of their own process
 *   C5ReservationsTest | in process; the slots of owners and writers
 * C6, no reuse before the last reader:
 *   C6ExclusiveUseTest | both forms
 *   C6NoReuseBeforeTheLastReaderTest | both forms
 *   C6ZeroedOnReleaseTest | in process; elsewhere it is told by C13WritingSecretsTest
 * C7, revocation:
 *   C7ForcedRevocationTest | both forms
 *   C7QuarantineTest | both forms
 *   C7QuarantinedWritesTest | in process; elsewhere nobody owns
 *   C7RevocationOrderTest | both forms
 *   C7RevokedFeedsTest | both forms
 *   C7RevokedFencesTest | both forms
 *   C7RevokedWritersTest | in process; writers elsewhere are told by C13WritingImporterTest
 * C8, empty pool and queue policies:
 *   C8AttachedFeedsTest | in process; writers, and frames that they pass on
 *   C8AttachedReadersTest | both forms
 *   C8BacklogsTest | both forms
 *   C8EmptyPoolTest | in process; buffers are acquired where the pool is
 *   C8EndOfStreamTest | both forms
 *   C8ForwardedFramesTest | in process; feeds are written to where the pool is
 *   C8FramesTest | both forms
 *   C8IdleStrategyTest | both forms
 *   C8KeptBuffersTest | in process; buffers are kept by who acquires them
 *   C8LateJoinersTest | both forms
 *   C8QueuePoliciesTest | both forms
 *   C8ReaderNumbersTest | both forms
 *   C8ReadersTest | both forms
 * C9, zero copies, zero garbage:
 *   C9ReadersZeroGarbageTest | both forms
 *   C9ZeroGarbageTest | in process; what owners and writers do
 * C10, no flags:
 *   C10NoFlagsTest | in process; one JVM is asked what it needs
 * C11, bounded waiting:
 *   C11AwaitedReadersTest | both forms
 *   C11BoundedWaitingTest | in process; waits of owners and writers, and for fences of theirs
 *   C11BusyBuffersTest | both forms
 *   C11InPlaceWritersTest | both forms
 *   C11ReadersWaitingTest | both forms
 *   C11VirtualThreadsTest | in process; all threads share one carrier, the server's would too
 * C12, closing and ownership:
 *   C12ClosingTest | in process; what a pool says of its holders
 *   C12EndedThreadsTest | in process; nobody sees the threads of another process end
 *   C12ImportersTest | both forms
 *   C12OwnershipTest | in process; memory is owned where the pool is
 *   C12PublishedBuffersTest | both forms
 * C13, across processes:
 *   C13AcrossProcessesTest | across processes; real processes that are really killed
 *   C13DescriptorLimitTest | across processes; what each side says when it lacks descriptors
 *   C13EndsTest | across processes; the ends of a connection, which only one elsewhere has
 *   C13FencedFramesTest | across processes; frames of a process that is really killed
 *   C13FencesOfProcessesTest | across processes; fences of processes that are really killed
 *   C13FencesTest | across processes; each side imports the other's
 *   C13HugePagesTest | across processes; memory that another process reads
 *   C13InPlaceWritersTest | across processes; references and leases of a real one
 *   C13LateJoinersTest | across processes; late joiners that are really killed, and stopped
 *   C13LostWritesTest | across processes; one that may write, killed in the midst of a frame
 *   C13MemoryLimitTest | across processes; limits of a process that is made for it
 *   C13ReplacedMemoryTest | across processes; real processes that are stopped and cut off
 *   C13SecretMemoryTest | in process; memory that no other is given
 *   C13WithoutPrivilegesTest | across processes; both sides are nobody
 *   C13WritingImporterTest | across processes; one that may write, really killed and stopped
 *   C13WritingSecretsTest | across processes; secret memory that one other may write
 * what a pool says of itself:
 *   NumbersAddUpTest | in process; statistics are the exporter's
 * </pre>
 *
 * <p>There is no third form that tells a JVM of its own what to read: the types of readers are
 * sealed, so what stands for one there could not be given to the same test. Behind the socket
 * nothing is shared but what would be with another process, its memory mapped apart; that real ones
 * read, keep and are killed is told by C13.
 */
package io.entrepot.contract;
