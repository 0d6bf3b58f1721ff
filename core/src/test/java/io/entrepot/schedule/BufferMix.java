package io.entrepot.schedule;

import static io.entrepot.schedule.Scenario.require;

import io.entrepot.internal.buffers.OwnedBuffer;
import io.entrepot.internal.buffers.PoolWords;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * Three participants take, write, publish, map, retire, reclaim and recall a few buffers, each
 * owning through one lane and mapping through another.
 *
 * <p>A buffer has one owner; nobody owns what another has mapped or holds; who has a buffer mapped
 * reads the bytes that were published; when all is given back nothing is lost. Of a participant
 * that is stopped, two buffers at most: what it owned and what it had mapped or held.
 */
class BufferMix implements Scenario {
  static final String TWO_OWNERS = "two owners";
  static final String REUSED = "reused under a mapping or hold";
  static final String OTHER_BYTES = "other bytes than were published";
  static final String LOST = "a buffer is lost";

  private static final int PARTICIPANTS = 3;
  private static final int BUFFERS = 2;
  private static final int OPERATIONS = 10;
  private static final int RECENT = 3;
  private static final int LOOKS_MAX = 12;
  private static final int NOBODY = -1;

  private final Schedule schedule;
  protected final PoolWords pool;
  private final Random random;
  private final OwnedBuffer[] lanes = new OwnedBuffer[PARTICIPANTS];
  private final int[] owner = new int[BUFFERS];
  private final int[] users = new int[BUFFERS];
  private final long[] marks = new long[BUFFERS];
  private final List<Published> published = new ArrayList<>();
  private final List<Published> holds = new ArrayList<>();
  private long lastMark;

  /** A handle to a published buffer. */
  private record Published(int buffer, long generation, long mark) {}

  BufferMix(Schedule schedule) {
    this.schedule = schedule;
    this.random = schedule.random();
    this.pool = PoolWords.on(schedule::words, BUFFERS, 2 * PARTICIPANTS);
    for (int i = 0; i < PARTICIPANTS; i++) {
      lanes[i] = pool.owner(i);
    }
    Arrays.fill(owner, NOBODY);
  }

  // ---------------------------------------------------------------- what may be planted wrongly

  long own(int buffer) {
    return pool.own(buffer);
  }

  int reclaim() {
    return pool.reclaim();
  }

  /** Maps what is held, and lets go of the hold. */
  void mapAndDrop(int lane, int buffer, long generation) {
    pool.storeSlot(lane, buffer);
    pool.unhold(buffer, generation);
  }

  // ---------------------------------------------------------------- operations

  @Override
  public Runnable[] participants() {
    Runnable[] all = new Runnable[PARTICIPANTS];
    for (int i = 0; i < PARTICIPANTS; i++) {
      int own = i;
      all[i] =
          () -> {
            for (int turn = 0; turn < OPERATIONS; turn++) {
              operate(own);
            }
            if (lanes[own].isOwning()) {
              give(own);
            }
          };
    }
    return all;
  }

  private void operate(int own) {
    boolean owns = lanes[own].isOwning();
    switch (random.nextInt(12)) {
      case 0, 1, 2 -> {
        if (!owns) {
          take(own);
        } else if (random.nextInt(3) == 0) {
          give(own);
        } else {
          publish(own);
        }
      }
      case 3 -> passOn(own);
      case 4, 5, 6 -> map(own);
      case 7, 8 -> drop();
      case 9, 10 -> schedule.note("reclaimed " + reclaim());
      default -> schedule.note("recalled " + pool.recall());
    }
  }

  private void take(int own) {
    OwnedBuffer lane = lanes[own];
    boolean taken = lane.takeKept();
    for (int turn = 0; turn < 2 && !taken; turn++) {
      for (int buffer = 0; buffer < BUFFERS && !taken; buffer++) {
        taken = lane.takeFree(buffer);
      }
      if (!taken && reclaim() + pool.recall() == 0) {
        break;
      }
    }
    schedule.note("take: " + (taken ? lane.buffer() : NOBODY));
    if (taken) {
      owned(own, lane.buffer());
    }
  }

