package io.entrepot.model;

import static io.entrepot.model.Model.findsBug;
import static io.entrepot.model.Model.holds;
import static io.entrepot.model.Model.inParallel;
import static io.entrepot.model.Model.require;

import io.entrepot.internal.memory.HeapWords;
import io.entrepot.internal.memory.Words;
import io.entrepot.internal.sync.OwnFence;
import io.entrepot.sync.Fence;
import io.entrepot.sync.FenceArray;
import io.entrepot.sync.FenceChain;
import io.entrepot.sync.FenceError;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/**
 * Arrays and chains: {@code ArrayOfFences} and {@code ChainLink}, as they are.
 *
 * <p><b>Must not be.</b> A container is never signaled though its fences are, runs a callback twice
 * or never, or tells no error though one of its fences had one. Nobody waits for it, and it has
 * left a callback in a fence; or somebody does, and what another took back was his.
 *
 * <p><b>Order.</b> All fields that threads share are volatile. An array notes all errors before it
 * is signaled. A chain's link leaves out another by one CAS to a record that has the error and what
 * comes before. A callback fences between the signal that runs it and its look at the others.
 */
class ContainerTest {
  private static final String NEVER = "the callback never runs, or twice";
  private static final String LEFT_BEHIND = "a callback is left behind";
  private static final String LOST_ERROR = "the error is lost";
  private static final FenceError DISK = FenceError.failed("disk");

  // ---------------------------------------------------------------- arrays

  @Test
  void anArrayIsSignaledByItsLastMemberWhicheverThatIs() {
    holds(() -> {
      OwnFence one = new OwnFence();
      OwnFence two = new OwnFence();
      FenceArray array = FenceArray.of("array", List.of(one.fence(), two.fence()));
      AtomicInteger runs = new AtomicInteger();
      array.onSignal(runs::incrementAndGet);
      inParallel(() -> one.signal(DISK), two::signal);
      require(runs.get() == 1, NEVER);
      require(array.error().equals(Optional.of(DISK)), LOST_ERROR);
    });
  }

  @Test
  void anArrayThatIsPolledMeanwhileTellsTheSame() {
    holds(() -> {
      OwnFence one = new OwnFence();
      OwnFence two = new OwnFence();
      FenceArray array = FenceArray.of("array", List.of(one.fence(), two.fence()));
      AtomicInteger runs = new AtomicInteger();
      array.onSignal(runs::incrementAndGet);
      one.signal();
      inParallel(
          () -> two.signal(DISK),
          () -> require(!array.isSignaled() || array.error().isPresent(), LOST_ERROR));
      require(runs.get() == 1, NEVER);
      require(array.error().equals(Optional.of(DISK)), LOST_ERROR);
    });
  }

  @Test
  void anArrayThatIsArmedMeanwhileRunsTheCallbackOrRefusesIt() {
    holds(() -> {
      OwnFence one = new OwnFence();
      OwnFence two = new OwnFence();
      FenceArray array = FenceArray.of("array", List.of(one.fence(), two.fence()));
      two.signal();
      AtomicInteger runs = new AtomicInteger();
      boolean[] added = new boolean[1];
      inParallel(() -> added[0] = array.onSignal(runs::incrementAndGet) != null, one::signal);
      require(runs.get() == (added[0] ? 1 : 0), NEVER);
      require(array.isSignaled(), "never signaled");
    });
  }

  @Test
  void countBeforeErrorPlantedBugIsFound() {
    findsBug(
        LOST_ERROR,
        () -> {
          CountBeforeErrorPlantedBug array = new CountBeforeErrorPlantedBug();
          inParallel(() -> array.signaled(true), () -> array.signaled(false));
          require(array.words.getVolatile(CountBeforeErrorPlantedBug.TOLD) == 1, LOST_ERROR);
        });
  }

  /** Planted: counts a member before its error is noted, so the last one may tell none. */
  private static final class CountBeforeErrorPlantedBug {
    static final long TOLD = 2L * Words.WORD_BYTES;
    private static final long MISSING = 0;
    private static final long ERROR = Words.WORD_BYTES;

    final Words words = new HeapWords(3L * Words.WORD_BYTES);

    CountBeforeErrorPlantedBug() {
      words.setVolatile(MISSING, 2);
    }

    void signaled(boolean failed) {
      boolean last = words.getAndAdd(MISSING, -1) == 1;
      if (failed) {
        words.setVolatile(ERROR, 1);
      }
      if (last) {
        words.setVolatile(TOLD, words.getVolatile(ERROR));
      }
    }
  }

