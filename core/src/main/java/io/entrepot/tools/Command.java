package io.entrepot.tools;

import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;

/** What the user of the program wants. */
sealed interface Command {
  /** The manual. */
  String USAGE =
      """
      usage: entrepot list
             entrepot dump [PID|NAME]
             entrepot top [--every SECONDS] [--times N]

      Looks at the pools over shared memory of all processes that this user may look at.
      Nothing is asked of those processes, and nothing in them is changed or stopped.

        list   a line for each pool
        dump   each buffer that is not free, of all pools, of those of a process, or of
               those with a name: its state, who holds it since when, who has it mapped,
               which fences are pending; then what the pool has counted
        top    a table of rates that is drawn again and again, until Ctrl-C

      Buffers are FREE; OWNED by who has acquired and not published them; PUBLISHED,
      until the pool, when it looks for free ones, finds that all readers have passed
      them; or RETIRED, used by nobody and free at that look. MOST USED were in use at
      one of these looks. Ports are lanes here: their importers' names are seen inside
      the process alone (BufferPool.dump).

        --every SECONDS   from one table to the next: 0.1 to 3600, 1 if not given
        --times N         tables, then the end

      Exit status: 0 when all went well, also without any pool; 1 when nothing can be
      looked at, or dump finds no pool of that PID or NAME; 2 when this text is needed.
      """;

  /** A line for each pool. */
  record Overview() implements Command {}

  /**
   * The buffers of pools.
   *
   * @param which process or name of the pools; {@code null} for all
   */
  record Dump(String which) implements Command {}

  /**
   * A table that is drawn again and again.
   *
   * @param every from one to the next
   * @param times how often; 0 for ever
   */
  record Top(Duration every, int times) implements Command {}

  /** The manual, asked for. */
  record Help() implements Command {}

  /**
   * Understands what was said.
   *
   * @throws IllegalArgumentException when it makes no sense: why, in one line
   */
  static Command parse(String... args) {
    if (args.length == 0) {
      throw misused("no command");
    }
    if (List.of(args).contains("--help") || args[0].equals("-h")) {
      return new Help();
    }
    Iterator<String> rest = List.of(args).subList(1, args.length).iterator();
    Command command =
        switch (args[0]) {
          case "list" -> new Overview();
          case "dump" -> new Dump(rest.hasNext() ? selection(rest.next()) : null);
          case "top" -> top(rest);
          default -> throw misused("unknown command '" + Text.shown(args[0]) + "'");
        };
    if (rest.hasNext()) {
      throw misused("'" + Text.shown(rest.next()) + "' is too much for " + args[0]);
    }
    return command;
  }

  private static String selection(String word) {
    if (word.startsWith("-")) {
      throw misused("unknown option '" + Text.shown(word) + "' of dump");
    }
    return word;
  }

  private static Top top(Iterator<String> rest) {
    Duration every = Duration.ofSeconds(1);
    int times = 0;
    while (rest.hasNext()) {
      String option = rest.next();
      switch (option) {
        case "--every" ->
            every = Duration.ofMillis(Math.round(number(option, rest, 0.1, 3_600) * 1_000));
        case "--times" -> times = (int) number(option, rest, 1, Integer.MAX_VALUE);
        default -> throw misused("unknown option '" + Text.shown(option) + "' of top");
      }
    }
    return new Top(every, times);
  }

  private static double number(String option, Iterator<String> rest, double least, double most) {
    String word = rest.hasNext() ? rest.next() : "nothing";
    double number;
    try {
      number = Double.parseDouble(word);
    } catch (NumberFormatException e) {
      number = Double.NaN;
    }
    boolean whole = option.equals("--every") || number == Math.rint(number);
    if (number >= least && number <= most && whole) {
      return number;
    }
    throw misused(
        String.format(
            Locale.ROOT,
            "%s takes a %snumber from %s to %.0f, not '%s'",
            option,
            option.equals("--every") ? "" : "whole ",
            least == 1 ? "1" : least,
            most,
            Text.shown(word)));
  }

  private static IllegalArgumentException misused(String what) {
    return new IllegalArgumentException(what + "; see entrepot --help");
  }
}
