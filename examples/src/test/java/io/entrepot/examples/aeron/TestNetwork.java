package io.entrepot.examples.aeron;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aeron.ExclusivePublication;
import io.aeron.Subscription;
import io.aeron.driver.MediaDriver;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.agrona.concurrent.BackoffIdleStrategy;
import org.agrona.concurrent.IdleStrategy;

/** A driver of one thread with small terms that notices soon who is gone, and its channels. */
final class TestNetwork implements AutoCloseable {
  static final int TERM_BYTES = 64 * 1024;
  static final int STREAM = 7;
  static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final long TIMER_NS = MILLISECONDS.toNanos(20);

  /** Of an end that is there, whose driver is stopped for a while, nobody may believe it. */
  private static final long GONE_NS = SECONDS.toNanos(3);

  private static final long LINGER_NS = MILLISECONDS.toNanos(400);

  private final Network network =
      Network.embedded(
          new MediaDriver.Context()
              .publicationTermBufferLength(TERM_BYTES)
              .timerIntervalNs(TIMER_NS)
              .statusMessageTimeoutNs(TIMER_NS)
              .imageLivenessTimeoutNs(GONE_NS)
              .publicationConnectionTimeoutNs(GONE_NS)
              .publicationLingerTimeoutNs(LINGER_NS));

  /** A subscription at a port that the system chooses. */
  Subscription subscribe() {
    return subscribe("aeron:udp?endpoint=localhost:0");
  }

  Subscription subscribe(String channel) {
    return network.subscribe(channel, STREAM);
  }

  /** A subscription at the port of one that was closed, when the driver has let go of that. */
  Subscription subscribeAgain(String channel) {
    var made = new Subscription[1];
    await(() -> {
      try {
        made[0] = subscribe(channel);
        return true;
      } catch (NetworkException e) {
        assertTrue(e.getMessage().contains("Address already in use"), e::getMessage);
        return false;
      }
    });
    return made[0];
  }

  /** Where a subscription is to be reached. */
  static String channelTo(Subscription subscription) {
    await(() -> subscription.tryResolveChannelEndpointPort() != null);
    return subscription.tryResolveChannelEndpointPort();
  }

  ExclusivePublication publish(String channel) {
    return network.publish(channel, STREAM);
  }

  /** Idles until something is so, which it must be in time. */
  static void await(BooleanSupplier condition) {
    IdleStrategy idle = new BackoffIdleStrategy();
    long startNs = System.nanoTime();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - startNs > PATIENCE.toNanos()) {
        throw new AssertionError("not within " + PATIENCE);
      }
      idle.idle();
    }
  }

  @Override
  public void close() {
    network.close();
  }
}
