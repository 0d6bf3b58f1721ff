package io.entrepot.internal.sync;

import io.entrepot.internal.memory.HeapWords;
import io.entrepot.internal.memory.Words;
import io.entrepot.sync.Fence;
import io.entrepot.sync.Job;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Jobs on a timeline over words of their own, whose tasks a model runs: {@link JobLane} and {@link
 * SubmittedJob} are called as they are.
 */
public final class LaneWords {
  private final List<Runnable> tasks = new ArrayList<>();
  private final IssuedTimeline timeline;
  private final JobLane lane;

  private LaneWords(Words words) {
    TimelineTable table = new TimelineTable(words, words.base(), 1);
    timeline = new IssuedTimeline(new TimelineState(table, words, 0, "model", null), null);
    lane = new JobLane(timeline, tasks::add);
  }

  /** Jobs that a model checker can follow. */
  public static LaneWords onHeap() {
    return new LaneWords(new HeapWords(TimelineTable.bytes(1)));
  }

  public Fence submit(Job.Work work) {
    return lane.awaitSubmit(Job.of("job", work), Duration.ZERO);
  }

  /** Runs a task, in the order of submission. */
  public void run(int task) {
    tasks.get(task).run();
  }

  public void end() {
    timeline.close();
  }

  public boolean isSettled() {
    return timeline.state().table().isSettled(0, timeline.issued());
  }

  public int pending() {
    return lane.pending();
  }
}
