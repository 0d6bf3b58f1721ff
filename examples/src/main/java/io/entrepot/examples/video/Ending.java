package io.entrepot.examples.video;

import java.util.Set;

/**
 * How a process has ended.
 *
 * @param end of which kind
 * @param how in words
 */
record Ending(RunReport.End end, String how) {
  static final Ending FINISHED = new Ending(RunReport.End.FINISHED, "finished");

  /** A process whose exit value is above has ended by the signal of the difference. */
  private static final int SIGNALED = 128;

  /** SIGILL, SIGABRT, SIGBUS, SIGFPE and SIGSEGV: of its own doing, as a write to what it reads. */
  private static final Set<Integer> CRASHES = Set.of(4, 6, 7, 8, 11);

  /** Of a process that says why it fails. */
  static Ending failed(String why) {
    return new Ending(RunReport.End.FAILED, "failed: " + why);
  }

  /** Of a process that ended without a word. */
  static Ending of(int exitValue) {
    int signal = exitValue - SIGNALED;
    if (CRASHES.contains(signal)) {
      return new Ending(RunReport.End.FAILED, "crashed by signal " + signal);
    }
    return signal > 0
        ? new Ending(RunReport.End.KILLED, "was killed by signal " + signal)
        : new Ending(RunReport.End.FAILED, "ended with exit value " + exitValue);
  }
}
