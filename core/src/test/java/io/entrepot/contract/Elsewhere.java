package io.entrepot.contract;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.util.Arrays;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;

/**
 * A piece of work on a thread of its own. Waits are bounded by a time that no sound run comes near:
 * it only keeps a broken build from hanging.
 */
final class Elsewhere<T> {
  private static final long LIMIT_SECONDS = 60;

  private final FutureTask<T> task;
  private final Thread thread;

  private Elsewhere(Callable<T> work) {
    this.task = new FutureTask<>(work);
    this.thread = Thread.ofPlatform().daemon().name("elsewhere").start(task);
  }

  /** Starts work on another thread. */
  static <T> Elsewhere<T> start(Callable<T> work) {
    return new Elsewhere<>(work);
  }

  /** Does work on another thread, which has ended when this returns. */
  static <T> T call(Callable<T> work) {
    return start(work).result();
  }

  /** Does work without an answer on another thread, which has ended when this returns. */
  static void run(Runnable work) {
    call(() -> {
      work.run();
      return null;
    });
  }

  /** Spins until a condition holds. */
  static void await(String what, BooleanSupplier condition) {
    long startNs = System.nanoTime();
    while (!condition.getAsBoolean()) {
      assertTrue(
          System.nanoTime() - startNs < TimeUnit.SECONDS.toNanos(LIMIT_SECONDS),
          () -> "still not so after " + LIMIT_SECONDS + " s: " + what);
      Thread.onSpinWait();
    }
  }

  Thread thread() {
    return thread;
  }

  boolean isDone() {
    return task.isDone();
  }

  /** Waits until the thread is parked: it waits for something. */
  Elsewhere<T> awaitWaiting() {
    await(
        "the thread waits",
        () ->
            task.isDone()
                || thread.getState() == Thread.State.WAITING
                || isWaiting(thread, thread.getStackTrace()));
    return this;
  }

  /** Whether a thread that is seen to be here waits for a time. */
  static boolean isWaiting(Thread thread, StackTraceElement... here) {
    return thread.getState() == Thread.State.TIMED_WAITING || isAsleepInTheKernel(here);
  }

  /** For another process, too: by a call that the JVM takes for one that runs. */
  private static boolean isAsleepInTheKernel(StackTraceElement... here) {
    return Arrays.stream(here)
        .anyMatch(at -> at.getClassName().contains(".Futex") && at.getMethodName().equals("await"));
  }

  /** What the work answered or threw; its thread has ended. */
  T result() {
    try {
      T result = task.get(LIMIT_SECONDS, TimeUnit.SECONDS);
      thread.join();
      return result;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException thrown) {
        throw thrown;
      }
      if (e.getCause() instanceof Error thrown) {
        throw thrown;
      }
      throw new AssertionError(e.getCause());
    } catch (TimeoutException e) {
      return fail("the thread still runs after " + LIMIT_SECONDS + " s: " + stack());
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private String stack() {
    StringBuilder text = new StringBuilder();
    for (StackTraceElement element : thread.getStackTrace()) {
      text.append("\n  at ").append(element);
    }
    return text.toString();
  }
}
