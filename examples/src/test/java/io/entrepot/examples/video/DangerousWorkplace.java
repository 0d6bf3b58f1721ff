package io.entrepot.examples.video;

import io.entrepot.flow.BufferPool;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.bytedeco.ffmpeg.avutil.AVBufferRef;

/** Processes, to some of which something happens when a frame is about to come. */
final class DangerousWorkplace implements Workplace {
  private final Workplace place;
  private final long frame;
  private final Consumer<Process> danger;
  private final Set<String> victims;

  private DangerousWorkplace(
      Workplace place, long frame, Consumer<Process> danger, Set<String> victims) {
    this.place = place;
    this.frame = frame;
    this.danger = danger;
    this.victims = victims;
  }

  /**
   * Lets it happen.
   *
   * @param frame number of the frame, from 1
   * @param danger what happens
   * @param victims names of the importers to whose processes it does
   */
  static Opening with(long frame, Consumer<Process> danger, String... victims) {
    return (options, transcoded, log, failure) ->
        new DangerousWorkplace(
            InProcesses.saying(System.out).open(options, transcoded, log, failure),
            frame,
            danger,
            Set.of(victims));
  }

  @Override
  public BufferPool pool(String name, long slotBytes, int slots) {
    return place.pool(name, slotBytes, slots);
  }

  @Override
  public List<FeedFollower> start(StreamTiming timing) {
    List<FeedFollower> followers = new ArrayList<>();
    for (FeedFollower follower : place.start(timing)) {
      ImporterProcess process = (ImporterProcess) follower;
      followers.add(victims.contains(process.name()) ? new Victim(process) : process);
    }
    return followers;
  }

  @Override
  public List<RunReport.Process> processes() {
    return place.processes();
  }

  @Override
  public void close() {
    place.close();
  }

  private final class Victim implements FeedFollower {
    private final ImporterProcess process;
    private long framesToGo = frame;

    Victim(ImporterProcess process) {
      this.process = process;
    }

    @Override
    public void follow(FrameFeed feed) {
      process.follow(feed);
    }

    @Override
    public boolean expect(DecoderSlot slot, AVBufferRef buffer) {
      if (--framesToGo == 0) {
        danger.accept(process.process());
      }
      return process.expect(slot, buffer);
    }

    @Override
    public boolean abandonIfStalled() {
      return process.abandonIfStalled();
    }

    @Override
    public void join() {
      process.join();
    }

    @Override
    public String toString() {
      return process.toString();
    }
  }
}
