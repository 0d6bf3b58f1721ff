package io.entrepot.tools;

import io.entrepot.internal.memory.Linux;
import io.entrepot.internal.memory.SystemCallException;
import java.io.PrintStream;

/** The program {@code entrepot}: what the pools of this user hold, seen from outside. */
public final class Entrepot {
  static final int DONE = 0;
  static final int FAILED = 1;
  static final int MISUSED = 2;

  private Entrepot() {}

  /**
   * Runs a command and ends the JVM.
   *
   * @param args the command and its options, see {@link Command#USAGE}
   */
  public static void main(String[] args) {
    System.exit(run(args, System.out, System.err));
  }

  /** Runs a command; how it ended, for the shell. */
  static int run(String[] args, PrintStream out, PrintStream err) {
    Command command;
    try {
      command = Command.parse(args);
    } catch (IllegalArgumentException misused) {
      err.println("entrepot: " + misused.getMessage());
      return MISUSED;
    }
    if (command instanceof Command.Help) {
      out.print(Command.USAGE);
      return DONE;
    }
    try {
      Linux.require();
      return switch (command) {
        case Command.Overview _ -> PoolList.print(out, err);
        case Command.Dump(String which) -> PoolDumps.print(which, out, err);
        case Command.Top top -> new LiveTable(top, out).run();
        case Command.Help _ -> DONE;
      };
    } catch (UnsupportedOperationException | IllegalStateException | SystemCallException cannot) {
      err.println("entrepot: " + cannot.getMessage());
      return FAILED;
    } catch (InterruptedException ended) {
      return FAILED;
    }
  }
}
