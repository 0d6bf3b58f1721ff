package io.entrepot.benchmarks;

import java.util.function.Supplier;

/** A thread that answers one ping-pong, or two in turns. */
final class AnsweringThread implements OtherSide {
  private final Thread thread;
  private volatile Throwable failure;

  private AnsweringThread(Runnable answers) {
    thread = Thread.ofPlatform().daemon().name("answering").start(() -> run(answers));
  }

  private void run(Runnable answers) {
    try {
      answers.run();
    } catch (RuntimeException e) {
      failure = e;
    }
  }

  /** Starts one that answers until it is over. */
  static AnsweringThread start(Supplier<Answering> side) {
    return new AnsweringThread(() -> {
      try (Answering one = side.get()) {
        Answering.all(one);
      }
    });
  }

  /** Starts one that answers two {@linkplain Answering#inTurns in turns}. */
  static AnsweringThread startInTurns(
      Supplier<Answering> first, Supplier<Answering> other, int roundTrips) {
    return new AnsweringThread(() -> {
      try (Answering one = first.get();
          Answering two = other.get()) {
        Answering.inTurns(one, two, roundTrips);
      }
    });
  }

  @Override
  public Throwable failure() {
    return failure;
  }

  @Override
  public void end() throws InterruptedException {
    thread.join();
    if (failure != null) {
      throw new IllegalStateException("the answering thread failed", failure);
    }
  }
}
