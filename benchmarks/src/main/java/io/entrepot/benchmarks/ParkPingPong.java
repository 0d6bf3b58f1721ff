package io.entrepot.benchmarks;

import java.util.concurrent.locks.LockSupport;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * A number that goes to another thread and comes back, to threads that park at once when it is not
 * there: what it takes to wake somebody up.
 */
@State(Scope.Thread)
public class ParkPingPong implements PingPong {
  private static final long OVER = -1;

  private volatile long there;
  private volatile long back;
  private Thread asking;
  private Thread answering;
  private long sent;

  @Override
  @Setup
  public void open() {
    asking = Thread.currentThread();
    answering = Thread.ofPlatform().daemon().name("answering").start(this::answerAll);
  }

  private void answerAll() {
    long seen = 0;
    while (seen != OVER) {
      long next = there;
      if (next != seen) {
        seen = next;
        back = next;
        LockSupport.unpark(asking);
      } else {
        LockSupport.park(this);
      }
    }
  }

  @Override
  public void goAndComeBack() {
    go(++sent);
    while (back != sent) {
      LockSupport.park(this);
    }
  }

  private void go(long number) {
    there = number;
    LockSupport.unpark(answering);
  }

  @Override
  @TearDown
  public void close() throws InterruptedException {
    go(OVER);
    answering.join();
  }
}