  private void owned(int own, int buffer) {
    require(owner[buffer] == NOBODY, TWO_OWNERS);
    require(users[buffer] == 0, REUSED);
    owner[buffer] = own;
    write(buffer);
  }

  private void write(int buffer) {
    long mark = ++lastMark;
    marks[buffer] = mark;
    pool.bytes(buffer, mark);
    require(pool.bytes(buffer) == mark, TWO_OWNERS);
  }

  private void give(int own) {
    int buffer = lanes[own].buffer();
    schedule.note("give " + buffer);
    require(pool.bytes(buffer) == marks[buffer], TWO_OWNERS);
    owner[buffer] = NOBODY;
    lanes[own].give();
  }

  private void publish(int own) {
    int buffer = lanes[own].buffer();
    schedule.note("publish " + buffer);
    owner[buffer] = NOBODY;
    users[buffer]++;
    // What is kept becomes owned before others are told of it, as the owner's port does.
    lanes[own].unmap();
    long generation = lanes[own].generation();
    lanes[own].publish(1);
    published(new Published(buffer, generation, marks[buffer]));
  }

  private void published(Published one) {
    published.add(one);
    holds.add(one);
  }

  /** Takes a buffer without a lane, and frees or publishes it. */
  private void passOn(int own) {
    int buffer = random.nextInt(BUFFERS);
    long state = own(buffer);
    schedule.note("own " + buffer + ": " + (state != 0));
    if (state == 0) {
      return;
    }
    owned(own, buffer);
    owner[buffer] = NOBODY;
    if (random.nextBoolean()) {
      schedule.note("free " + buffer);
      require(pool.free(buffer, state), TWO_OWNERS);
    } else {
      schedule.note("publish owned " + buffer);
      users[buffer]++;
      pool.publish(buffer, state, 1);
      published(new Published(buffer, PoolWords.generation(state), marks[buffer]));
    }
  }

  private void map(int own) {
    if (published.isEmpty()) {
      return;
    }
    int last = published.size() - 1;
    Published one = published.get(last - random.nextInt(Math.min(RECENT, last + 1)));
    int buffer = one.buffer();
    int lane = PARTICIPANTS + own;
    boolean held = random.nextBoolean();
    if (held && !pool.hold(buffer, one.generation())) {
      return;
    }
    if (held) {
      mapAndDrop(lane, buffer, one.generation());
    } else {
      pool.storeSlot(lane, buffer);
      if (!pool.isLive(buffer, one.generation())) {
        pool.clearSlot(lane);
        return;
      }
    }
    users[buffer]++;
    schedule.note("mapped " + one + (held ? " held" : ""));
    for (int look = random.nextInt(LOOKS_MAX); look >= 0; look--) {
      require(pool.bytes(buffer) == one.mark(), OTHER_BYTES);
    }
    if (random.nextInt(3) == 0) {
      require(pool.holdMapped(buffer, one.generation()), REUSED);
      users[buffer]++;
      holds.add(one);
    }
    users[buffer]--;
    schedule.note("unmap " + buffer);
    pool.clearSlot(lane);
  }

  private void drop() {
    if (!holds.isEmpty()) {
      Published one = holds.remove(random.nextInt(holds.size()));
      users[one.buffer()]--;
      schedule.note("drop " + one);
      pool.unhold(one.buffer(), one.generation());
    }
  }

  // ---------------------------------------------------------------- the end

  @Override
  public void check() {
    for (Published one : holds) {
      pool.unhold(one.buffer(), one.generation());
    }
    pool.reclaim();
    pool.recall();
    int free = 0;
    for (int buffer = 0; buffer < BUFFERS; buffer++) {
      free += pool.own(buffer) != 0 ? 1 : 0;
    }
    schedule.note("the end: " + free + " free");
    require(free >= (schedule.anyStopped() ? BUFFERS - 2 : BUFFERS), LOST);
  }
}
