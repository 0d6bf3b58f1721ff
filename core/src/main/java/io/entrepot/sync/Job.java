package io.entrepot.sync;

import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * Work, and what it has to wait for: a value, to be submitted to {@link Jobs}.
 *
 * <pre>{@code
 * Job.of("scale", () -> scale(source, target))
 *     .after(decoded)
 *     .reading(source.reservation())
 *     .writing(target.reservation());
 * }</pre>
 *
 * @param name for people
 * @param work what to do
 * @param dependencies fences that it waits for
 * @param uses buffers that it uses, whose fences it waits for as {@link Usage#awaited()} says
 * @param runsAfterErrors whether it runs though what it waited for has failed
 */
public record Job(
    String name, Work work, List<Fence> dependencies, List<Use> uses, boolean runsAfterErrors) {

  /** What a job does. */
  @FunctionalInterface
  public interface Work {
    /**
     * Does it. What it throws becomes the error of the job's fence.
     *
     * @throws Exception when it fails
     */
    void run() throws Exception;
  }

  /**
   * A buffer that a job uses.
   *
   * @param reservation of the buffer
   * @param usage with which the job's fence is added
   */
  public record Use(Reservation reservation, Usage usage) {
    /** Checks that nothing is missing. */
    public Use {
      Objects.requireNonNull(reservation, "reservation");
      Objects.requireNonNull(usage, "usage");
    }
  }

  /** Copies the lists. */
  public Job {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(work, "work");
    dependencies = List.copyOf(dependencies);
    uses = List.copyOf(uses);
  }

  /**
   * {@return a job that waits for nothing, and does not run when what it shall wait for has failed}
   *
   * @param name for people
   * @param work what to do
   */
  public static Job of(String name, Work work) {
    return new Job(name, work, List.of(), List.of(), false);
  }

  /**
   * {@return this job, waiting for these fences too}
   *
   * <p>Containers are flattened.
   *
   * @param fences of any kind
   */
  public Job after(Fence... fences) {
    List<Fence> more = Stream.concat(dependencies.stream(), Stream.of(fences)).toList();
    return new Job(name, work, more, uses, runsAfterErrors);
  }

  /**
   * {@return this job, reading these buffers: after who writes them, before who shall write them}
   *
   * @param buffers their reservations
   */
  public Job reading(Reservation... buffers) {
    return using(Usage.READ, buffers);
  }

  /**
   * {@return this job, writing these buffers: after who uses them, before who shall use them}
   *
   * @param buffers their reservations
   */
  public Job writing(Reservation... buffers) {
    return using(Usage.WRITE, buffers);
  }

  /**
   * {@return this job, using these buffers otherwise}
   *
   * @param usage with which the job's fence is added
   * @param buffers their reservations
   */
  public Job using(Usage usage, Reservation... buffers) {
    Stream<Use> added = Stream.of(buffers).map(buffer -> new Use(buffer, usage));
    return new Job(
        name, work, dependencies, Stream.concat(uses.stream(), added).toList(), runsAfterErrors);
  }

  /**
   * {@return this job, running whatever became of what it waits for}
   *
   * <p>A dependency that ended because its issuer was closed, lost or late may still write its
   * buffers. They are not reused, but such a job meets it there.
   */
  public Job evenAfterErrors() {
    return new Job(name, work, dependencies, uses, true);
  }
}
