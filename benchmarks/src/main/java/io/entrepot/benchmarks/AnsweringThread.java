package io.entrepot.benchmarks;

import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** A thread that answers one ping-pong, or two in turns. */
final class AnsweringThread implements OtherSide {
  private final CountDownLatch opened = new CountDownLatch(1);
  private final Thread thread;
  private volatile Throwable failure;

  private AnsweringThread(Consumer<CountDownLatch> answers) {
    thread = Thread.ofPlatform().daemon().name("answering").start(() -> run(answers));
  }

  private void run(Consumer<CountDownLatch> answers) {
    try {
      answers.accept(opened);
    } catch (RuntimeException e) {
      failure = e;
    } finally {
      opened.countDown();
    }
  }

  /** Starts one that answers until it is over, and waits until it is ready. */
  static AnsweringThread start(Supplier<Answering> side) throws InterruptedException {
    return ready(opened -> {
      try (Answering one = side.get()) {
        opened.countDown();
        Answering.all(one);
      }
    });
  }

  /** Starts one that answers two {@linkplain Answering#inTurns in turns}, and waits likewise. */
  static AnsweringThread startInTurns(
      Supplier<Answering> first, Supplier<Answering> other, int roundTrips)
      throws InterruptedException {
    return ready(opened -> {
      try (Answering one = first.get();
          Answering two = other.get()) {
        opened.countDown();
        Answering.inTurns(one, two, roundTrips);
      }
    });
  }

  /** Who asks spins for its answers: one that never came to answer must be told before. */
  private static AnsweringThread ready(Consumer<CountDownLatch> answers)
      throws InterruptedException {
    AnsweringThread started = new AnsweringThread(answers);
    started.opened.await();
    started.check();
    return started;
  }

  @Override
  public Throwable failure() {
    return failure;
  }

  @Override
  public void end() throws InterruptedException {
    thread.join();
    check();
  }

  private void check() {
    if (failure != null) {
      throw new IllegalStateException("the answering thread failed", failure);
    }
  }
}
