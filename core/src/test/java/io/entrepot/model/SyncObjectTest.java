package io.entrepot.model;

import static io.entrepot.model.Model.findsBug;
import static io.entrepot.model.Model.holds;
import static io.entrepot.model.Model.inParallel;
import static io.entrepot.model.Model.require;

import io.entrepot.internal.memory.HeapWords;
import io.entrepot.internal.memory.Words;
import io.entrepot.internal.sync.OwnFence;
import io.entrepot.internal.sync.SyncSlot;
import io.entrepot.sync.Fence;
import io.entrepot.sync.SyncWait;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Sync objects: {@code SyncSlot} and {@code PointWaiter}, as they are.
 *
 * <p><b>Must not be.</b> A submission that came behind a waiter's joining is missed by it, though
 * it was taken out the next moment; a callback runs twice, or after its removal; a point that was
 * added is forgotten by another's adding.
 *
 * <p><b>Order.</b> All that is shared is one volatile reference to what is never changed, and each
 * waiter's volatile fence.
 */
class SyncObjectTest {
  private static final String MISSED = "the submission was missed";
  private static final String RUNS = "the callback never runs, or twice";
  private static final String FORGOTTEN = "a point is forgotten";
  private static final String KEPT = "a waiter is kept";
  private static final Duration LONG = Duration.ofHours(1);

  @Test
  void aSubmissionThatIsTakenOutAtOnceIsNotMissed() {
    holds(() -> {
      SyncSlot object = new SyncSlot("object");
      Fence fence = new OwnFence().fence();
      List<Fence> told = new ArrayList<>();
      object.onSubmit(0, told::add);
      inParallel(() -> object.replace(fence), object::reset);
      require(told.equals(List.of(fence)), MISSED);
      require(object.kept() == 0, KEPT);
    });
  }

  @Test
  void twoSubmissionsTellAWaiterOfOne() {
    holds(() -> {
      SyncSlot object = new SyncSlot("object");
      List<Fence> told = new ArrayList<>();
      object.onSubmit(0, told::add);
      inParallel(
          () -> object.replace(new OwnFence().fence()),
          () -> object.replace(new OwnFence().fence()));
      require(told.size() == 1, RUNS);
    });
  }

  @Test
  void whoJoinsMeanwhileIsToldOrSeesTheFence() {
    holds(() -> {
      SyncSlot object = new SyncSlot("object");
      List<Fence> told = new ArrayList<>();
      boolean[] added = new boolean[1];
      inParallel(
          () -> added[0] = object.onSubmit(0, told::add) != null,
          () -> object.replace(new OwnFence().fence()));
      require(told.size() == (added[0] ? 1 : 0), RUNS);
      require(object.kept() == 0, KEPT);
    });
  }

  @Test
  void whoWasToldIsLetGoThoughOthersJoin() {
    holds(() -> {
      SyncSlot object = new SyncSlot("object");
      List<Fence> told = new ArrayList<>();
      object.onSubmit(0, told::add);
      inParallel(
          () -> object.replace(new OwnFence().fence()),
          () -> object.onSubmit(1, told::add).remove());
      require(told.size() == 1, RUNS);
      require(object.kept() == 0, KEPT);
    });
  }

  @Test
  void aCallbackRunsOrIsRemoved() {
    holds(() -> {
      SyncSlot object = new SyncSlot("object");
      List<Fence> told = new ArrayList<>();
      Fence.Callback callback = object.onSubmit(0, told::add);
      boolean[] removed = new boolean[1];
      inParallel(
          () -> removed[0] = callback.remove(), () -> object.replace(new OwnFence().fence()));
      require(told.size() == (removed[0] ? 0 : 1), RUNS);
      require(object.kept() == 0, KEPT);
    });
  }

  @Test
  void aThreadThatWaitsForSubmissionAndSignalWakes() {
    holds(
        50,
        () -> {
          SyncSlot object = new SyncSlot("object");
          OwnFence own = new OwnFence();
          inParallel(
              () -> require(object.await(1, SyncWait.SUBMITTED_AND_SIGNALED, LONG), "not awakened"),
              () -> {
                object.add(1, own.fence());
                own.signal();
              });
          require(object.kept() == 0, KEPT);
        });
  }

  @Test
  void pointsThatTwoAddAreBothWaitedFor() {
    holds(() -> {
      SyncSlot object = new SyncSlot("object");
      OwnFence one = new OwnFence();
      OwnFence two = new OwnFence();
      inParallel(() -> object.add(1, one.fence()), () -> object.add(2, two.fence()));
      one.signal();
      require(!object.fence(0).orElseThrow().isSignaled(), FORGOTTEN);
      two.signal();
      require(object.fence(0).orElseThrow().isSignaled(), "never signaled");
    });
  }

  // ---------------------------------------------------------------- planted bugs

  @Test
  void tellingWhatIsThereByNowPlantedBugIsFound() {
    findsBug(
        MISSED,
        () -> {
          PlantedBugs object = new PlantedBugs();
          inParallel(() -> object.replaceAndTellWhatIsThere(1), object::reset);
          require(object.words.getVolatile(PlantedBugs.TOLD) == 1, MISSED);
        });
  }

  @Test
  void addingByAStorePlantedBugIsFound() {
    findsBug(
        FORGOTTEN,
        () -> {
          PlantedBugs object = new PlantedBugs();
          inParallel(() -> object.addByStore(1), () -> object.addByStore(2));
          require(object.words.getVolatile(PlantedBugs.HELD) == 3, FORGOTTEN);
        });
  }

  @Test
  void lettingGoByOneTryPlantedBugIsFound() {
    findsBug(
        KEPT,
        () -> {
          PlantedBugs object = new PlantedBugs();
          inParallel(object::replaceAndTryToLetGo, object::join);
          require((object.words.getVolatile(PlantedBugs.HELD) & PlantedBugs.MET) == 0, KEPT);
        });
  }

  /** One object whose fences are bits, and one waiter that has joined. */
  private static final class PlantedBugs {
    static final long HELD = 0;
    static final long TOLD = Words.WORD_BYTES;
    static final long MET = 1L << 8;
    static final long JOINED = 1L << 9;

    final Words words = new HeapWords(2L * Words.WORD_BYTES);

    /** Planted: looks again for what to tell, in place of telling what it has put in. */
    void replaceAndTellWhatIsThere(long fence) {
      words.setVolatile(HELD, fence);
      words.compareAndSet(TOLD, 0, words.getVolatile(HELD));
    }

    void reset() {
      words.setVolatile(HELD, 0);
    }

    /** Planted: tries once, for whoever comes between would do it. Who joins does not. */
    void replaceAndTryToLetGo() {
      long before = words.getVolatile(HELD);
      while (!words.compareAndSet(HELD, before, before | 1 | MET)) {
        before = words.getVolatile(HELD);
      }
      words.compareAndSet(HELD, before | 1 | MET, before | 1);
    }

    void join() {
      words.getAndAdd(HELD, JOINED);
    }

    /** Planted: puts what it has made by a store, whatever came between. */
    void addByStore(long fence) {
      long before = words.getVolatile(HELD);
      words.setVolatile(HELD, before | fence);
    }
  }
}
