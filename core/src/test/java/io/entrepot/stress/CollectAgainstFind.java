package io.entrepot.stress;

import io.entrepot.internal.sync.OwnFence;
import io.entrepot.sync.Fence;
import io.entrepot.sync.FenceChain;
import io.entrepot.sync.FenceError;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/**
 * Two threads find and drop the same links of a chain while one of them is signaled, and none
 * forgets the error of the middle one: {@code ChainLink.previous}.
 */
@JCStressTest
@Outcome(id = "true, true", expect = Expect.ACCEPTABLE, desc = "found, and the error is kept")
@Outcome(expect = Expect.FORBIDDEN, desc = "found wrongly, or the error is lost")
@State
public class CollectAgainstFind {
  private final OwnFence[] own = {new OwnFence(), new OwnFence(), new OwnFence()};
  private final FenceChain first = FenceChain.first("chain", 1, own[0].fence());
  private final FenceChain tail = first.then(2, own[1].fence()).then(3, own[2].fence());
  private boolean found;
  private boolean foundAgain;

  public CollectAgainstFind() {
    own[1].signal(FenceError.failed("disk"));
  }

  @Actor
  public void signaling() {
    own[0].signal();
    found = tail.find(2).isSignaled();
  }

  @Actor
  public void finding() {
    Fence at = tail.find(2);
    foundAgain = at == first || at.isSignaled();
  }

  @Arbiter
  public void look(ZZ_Result r) {
    own[2].signal();
    r.r1 = found && foundAgain;
    r.r2 = tail.error().isPresent();
  }
}
