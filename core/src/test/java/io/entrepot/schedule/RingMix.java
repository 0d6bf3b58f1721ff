package io.entrepot.schedule;

import static io.entrepot.schedule.Scenario.require;

import io.entrepot.internal.flow.RingWords;
import io.entrepot.internal.flow.RingWords.Fault;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;

/**
 * A writer publishes to a ring that drops its oldest frame when it is full; two readers take from
 * it, by their mapping slot or by a hold, and one of them may close it.
 *
 * <p>A frame is taken once, with the bytes that were published. At the end what was taken, dropped
 * and is unread is all that was published, and no buffer is lost.
 */
final class RingMix implements Scenario {
  static final String TWICE = "a frame is taken twice";
  static final String OTHER_BYTES = "other bytes than the frame's";
  static final String MISCOUNTED = "frames are miscounted";
  static final String LOST = "a buffer is lost";

  private static final int READERS = 2;
  private static final int BUFFERS = 3;
  private static final int DEPTH = 2;
  private static final int OPERATIONS = 8;
  private static final int CLOSES_ONE_IN = 40;

  private final Schedule schedule;
  private final Random random;
  private final RingWords feed;
  private final Fault fault;
  private final Set<Long> taken = new HashSet<>();
  private int published;

  RingMix(Schedule schedule, Fault fault) {
    this.schedule = schedule;
    this.random = schedule.random();
    this.fault = fault;
    this.feed = RingWords.on(schedule::words, BUFFERS, READERS, DEPTH);
  }

  @Override
  public Runnable[] participants() {
    return new Runnable[] {this::write, () -> read(0), () -> read(1)};
  }

  private void write() {
    for (int turn = 0; turn < OPERATIONS; turn++) {
      boolean done = feed.publish();
      schedule.note("published " + (done ? published : "none"));
      published += done ? 1 : 0;
    }
  }

  private void read(int lane) {
    for (int turn = 0; turn < OPERATIONS; turn++) {
      if (random.nextInt(CLOSES_ONE_IN) == 0) {
        schedule.note("close");
        feed.close();
      }
      long bytes = random.nextInt(3) == 0 ? feed.takeHold() : feed.take(lane, fault);
      schedule.note("taken " + bytes);
      require(bytes >= RingWords.NONE, OTHER_BYTES);
      require(bytes == RingWords.NONE || taken.add(bytes), TWICE);
    }
  }

  @Override
  public void check() {
    if (schedule.anyStopped()) {
      return;
    }
    long dropped = feed.dropped();
    long unread = feed.unread();
    schedule.note("the end: " + dropped + " dropped, " + unread + " unread");
    require(taken.size() + dropped + unread == published, MISCOUNTED);
    feed.dropAll();
    feed.retireAndReclaim();
    for (int buffer = 0; buffer < BUFFERS; buffer++) {
      require(feed.pool().own(buffer) != 0, LOST);
    }
  }
}
