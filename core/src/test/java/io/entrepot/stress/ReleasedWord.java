package io.entrepot.stress;

import static io.entrepot.stress.OffHeapWords.WORD;

import java.lang.foreign.MemorySegment;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.JJ_Result;

/** Who acquires the flag that was released after the payload sees the payload. */
@JCStressTest
@Outcome(id = "0, 0", expect = Expect.ACCEPTABLE, desc = "not published yet")
@Outcome(id = "0, 42", expect = Expect.ACCEPTABLE, desc = "payload seen early")
@Outcome(id = "1, 42", expect = Expect.ACCEPTABLE, desc = "published")
@Outcome(id = "1, 0", expect = Expect.FORBIDDEN, desc = "flag without its payload")
@State
public class ReleasedWord {
  private static final long FLAG_OFFSET = 0;
  private static final long PAYLOAD_OFFSET = 8;

  private final MemorySegment words = OffHeapWords.sixteen();

  @Actor
  public void writer() {
    WORD.set(words, PAYLOAD_OFFSET, 42L);
    WORD.setRelease(words, FLAG_OFFSET, 1L);
  }

  @Actor
  public void reader(JJ_Result r) {
    r.r1 = (long) WORD.getAcquire(words, FLAG_OFFSET);
    r.r2 = (long) WORD.get(words, PAYLOAD_OFFSET);
  }
}
