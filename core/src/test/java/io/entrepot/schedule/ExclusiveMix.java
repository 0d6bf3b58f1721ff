package io.entrepot.schedule;

import static io.entrepot.schedule.Scenario.require;

import io.entrepot.internal.buffers.PoolWords;
import java.util.Random;

/**
 * An owner writes to its buffer whenever it is told that nobody else uses it, and passes it on;
 * others map what they have a hold on, hold what they have mapped, and let go.
 *
 * <p>Who has the buffer mapped reads the bytes that the owner passed on, and when all have let go
 * the owner is told so.
 */
class ExclusiveMix implements Scenario {
  static final String IN_USE = "said to be exclusive, and is used";
  static final String OTHER_BYTES = "other bytes than were passed on";
  static final String NEVER = "nobody uses it, and that is not seen";

  private static final int OTHERS = 2;
  private static final int OPERATIONS = 12;
  private static final int LOOKS_MAX = 12;

  private final Schedule schedule;
  protected final PoolWords pool;
  private final Random random;
  private final int buffer;
  private final long generation;

  /** Holds that anybody may take over. */
  private int passedOn;

  /** Others that have it mapped. */
  private int mapped;

  private long mark;

  ExclusiveMix(Schedule schedule) {
    this.schedule = schedule;
    this.random = schedule.random();
    this.pool = PoolWords.on(schedule::words, 1, OTHERS);
    this.buffer = 0;
    long owned = pool.own(buffer);
    this.generation = PoolWords.generation(owned);
    pool.publish(buffer, owned, 1);
  }

  /** What may be planted wrongly. */
  boolean isExclusive() {
    return pool.isExclusive(buffer);
  }

  @Override
  public Runnable[] participants() {
    Runnable[] all = new Runnable[1 + OTHERS];
    all[0] = () -> turns(this::own);
    for (int lane = 0; lane < OTHERS; lane++) {
      int other = lane;
      all[1 + lane] = () -> turns(() -> use(other));
    }
    return all;
  }

  private static void turns(Runnable operation) {
    for (int turn = 0; turn < OPERATIONS; turn++) {
      operation.run();
    }
  }

  private void own() {
    if (isExclusive()) {
      schedule.note("exclusive, with " + passedOn + " holds and " + mapped + " mappings of others");
      require(passedOn + mapped == 0, IN_USE);
      mark++;
      pool.bytes(buffer, mark);
      for (int more = 1 + random.nextInt(2); more > 0; more--) {
        require(pool.hold(buffer, generation), NEVER);
        passedOn++;
      }
    }
  }

  private void use(int lane) {
    if (passedOn == 0) {
      pool.bytes(buffer); // a step, for others to go on
      return;
    }
    // From hold to mapping: one use all the time.
    passedOn--;
    mapped++;
    pool.storeSlot(lane, buffer);
    pool.unhold(buffer, generation);
    schedule.note("mapped");
    for (int look = random.nextInt(LOOKS_MAX); look > 0; look--) {
      require(pool.bytes(buffer) == mark, OTHER_BYTES);
    }
    if (random.nextBoolean()) {
      require(pool.holdMapped(buffer, generation), IN_USE);
      passedOn++;
      schedule.note("held");
    }
    // It ends before it is seen to.
    mapped--;
    pool.clearSlot(lane);
  }

  @Override
  public void check() {
    for (; passedOn > 0; passedOn--) {
      pool.unhold(buffer, generation);
    }
    require(schedule.anyStopped() || isExclusive(), NEVER);
  }
}
