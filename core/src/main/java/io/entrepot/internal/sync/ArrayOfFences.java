package io.entrepot.internal.sync;

import io.entrepot.sync.Fence;
import io.entrepot.sync.FenceArray;
import io.entrepot.sync.FenceChain;
import io.entrepot.sync.FenceError;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.agrona.concurrent.IdleStrategy;

/**
 * All of several fences.
 *
 * <p>Members are asked one after the other, from the first that was not signaled when last asked:
 * by who polls, and by the callbacks that an {@link ArrayWatch} keeps in them while somebody waits.
 *
 * <p><b>Callback against callback.</b> A member is signaled, then its callback fences and asks the
 * members: so of the last two members to be signaled one callback sees both.
 *
 * <p><b>Invariant.</b> Errors of all members are noted, by a CAS that the first wins, before the
 * outcome is made, which so has the first.
 */
public final class ArrayOfFences implements FenceArray, Completing {
  private static final VarHandle FIRST_ERROR;
  private static final VarHandle ASKED;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      FIRST_ERROR = lookup.findVarHandle(ArrayOfFences.class, "firstError", FenceError.class);
      ASKED = lookup.findVarHandle(ArrayOfFences.class, "asked", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final String name;
  private final List<Fence> members;

  /** Of timelines of members: points that these stand for, and that are asked for errors. */
  private final Map<TimelineState, EarlierPoints> earlier;

  private final Completion completion = new Completion(this);

  private FenceError firstError;

  /** Members below it were seen signaled. */
  private int asked;

  private ArrayOfFences(
      String name, List<Fence> members, Map<TimelineState, EarlierPoints> earlier) {
    this.name = name;
    this.members = members;
    this.earlier = earlier;
  }

  /** See {@link FenceArray#of}. */
  public static ArrayOfFences of(String name, List<? extends Fence> members) {
    for (Fence member : members) {
      if (member instanceof FenceArray || member instanceof FenceChain) {
        throw new IllegalArgumentException(
            "arrays and chains do not nest, and array '"
                + name
                + "' was given "
                + member
                + "; give what Fences.unwrap makes of it, or use Fences.merge");
      }
    }
    return new ArrayOfFences(name, List.copyOf(members), Map.of());
  }

  /** What a merge makes: members of different timelines, and the points that they stand for. */
  static ArrayOfFences merged(
      String name, List<Fence> members, Map<TimelineState, EarlierPoints> earlier) {
    Map<TimelineState, EarlierPoints> kept = new HashMap<>(earlier);
    kept.values().removeIf(Objects::isNull);
    return new ArrayOfFences(name, List.copyOf(members), Map.copyOf(kept));
  }

  @Override
  public List<Fence> members() {
    return members;
  }

  /** The points that a member stands for, or {@code null}. */
  EarlierPoints earlier(int index) {
    return members.get(index) instanceof TimelinePoint point ? earlier.get(point.state()) : null;
  }

  @Override
  public String timelineName() {
    return name;
  }

  @Override
  public long point() {
    return 1;
  }

  @Override
  public boolean isSignaled() {
    if (completion.isComplete()) {
      return true;
    }
    int next = (int) ASKED.getAcquire(this);
    while (next < members.size() && members.get(next).isSignaled()) {
      next++;
    }
    ASKED.setRelease(this, next);
    if (next < members.size()) {
      return false;
    }
    complete();
    return true;
  }

  /** All members are signaled. */
  private void complete() {
    long latestMs = 0;
    for (int i = 0; i < members.size(); i++) {
      noteErrorOf(i);
      latestMs = Math.max(latestMs, members.get(i).signalTimeMs());
    }
    completion.complete(
        new Completion.Outcome(
            members.isEmpty() ? SignaledFence.STUB.signalTimeMs() : latestMs, firstError()));
  }

  private void noteError(FenceError error) {
    if (error != null && firstError() == null) {
      FIRST_ERROR.compareAndSet(this, null, error);
    }
  }

  /** The first error of a signaled member so far, or {@code null}. */
  FenceError firstError() {
    return (FenceError) FIRST_ERROR.getVolatile(this);
  }

  /** A member has been signaled. */
  void signaled(int index) {
    noteErrorOf(index);
    VarHandle.fullFence();
    isSignaled();
  }

  /** Notes the first error of a member that is signaled, and of those that it stands for. */
  void noteErrorOf(int index) {
    if (firstError() != null) {
      return;
    }
    EarlierPoints before = earlier(index);
    if (before != null) {
      TimelineState state = ((TimelinePoint) members.get(index)).state();
      EarlierPoints.forEach(before, point -> noteError(state.error(point)));
    }
    noteError(members.get(index).error().orElse(null));
  }

  @Override
  public Watch watch() {
    return new ArrayWatch(this);
  }

  /** Begins to watch the members; what is returned is to be left. */
  Watch interest() {
    return completion.interest();
  }

  void forget(Watch over) {
    completion.forget(over);
  }

  @Override
  public Optional<FenceError> error() {
    return completion.error();
  }

  @Override
  public long signalTimeMs() {
    return completion.timeMs();
  }

  @Override
  public void hintDeadline(long deadlineNs) {
    members.forEach(member -> member.hintDeadline(deadlineNs));
  }

  @Override
  public boolean await(Duration timeout) {
    return completion.await(timeout);
  }

  @Override
  public boolean await(Duration timeout, IdleStrategy idle) {
    return completion.await(timeout, idle);
  }

  @Override
  public Callback onSignal(Runnable callback) {
    return completion.onSignal(callback);
  }

  @Override
  public String toString() {
    return name + ":1 all of " + members.size() + ", " + completion.describe();
  }
}
