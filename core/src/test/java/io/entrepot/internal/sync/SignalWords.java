package io.entrepot.internal.sync;

import io.entrepot.internal.memory.HeapWords;
import io.entrepot.internal.memory.OneBell;
import io.entrepot.internal.memory.Words;
import io.entrepot.internal.sync.FarLane.Step;

/**
 * Two timelines of one process, and a process that waits for their points: what models of telling
 * signals run on. Timelines, their telling and {@link FarLane} are called as they are; the lines of
 * {@link FarFences} that import, look and sleep are repeated, for it makes threads of its own.
 */
public final class SignalWords {
  private static final String PROCESS = "model";
  private static final int TIMELINES = 2;

  private final Fault fault;
  private final OneBell bell = new OneBell();
  private final Words theirWords = new HeapWords(TimelineTable.bytes(TIMELINES));
  private final TimelineTable theirs = new TimelineTable(theirWords, 0, TIMELINES);
  private final TimelineState[] states = states(theirs, theirWords);

  private final FarTimelines far = new FarTimelines(theirWords, 0, TIMELINES);
  private final TimelineTable seen = new TimelineTable(theirWords, 0, TIMELINES);
  private final FarLane[] lanes = new FarLane[TIMELINES];
  private int importsLeft;
  private boolean hasLingered;

  /** What a planted bug does wrongly. */
  public enum Fault {
    NONE,
    /** Others are told before the word is changed. */
    TOLD_BEFORE,
    /** Nobody is told that the work of an ended timeline has stopped. */
    SETTLED_UNTOLD,
    /** The thread that looks for imported points listens behind its look. */
    LISTENS_LATE,
    /** It does not listen again once there was nothing to look for. */
    STAYS_DEAF,
    /** Who imports does not look whether the point is signaled, and leaves that to the thread. */
    IMPORTS_BLINDLY
  }

  public SignalWords(Fault fault) {
    this.fault = fault;
    theirs.toldBy(() -> {
      if (fault != Fault.TOLD_BEFORE
          && !(fault == Fault.SETTLED_UNTOLD && states[0].isSettled(1))) {
        bell.ring();
      }
    });
    Words ourWords = new HeapWords(TimelineTable.bytes(TIMELINES));
    TimelineState[] ours = states(new TimelineTable(ourWords, 0, TIMELINES), ourWords);
    for (int i = 0; i < TIMELINES; i++) {
      states[i].issue();
      lanes[i] = new FarLane(new IssuedTimeline(ours[i], null), far, PROCESS);
    }
  }

  private static TimelineState[] states(TimelineTable table, Words words) {
    TimelineState[] states = new TimelineState[TIMELINES];
    for (int i = 0; i < TIMELINES; i++) {
      states[i] = new TimelineState(table, words, i, PROCESS, null);
    }
    return states;
  }

  // ---------------------------------------------------------------- who signals

  /** Signals the one point of a timeline. */
  public void signal(int timeline) {
    if (fault == Fault.TOLD_BEFORE) {
      bell.ring();
    }
    states[timeline].signal(1, null);
  }

  /** Ends a timeline, whose work may go on. */
  public void end(int timeline) {
    states[timeline].end(null);
  }

  // ---------------------------------------------------------------- who waits for one point

  public void awaitSignaled(int timeline) {
    bell.sleepUntil(() -> FarLane.isSignaled(far, timeline, 1));
  }

  /** Waits for what reuse of a buffer asks. */
  public void awaitSettled(int timeline) {
    bell.sleepUntil(() -> seen.isSettled(timeline, 1));
  }

  /** How many listen. */
  public long listening() {
    return bell.listening();
  }

  // ---------------------------------------------------------------- imported points

  /** The point of a timeline was imported before anything is signaled. */
  public void isImported(int timeline) {
    lanes[timeline].add(timeline, 1);
  }

  /** Another one will be imported. */
  public void isToImport() {
    importsLeft = 1;
  }

  /** {@link FarFences#importPoint}; whether the point was signaled already. */
  public synchronized boolean importPoint(int timeline) {
    boolean signaled = fault != Fault.IMPORTS_BLINDLY && FarLane.isSignaled(far, timeline, 1);
    if (!signaled) {
      lanes[timeline].add(timeline, 1);
    }
    importsLeft = 0;
    notifyAll();
    return signaled;
  }

  /** What the thread of {@link FarFences} does, until the point of a timeline is signaled here. */
  public void lookUntilSignaled(int timeline) {
    boolean listens = false;
    while (isToCome(timeline)) {
      boolean deaf = fault == Fault.LISTENS_LATE || (fault == Fault.STAYS_DEAF && hasLingered);
      if (!listens && !deaf && isPending()) {
        listens = listen();
      }
      long heard = bell.seen();
      look();
      if (!isToCome(timeline)) {
        break;
      }
      if (isPending()) {
        if (fault == Fault.LISTENS_LATE) {
          listens = listens || listen();
          heard = bell.seen();
        }
        // What has come since it chose not to listen is looked for after a slice.
        if (listens || deaf) {
          bell.sleepWhile(heard);
        }
      } else {
        listens = listens && !end();
        linger();
      }
    }
    if (listens) {
      bell.end();
    }
  }

  private boolean listen() {
    bell.listen();
    return true;
  }

  private boolean end() {
    bell.end();
    return true;
  }

  private void look() {
    for (Step step = next(); step != null; step = next()) {
      step.take();
      stepped(step);
    }
  }

  private synchronized Step next() {
    Step first = lanes[0].next();
    return first == null ? lanes[1].next() : first;
  }

  private synchronized void stepped(Step step) {
    step.lane().stepped();
  }

  private synchronized boolean isToCome(int timeline) {
    return importsLeft > 0 || lanes[timeline].isPending();
  }

  private synchronized boolean isPending() {
    return lanes[0].isPending() || lanes[1].isPending();
  }

  private synchronized void linger() {
    hasLingered = true;
    while (!isPending() && importsLeft > 0) {
      try {
        wait();
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
  }
}
