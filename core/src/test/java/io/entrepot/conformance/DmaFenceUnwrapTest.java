package io.entrepot.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.sync.Fence;
import io.entrepot.sync.FenceArray;
import io.entrepot.sync.FenceChain;
import io.entrepot.sync.Fences;
import io.entrepot.sync.SignalableFence;
import io.entrepot.sync.SyncDomain;
import io.entrepot.sync.Timeline;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * {@code st-dma-fence-unwrap.c}, suite dma-buf-fence-unwrap. Where that orders what it merges by
 * context, here the order is that of first appearance.
 */
class DmaFenceUnwrapTest {
  private final SignalableFence issuer1 = SignalableFence.create("f1");
  private final SignalableFence issuer2 = SignalableFence.create("f2");
  private final Fence f1 = issuer1.fence();
  private final Fence f2 = issuer2.fence();

  private final SyncDomain domain = SyncDomain.create(2);
  private final Timeline context0 = domain.timeline("context 0");
  private final Timeline context1 = domain.timeline("context 1");

  private static FenceArray array(Fence... members) {
    return FenceArray.of("array", List.of(members));
  }

  private static FenceChain chain(Fence oldest, Fence newest) {
    return FenceChain.first("chain", 1, oldest).then(2, newest);
  }

  private static List<Fence> members(Fence merged) {
    return assertInstanceOf(FenceArray.class, merged).members();
  }

  @Test
  void sanitycheck() {
    FenceChain chain = FenceChain.first("chain", 1, array(f1));
    assertEquals(List.of(f1), Fences.unwrap(chain));
    assertFalse(chain.isSignaled());
    issuer1.signal();
    assertTrue(chain.isSignaled());
  }

  @Test
  void unwrapArray() {
    assertEquals(List.of(f1, f2), Fences.unwrap(array(f1, f2)));
  }

  @Test
  void unwrapChain() {
    assertEquals(List.of(f2, f1), Fences.unwrap(chain(f1, f2)), "from the newest link on");
  }

  @Test
  void unwrapChainArray() {
    assertEquals(List.of(f1, f2), Fences.unwrap(FenceChain.first("chain", 1, array(f1, f2))));
  }

  @Test
  void unwrapMerge() {
    assertEquals(List.of(f1, f2), members(Fences.merge("merge", f1, f2)));
  }

  @Test
  void unwrapMergeDuplicate() {
    assertSame(f1, Fences.merge("merge", f1, f1));
  }

  @Test
  void unwrapMergeSeqno() {
    Fence first = context1.next();
    Fence second = context1.next();
    Fence other = context0.next();
    assertEquals(List.of(second, other), members(Fences.merge("merge", first, second, other)));
  }

  @Test
  void unwrapMergeOrder() {
    Fence merged = Fences.merge("merge", array(f1, f2), chain(f1, f2));
    assertEquals(List.of(f1, f2), members(merged), "each once");
  }

  @Test
  void unwrapMergeComplex() {
    Fence merged =
        Fences.merge("merge", Fences.merge("inner", f1, f2), array(f2, f1), Fence.signaled());
    assertEquals(List.of(f1, f2), members(merged), "without the one that is signaled");
  }

  @Test
  void unwrapMergeComplexSeqno() {
    Fence c0p1 = context0.next();
    Fence c0p2 = context0.next();
    Fence c1p1 = context1.next();
    Fence c1p2 = context1.next();
    Fence merged = Fences.merge("merge", array(c0p2, c1p1), array(c0p1, c1p2));
    assertEquals(List.of(c0p2, c1p2), members(merged));
  }
}