  // ---------------------------------------------------------------- who gives up

  /** A container's text tells what it is without asking its fences. */
  private static void requireNotWatched(Fence container) {
    require(container.toString().contains("pending"), LEFT_BEHIND);
    require(container.isSignaled(), "never signaled");
  }

  @Test
  void whoGivesUpTakesNothingFromWhoComes() {
    holds(() -> {
      OwnFence own = new OwnFence();
      FenceArray array = FenceArray.of("array", List.of(own.fence()));
      AtomicInteger removed = new AtomicInteger();
      AtomicInteger runs = new AtomicInteger();
      Fence.Callback first = array.onSignal(removed::incrementAndGet);
      inParallel(
          () -> require(first.remove(), "not removed"),
          () -> require(array.onSignal(runs::incrementAndGet) != null, "not added"));
      own.signal();
      require(runs.get() == 1 && removed.get() == 0, NEVER);
    });
  }

  @Test
  void whoGivesUpAtTheSignalIsToldOrNot() {
    holds(() -> {
      OwnFence own = new OwnFence();
      FenceArray array = FenceArray.of("array", List.of(own.fence()));
      AtomicInteger runs = new AtomicInteger();
      boolean[] removed = new boolean[1];
      Fence.Callback callback = array.onSignal(runs::incrementAndGet);
      inParallel(() -> removed[0] = callback.remove(), own::signal);
      require(array.isSignaled(), "never signaled");
      require(runs.get() == (removed[0] ? 0 : 1), NEVER);
    });
  }

  @Test
  void twoWhoGiveUpLeaveNothingInTheMembers() {
    holds(() -> {
      OwnFence one = new OwnFence();
      OwnFence two = new OwnFence();
      FenceArray array = FenceArray.of("array", List.of(one.fence(), two.fence()));
      Runnable addAndRemove = () -> require(array.onSignal(() -> {}).remove(), "not removed");
      inParallel(addAndRemove, addAndRemove);
      one.signal();
      two.signal();
      requireNotWatched(array);
    });
  }

  @Test
  void whoGivesUpALinkLeavesNothingInItAndTakesNothingFromTheOneBefore() {
    holds(() -> {
      OwnFence one = new OwnFence();
      OwnFence two = new OwnFence();
      FenceChain older = FenceChain.first("chain", 1, one.fence());
      FenceChain tail = older.then(2, two.fence());
      AtomicInteger runs = new AtomicInteger();
      inParallel(
          () -> require(tail.onSignal(() -> {}).remove(), "not removed"),
          () -> require(older.onSignal(runs::incrementAndGet) != null, "not added"));
      two.signal();
      one.signal();
      require(runs.get() == 1, NEVER);
      requireNotWatched(tail);
    });
  }

  @Test
  void takesBackWhatIsAnothersPlantedBugIsFound() {
    findsBug(
        NEVER,
        () -> {
          OneWatchForAllPlantedBug container = new OneWatchForAllPlantedBug();
          container.join();
          inParallel(container::leave, container::join);
          require(container.words.getVolatile(OneWatchForAllPlantedBug.CALLBACK) == 1, NEVER);
        });
  }

  /** Planted: the last who leaves takes the callback back, which is the next one's by then. */
  private static final class OneWatchForAllPlantedBug {
    static final long CALLBACK = Words.WORD_BYTES;
    private static final long HOLDERS = 0;

    final Words words = new HeapWords(2L * Words.WORD_BYTES);

    void join() {
      if (words.getAndAdd(HOLDERS, 1) == 0) {
        words.setVolatile(CALLBACK, 1);
      }
    }

    void leave() {
      if (words.getAndAdd(HOLDERS, -1) == 1) {
        words.setVolatile(CALLBACK, 0);
      }
    }
  }

  @Test
  void armsTwiceAndKeepsOneHandlePlantedBugIsFound() {
    findsBug(
        LEFT_BEHIND,
        () -> {
          TwoCallbacksPlantedBug container = new TwoCallbacksPlantedBug();
          inParallel(container::arm, container::arm);
          container.takeBack();
          require(container.words.getVolatile(TwoCallbacksPlantedBug.CALLBACKS) == 0, LEFT_BEHIND);
        });
  }

  /** Planted: who helps to arm stores its handle over that of the other. */
  private static final class TwoCallbacksPlantedBug {
    static final long CALLBACKS = 0;
    private static final long HANDLE = Words.WORD_BYTES;

    final Words words = new HeapWords(2L * Words.WORD_BYTES);

