/**
 * The kernel's own tests of DMA-BUF, told anew: each method is named after the test whose behaviour
 * it holds Entrepot to, and says where Entrepot departs from it. Behaviour is taken from them, no
 * text and no code.
 *
 * <p>What is told anew, by which test, and how it ended: {@code ConformanceTableTest} reads this.
 * Tests that are not of this package are tests of the contracts.
 *
 * <pre>
 * st-dma-fence.c:
 *   sanitycheck | holds
 *     DmaFenceTest#sanitycheck
 *   signaling | holds
 *     DmaFenceTest#signaling
 *   add_callback | holds
 *     DmaFenceTest#addCallback
 *   late_add_callback | holds
 *     DmaFenceTest#lateAddCallback
 *   rm_callback | holds
 *     DmaFenceTest#rmCallback
 *   late_rm_callback | holds
 *     DmaFenceTest#lateRmCallback
 *   status | holds
 *     DmaFenceTest#status
 *   error | holds; error and signal are one call
 *     DmaFenceTest#error
 *   wait | holds
 *     DmaFenceTest#waiting
 *   wait_timeout | holds
 *     DmaFenceTest#waitTimeout
 *   stub | holds
 *     DmaFenceTest#stub
 *   race_signal_callback | holds
 *     DmaFenceTest#raceSignalCallback
 * st-dma-fence-chain.c:
 *   sanitycheck | holds
 *     DmaFenceChainTest#sanitycheck
 *   find_seqno | holds
 *     DmaFenceChainTest#findSeqno
 *   find_signaled | holds; finds a fence, never none
 *     DmaFenceChainTest#findSignaled
 *   find_out_of_order | holds
 *     DmaFenceChainTest#findOutOfOrder
 *   find_gap | holds
 *     DmaFenceChainTest#findGap
 *   find_race | holds; rounds for seconds
 *     DmaFenceChainTest#findRace
 *   signal_forward | holds
 *     DmaFenceChainTest#signalForward
 *   signal_backward | holds
 *     DmaFenceChainTest#signalBackward
 *   wait_forward | holds
 *     DmaFenceChainTest#waitForward
 *   wait_backward | holds
 *     DmaFenceChainTest#waitBackward
 *   wait_random | holds
 *     DmaFenceChainTest#waitRandom
 * st-dma-fence-unwrap.c:
 *   sanitycheck | holds
 *     DmaFenceUnwrapTest#sanitycheck
 *   unwrap_array | holds
 *     DmaFenceUnwrapTest#unwrapArray
 *   unwrap_chain | holds
 *     DmaFenceUnwrapTest#unwrapChain
 *   unwrap_chain_array | holds
 *     DmaFenceUnwrapTest#unwrapChainArray
 *   unwrap_merge | holds
 *     DmaFenceUnwrapTest#unwrapMerge
 *   unwrap_merge_duplicate | holds
 *     DmaFenceUnwrapTest#unwrapMergeDuplicate
 *   unwrap_merge_seqno | holds; in order of first appearance
 *     DmaFenceUnwrapTest#unwrapMergeSeqno
 *   unwrap_merge_order | holds; in order of first appearance
 *     DmaFenceUnwrapTest#unwrapMergeOrder
 *   unwrap_merge_complex | holds
 *     DmaFenceUnwrapTest#unwrapMergeComplex
 *   unwrap_merge_complex_seqno | holds
 *     DmaFenceUnwrapTest#unwrapMergeComplexSeqno
 * st-dma-resv.c, with each of four usages:
 *   sanitycheck | holds; there is no lock to take
 *     ReservationConformanceTest#sanitycheck
 *   signaling | holds
 *     ReservationConformanceTest#signaling
 *   for_each | holds
 *     ReservationConformanceTest#forEach
 *   for_each_unlocked | holds; nothing restarts
 *     ReservationConformanceTest#forEachUnlocked
 *   get_fences | holds
 *     ReservationConformanceTest#getFences
 * selftests/sync:
 *   alloc_timeline | holds
 *     SyncSelftestsTest#allocTimeline
 *   alloc_fence | holds
 *     SyncSelftestsTest#allocFence
 *   alloc_fence_negative | holds
 *     SyncSelftestsTest#allocFenceNegative
 *   fence_one_timeline_wait | holds
 *     SyncSelftestsTest#fenceOneTimelineWait
 *   fence_one_timeline_merge | holds
 *     SyncSelftestsTest#fenceOneTimelineMerge
 *   fence_merge_same_fence | holds
 *     SyncSelftestsTest#fenceMergeSameFence
 *   fence_multi_timeline_wait | holds
 *     SyncSelftestsTest#fenceMultiTimelineWait
 *   stress_two_threads_shared_timeline | holds; fewer rounds
 *     SyncSelftestsTest#stressTwoThreadsSharedTimeline
 *   consumer_stress_multi_producer_single_consumer | holds; fewer rounds
 *     SyncSelftestsTest#consumerStressMultiProducerSingleConsumer
 *   merge_stress_random_merge | holds; fewer rounds
 *     SyncSelftestsTest#mergeStressRandomMerge
 * what went wrong in the kernel:
 *   count before element | holds
 *     ReservationConformanceTest#aClaimIsNotAFence
 *   newer replaced by older | holds
 *     ReservationConformanceTest#anOlderFenceNeverReplacesANewerOne
 *     ReservationConformanceTest#anOlderFenceOfAStricterUsageIsWaitedForBesideTheNewer
 *   leak when a reply fails | holds
 *     C2NegotiationAtAttachTest#anExporterThatRefusesAtTheLastWordLeavesNothingBehind
 *   double free on error path | holds
 *     C12OwnershipTest#anExporterThatGivesTooFewOrTooSmallBuffersMakesNoPoolAndGetsThemBack
 *   consumed on failure | holds
 *     SyncObjectConformanceTest#transferOfAMissingPointChangesNothing
 *     C11BoundedWaitingTest#publishingInVainLeavesTheReferenceWithItsOwner
 *   put before wait | holds
 *     ReservationConformanceTest#aSnapshotKeepsItsFencesAliveWhenTheTimelineIsClosed
 *     SyncObjectConformanceTest#waitKeepsWhatItHasTaken
 *   revoke ordering | holds
 *     C7RevocationOrderTest#newMapsFailWhenTheImporterIsTold
 *     C7ForcedRevocationTest#revokingTwiceIsHarmlessAndCountedOnce
 *     C7ForcedRevocationTest#attachingAgainIsReadmission
 *   export without owning | holds
 *     C12OwnershipTest#memoryThatCannotBeSharedIsNotWrapped
 *   detach order | holds
 *     C12ImportersTest#anAttachmentInUseRefusesToCloseAndNamesTheUse
 *     C2NegotiationAtAttachTest#aStrictExporterRefusesWindowsAndNativeAccess
 *   issuer dies with references | holds
 *     FenceFaultsTest#issuerDiesWithLiveReferences
 *   pending on driver death | holds
 *     FenceFaultsTest#unsignaledFenceOnIssuersDeath
 *     C4C11DeadProducersTest#aThreadThatJustDies
 *     C4C11DeadProducersTest#aTimelineThatIsCollected
 *   callback recursion | holds
 *     FenceFaultsTest#callbackSignalsAnotherFenceAgainAndAgain
 *     FenceFaultsTest#callbackAddsAnotherAndThrows
 *     DmaFenceChainTest#manyLinksThatAreAllWaitedFor
 *     SyncObjectConformanceTest#callbackSubmitsToAnotherObjectAgainAndAgain
 *   missed wake-up, lazy fence | holds
 *     FenceFaultsTest#lazyFenceThatIsOnlyPolled
 *     FenceFaultsTest#lazyFenceThatIsWaitedFor
 *     SyncObjectConformanceTest#waitAvailableDoesNotWaitForTheSignal
 *   lost time in a merge | holds
 *     FenceFaultsTest#mergeKeepsTheLatestTime
 *   lost error in a merge | holds; the kernel loses it
 *     FenceFaultsTest#mergeKeepsTheFirstErrorOfSignaledInputs
 *     FenceFaultsTest#mergeKeepsTheErrorOfASupersededPoint
 *     FenceFaultsTest#mergeKeepsTheErrorOfACollectedLink
 *   iterator restart leaks | holds
 *     ReservationConformanceTest#aSnapshotTakenAgainForgetsWhatItHad
 *   sync object edge cases | holds
 *     SyncObjectConformanceTest#pointThatIsSignaledAndCollected
 *     SyncObjectConformanceTest#waitMatrix
 *     SyncObjectConformanceTest#callbacksRunOnceOrAreRemoved
 *     FenceFaultsTest#pointThatIsSignaledAndCollected
 *   bounds | holds
 *     C3LargeBuffersTest#theLastByteIsReachedAndTheOneBehindItIsNot
 *     C3BoundedViewTest#everyAccessIsBoundedAtEveryEdge
 *   release once | holds
 *     C12OwnershipTest#wrappedMemoryIsReleasedOnceWhenItsPoolIsClosed
 *   reference counts | holds
 *     C12ClosingTest#aBufferClosedByTwoThreadsAtOnceIsGivenBackOnce
 * </pre>
 *
 * <p><b>What does not apply.</b>
 *
 * <ul>
 *   <li>{@code st-dma-fence.c} asks for the issuer's operations to be detached by the signal: here
 *       fences never refer to their issuer but weakly.
 *   <li>A reservation's lock, its deadlock handling and the room for fences that an unlock voids:
 *       there is no lock; sets of reservations have a contract and models of their own.
 *   <li>Callback against release of a buffer that is polled through its file descriptor, use of a
 *       buffer after its descriptor was installed, the order in which a file and its inode are set
 *       up, seals that race with creation, and lazily made scatter lists: there are no descriptors,
 *       seals or DMA mappings of buffers in one process.
 *   <li>{@code udmabuf}, {@code dmabuf-heap} and the tests of iommufd call the kernel, which
 *       nothing here does yet.
 *   <li>Reference counts of fences: the collector has them.
 * </ul>
 */
package io.entrepot.conformance;
