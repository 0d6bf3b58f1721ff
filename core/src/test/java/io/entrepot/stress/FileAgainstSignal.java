package io.entrepot.stress;

import io.entrepot.internal.sync.CallbackWords;
import io.entrepot.sync.Fence;
import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.IIII_Result;

/**
 * A signal files the callbacks that it passes over, while one of them is removed, another is added,
 * and the signal of all of them comes: {@code Callbacks}, {@code PendingCallback} and {@code
 * CallbackRun}, as they are.
 */
@JCStressTest
@Outcome(id = "1, 1, 0, 0", expect = Expect.ACCEPTABLE, desc = "each has run, or was removed")
@Outcome(expect = Expect.FORBIDDEN, desc = "never run, run twice, too early, or though removed")
@State
public class FileAgainstSignal {
  private final CallbackWords callbacks = CallbackWords.filing();
  private final AtomicInteger stays = new AtomicInteger();
  private final AtomicInteger goes = new AtomicInteger();
  private final AtomicInteger comes = new AtomicInteger();
  private final AtomicInteger waits = new AtomicInteger();
  private final Fence.Callback going;

  public FileAgainstSignal() {
    callbacks.onSignal(3, waits::incrementAndGet);
    going = callbacks.onSignal(2, goes::incrementAndGet);
    callbacks.onSignal(2, stays::incrementAndGet);
  }

  @Actor
  public void filer() {
    callbacks.signal(1);
  }

  /** What was removed, or refused, counts as if it had run, or had not been added. */
  @Actor
  public void signaler(IIII_Result r) {
    r.r2 = going.remove() ? 1 : 0;
    r.r3 = callbacks.onSignal(2, comes::incrementAndGet) == null ? 0 : -1;
    callbacks.signal(2);
  }

  @Arbiter
  public void count(IIII_Result r) {
    r.r1 = stays.get();
    r.r2 += goes.get();
    r.r3 += comes.get();
    r.r4 = waits.get();
  }
}
