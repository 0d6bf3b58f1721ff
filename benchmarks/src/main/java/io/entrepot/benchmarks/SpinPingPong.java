package io.entrepot.benchmarks;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * A number that goes to another thread and comes back, through one volatile word each way: what a
 * machine takes to let one thread see what another has written.
 */
@State(Scope.Thread)
public class SpinPingPong implements PingPong {
  private static final long OVER = -1;

  private final Word there = new Word();
  private final Word back = new Word();
  private Thread answering;
  private long sent;

  /** A word, padded against whatever lies beside it. */
  private static final class Word {
    private static final int PADDING = 16;
    private static final VarHandle WORD = MethodHandles.arrayElementVarHandle(long[].class);

    // An array: fields of padding may be laid out otherwise.
    private final long[] words = new long[2 * PADDING];

    long value() {
      return (long) WORD.getVolatile(words, PADDING);
    }

    void value(long next) {
      WORD.setVolatile(words, PADDING, next);
    }
  }

  @Override
  @Setup
  public void open() {
    answering = Thread.ofPlatform().daemon().name("answering").start(this::answerAll);
  }

  private void answerAll() {
    long seen = 0;
    while (true) {
      long next = there.value();
      if (next == OVER) {
        return;
      }
      if (next != seen) {
        seen = next;
        back.value(next);
      } else {
        Thread.onSpinWait();
      }
    }
  }

  @Override
  public void goAndComeBack() {
    there.value(++sent);
    while (back.value() != sent) {
      Thread.onSpinWait();
    }
  }

  @Override
  @TearDown
  public void close() throws InterruptedException {
    there.value(OVER);
    answering.join();
  }
}
