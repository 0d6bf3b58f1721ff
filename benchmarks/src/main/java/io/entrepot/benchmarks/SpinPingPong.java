package io.entrepot.benchmarks;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.function.Supplier;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * A number that goes to another thread and comes back, through one volatile word each way: what a
 * machine takes to let one thread see what another has written.
 *
 * <p>Each side counts in the word that it alone writes. So nothing else that one of them writes can
 * lie in a cache line that the other one reads.
 */
@State(Scope.Thread)
public class SpinPingPong implements Pairable<Supplier<Answering>> {
  private static final long OVER = -1;

  private final Word there = new Word();
  private final Word back = new Word();
  private OtherSide answering;

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

  /** The side that answers. */
  private record Answers(Word there, Word back) implements Answering {
    @Override
    public boolean answer() {
      long seen = back.value();
      long next = there.value();
      while (next == seen) {
        Thread.onSpinWait();
        next = there.value();
      }
      if (next == OVER) {
        return false;
      }
      back.value(next);
      return true;
    }

    @Override
    public void close() {
      // Nothing but the words.
    }
  }

  @Override
  @Setup
  public void open() throws InterruptedException {
    connect(AnsweringThread.start(offer()));
  }

  @Override
  public Supplier<Answering> offer() {
    return () -> new Answers(there, back);
  }

  @Override
  public void connect(OtherSide other) {
    answering = other;
  }

  @Override
  public void goAndComeBack() {
    long next = there.value() + 1;
    there.value(next);
    while (back.value() != next) {
      Thread.onSpinWait();
    }
  }

  @Override
  @TearDown
  public void close() throws IOException, InterruptedException {
    leave();
    answering.end();
  }

  @Override
  public void leave() {
    there.value(OVER);
  }

  @Override
  public void release() {
    // Nothing but the words.
  }
}