    void arm() {
      if (words.getVolatile(HANDLE) == 0) {
        words.getAndAdd(CALLBACKS, 1);
        words.setVolatile(HANDLE, 1);
      }
    }

    void takeBack() {
      words.getAndAdd(CALLBACKS, -words.getVolatile(HANDLE));
    }
  }

  // ---------------------------------------------------------------- chains

  /** Three links, with an error in the middle, that are signaled and dropped while one looks. */
  @Test
  void whatIsDroppedWhileAnotherFindsIsNotForgotten() {
    holds(() -> {
      OwnFence[] own = {new OwnFence(), new OwnFence(), new OwnFence()};
      FenceChain first = FenceChain.first("chain", 1, own[0].fence());
      FenceChain tail = first.then(2, own[1].fence()).then(3, own[2].fence());
      own[1].signal(DISK);
      inParallel(
          () -> {
            Fence found = tail.find(2);
            require(found == first || found.isSignaled(), "found " + found);
            own[0].signal();
          },
          () -> {
            Fence found = tail.find(1);
            require(found == first || found.isSignaled(), "found " + found);
          });
      require(tail.find(2).isSignaled(), "a point that was dropped");
      require(!tail.isSignaled(), "too early");
      own[2].signal();
      require(tail.error().equals(Optional.of(DISK)), LOST_ERROR);
    });
  }

  @Test
  void aChainIsSignaledByItsLastFenceWhicheverThatIs() {
    holds(() -> {
      OwnFence one = new OwnFence();
      OwnFence two = new OwnFence();
      FenceChain tail = FenceChain.first("chain", 1, one.fence()).then(2, two.fence());
      AtomicInteger runs = new AtomicInteger();
      tail.onSignal(runs::incrementAndGet);
      inParallel(() -> one.signal(DISK), two::signal);
      require(runs.get() == 1, NEVER);
      require(tail.error().equals(Optional.of(DISK)), LOST_ERROR);
    });
  }

  @Test
  void aChainThatIsArmedMeanwhileRunsTheCallbackOrRefusesIt() {
    holds(() -> {
      OwnFence one = new OwnFence();
      OwnFence two = new OwnFence();
      FenceChain tail = FenceChain.first("chain", 1, one.fence()).then(2, two.fence());
      AtomicInteger runs = new AtomicInteger();
      boolean[] added = new boolean[1];
      inParallel(
          () -> added[0] = tail.onSignal(runs::incrementAndGet) != null,
          () -> {
            two.signal();
            one.signal();
          });
      require(runs.get() == (added[0] ? 1 : 0), NEVER);
      require(tail.isSignaled(), "never signaled");
    });
  }

  /** Two links are armed by two threads, one of which finds the older one armed already. */
  @Test
  void linksThatTwoThreadsArmAreAllSignaled() {
    holds(() -> {
      OwnFence one = new OwnFence();
      OwnFence two = new OwnFence();
      FenceChain older = FenceChain.first("chain", 1, one.fence());
      FenceChain tail = older.then(2, two.fence());
      AtomicInteger runs = new AtomicInteger();
      two.signal();
      inParallel(
          () -> tail.onSignal(runs::incrementAndGet), () -> older.onSignal(runs::incrementAndGet));
      one.signal();
      require(runs.get() == 2, NEVER);
    });
  }

  @Test
  void linkLeftOutBeforeItsErrorPlantedBugIsFound() {
    findsBug(
        LOST_ERROR,
        () -> {
          LinkBeforeErrorPlantedBug chain = new LinkBeforeErrorPlantedBug();
          inParallel(chain::collect, chain::completeIfAlone);
          chain.completeIfAlone();
          require(chain.words.getVolatile(LinkBeforeErrorPlantedBug.TOLD) == 2, LOST_ERROR);
        });
  }

  /** Planted: leaves out a link, and notes its error after that. */
  private static final class LinkBeforeErrorPlantedBug {
    static final long TOLD = 2L * Words.WORD_BYTES;
    private static final long LINK = 0;
    private static final long ERROR = Words.WORD_BYTES;

    final Words words = new HeapWords(3L * Words.WORD_BYTES);

    LinkBeforeErrorPlantedBug() {
      words.setVolatile(LINK, 1);
    }

    void collect() {
      words.setVolatile(LINK, 0);
      words.setVolatile(ERROR, 1);
    }

    /** Tells 2 with the error and 1 without it; the first wins. */
    void completeIfAlone() {
      if (words.getVolatile(LINK) == 0) {
        words.compareAndSet(TOLD, 0, 1 + words.getVolatile(ERROR));
      }
    }
  }
}
