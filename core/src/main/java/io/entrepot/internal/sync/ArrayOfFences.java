package io.entrepot.internal.sync;

import io.entrepot.sync.Fence;
import io.entrepot.sync.FenceArray;
import io.entrepot.sync.FenceChain;
import io.entrepot.sync.FenceError;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.agrona.concurrent.IdleStrategy;

/**
 * All of several fences.
 *
 * <p>Before the first interest members are asked one after the other, from the first that was not
 * signaled when last asked. The first interest <em>arms</em>: a callback in each member counts down
 * what is missing, plus one for the arming itself.
 *
 * <p><b>Invariant.</b> A member's error is noted, by a CAS that the first wins, before the member
 * is counted: so the outcome, made after the last count or after all were asked, has it.
 */
public final class ArrayOfFences implements FenceArray {
  private static final VarHandle ARMED;
  private static final VarHandle MISSING;
  private static final VarHandle FIRST_ERROR;
  private static final VarHandle ASKED;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      ARMED = lookup.findVarHandle(ArrayOfFences.class, "armed", boolean.class);
      MISSING = lookup.findVarHandle(ArrayOfFences.class, "missing", int.class);
      FIRST_ERROR = lookup.findVarHandle(ArrayOfFences.class, "firstError", FenceError.class);
      ASKED = lookup.findVarHandle(ArrayOfFences.class, "asked", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final String name;
  private final List<Fence> members;

  /** Earlier points of members' timelines, which are signaled before these: asked for errors. */
  private final List<Fence> superseded;

  private final Completion completion = new Completion(this::isSignaled);

  private boolean armed;
  private int missing;
  private FenceError firstError;

  /** Members below it were seen signaled. */
  private int asked;

  private ArrayOfFences(String name, List<Fence> members, List<Fence> superseded) {
    this.name = name;
    this.members = members;
    this.superseded = superseded;
    this.missing = members.size() + 1;
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
    return new ArrayOfFences(name, List.copyOf(members), List.of());
  }

  /** What a merge makes: members of different timelines, and the points that they supersede. */
  static ArrayOfFences merged(String name, List<Fence> members, List<Fence> superseded) {
    return new ArrayOfFences(name, List.copyOf(members), List.copyOf(superseded));
  }

  @Override
  public List<Fence> members() {
    return members;
  }

  /** Members and what they supersede: all that a merge has to ask. */
  List<Fence> everythingAsked() {
    if (superseded.isEmpty()) {
      return members;
    }
    List<Fence> all = new ArrayList<>(superseded);
    all.addAll(members);
    return all;
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
    superseded.forEach(this::noteError);
    for (Fence member : members) {
      noteError(member);
      latestMs = Math.max(latestMs, member.signalTimeMs());
    }
    completion.complete(
        new Completion.Outcome(
            members.isEmpty() ? SignaledFence.STUB.signalTimeMs() : latestMs, firstError()));
  }

  private void noteError(Fence member) {
    FenceError error = member.error().orElse(null);
    if (error != null && firstError() == null) {
      FIRST_ERROR.compareAndSet(this, null, error);
    }
  }

  /** The first error of a signaled member so far, or {@code null}. */
  FenceError firstError() {
    return (FenceError) FIRST_ERROR.getVolatile(this);
  }

  /** Watches the members from now on. */
  void arm() {
    if (completion.isComplete() || !ARMED.compareAndSet(this, false, true)) {
      return;
    }
    for (Fence member : members) {
      if (member.onSignal(() -> signaled(member)) == null) {
        signaled(member);
      }
    }
    count();
  }

  private void signaled(Fence member) {
    superseded.forEach(this::noteError);
    noteError(member);
    count();
  }

  private void count() {
    if ((int) MISSING.getAndAdd(this, -1) == 1) {
      complete();
    }
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
    if (timeout.isPositive()) {
      arm();
    }
    return completion.await(timeout);
  }

  @Override
  public boolean await(Duration timeout, IdleStrategy idle) {
    if (timeout.isPositive()) {
      arm();
    }
    return completion.await(timeout, idle);
  }

  @Override
  public Callback onSignal(Runnable callback) {
    arm();
    return isSignaled() ? null : completion.onSignal(callback);
  }

  @Override
  public String toString() {
    return name + ":1 all of " + members.size() + ", " + completion.describe();
  }
}
