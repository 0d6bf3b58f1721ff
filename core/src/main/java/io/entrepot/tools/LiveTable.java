package io.entrepot.tools;

import io.entrepot.internal.sharing.PoolSight;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.ToLongFunction;

/**
 * The command {@code top}: a table of all pools, again and again. On a terminal each is drawn over
 * the one before, elsewhere they follow each other.
 */
final class LiveTable {
  private static final double SECOND_NS = TimeUnit.SECONDS.toNanos(1);

  private final Command.Top command;
  private final PrintStream out;

  /** What was seen at the last look, by the inode of the words. */
  private Map<Long, Seen> before = Map.of();

  /** Whether the terminal was given back: nothing may be drawn any more. */
  private boolean over;

  LiveTable(Command.Top command, PrintStream out) {
    this.command = command;
    this.out = out;
  }

  /**
   * What was counted until a time.
   *
   * @param acquires never less than was seen before, though a port that closes in the moment of a
   *     look is left out of it: else the next look would show all that it has acquired as new
   */
  record Seen(long atNs, long acquires, long publishes, long maps) {
    /** What is seen now, after something or, with {@code null}, nothing. */
    static Seen after(Seen last, long nowNs, PoolSight.Numbers now) {
      long acquires = last == null ? now.acquires() : Math.max(last.acquires, now.acquires());
      return new Seen(nowNs, acquires, now.publishes(), now.maps());
    }
  }

  int run() throws InterruptedException {
    boolean live = Terminal.ofOutput() != null;
    if (live) {
      // Also at Ctrl-C, which ends the JVM.
      Runtime.getRuntime().addShutdownHook(new Thread(this::giveBack, "entrepot-terminal"));
      write(Terminal.HIDE_CURSOR + Terminal.CLEAR);
    }
    for (int i = 0; command.times() == 0 || i < command.times(); i++) {
      if (i > 0) {
        Thread.sleep(command.every());
      }
      PoolsInSight pools = new PoolsInSight();
      List<String> lines = look(pools);
      lines.add(0, "");
      lines.add(0, PoolList.time(System.currentTimeMillis()) + ", every " + every());
      int odd = pools.odd().size();
      if (odd > 0) {
        lines.add("");
        lines.add("passed over: " + odd + " that make no sense; see entrepot list");
      }
      Terminal terminal = live ? Terminal.ofOutput() : null;
      write(terminal == null ? String.join("\n", lines) + "\n\n" : screen(terminal, lines));
      if (out.checkError()) {
        // Nobody reads any more.
        return Entrepot.DONE;
      }
    }
    return Entrepot.DONE;
  }

  private String every() {
    Duration every = command.every();
    return every.toMillis() % 1_000 == 0 ? every.toSeconds() + " s" : every.toMillis() + " ms";
  }

  private List<String> look(PoolsInSight pools) {
    Table table =
        new Table(
            "PID",
            "<POOL",
            "BUFFERS",
            "FREE",
            "MOST USED",
            "ACQUIRES/S",
            "PUBLISHES/S",
            "MAPS/S",
            "WAITS",
            "TIME-OUTS",
            "PEERS");
    Map<Long, Seen> now = new HashMap<>();
    pools.forEach(pool -> {
      PoolSight.Numbers numbers = pool.sight().numbers();
      Seen last = before.get(pool.words().inode());
      Seen seen = Seen.after(last, System.nanoTime(), numbers);
      now.put(pool.words().inode(), seen);
      table.add(
          pool.words().pid(),
          pool.name(),
          pool.sight().notice().buffers(),
          numbers.free(),
          numbers.mostInUse(),
          rate(last, seen, Seen::acquires),
          rate(last, seen, Seen::publishes),
          rate(last, seen, Seen::maps),
          numbers.waits(),
          numbers.timeouts(),
          pool.peers().size());
    });
    before = now;
    return new ArrayList<>(now.isEmpty() ? List.of(PoolList.NONE) : table.lines());
  }

  /** Counts of a second. Words that make no sense may step back. */
  static String rate(Seen last, Seen now, ToLongFunction<Seen> count) {
    if (last == null) {
      return "-";
    }
    long more = Math.max(0, count.applyAsLong(now) - count.applyAsLong(last));
    double rate = more / ((now.atNs - last.atNs) / SECOND_NS);
    return String.format(Locale.ROOT, rate < 10 ? "%.1f" : "%.0f", rate);
  }

  private static String screen(Terminal terminal, List<String> lines) {
    List<String> shown = lines;
    if (lines.size() > terminal.rows()) {
      int fits = Math.max(0, terminal.rows() - 1);
      shown = new ArrayList<>(lines.subList(0, fits));
      shown.add("... and " + (lines.size() - fits) + " lines more");
    }
    StringBuilder text = new StringBuilder(Terminal.HOME);
    for (int i = 0; i < shown.size(); i++) {
      text.append(i == 0 ? "" : "\n");
      text.append(terminal.cut(shown.get(i))).append(Terminal.CLEAR_REST_OF_LINE);
    }
    return text.append(Terminal.CLEAR_REST).toString();
  }

  private synchronized void write(String text) {
    if (!over) {
      out.print(text);
      out.flush();
    }
  }

  /** Shows the cursor again, below the table. */
  private void giveBack() {
    write("\n" + Terminal.SHOW_CURSOR);
    synchronized (this) {
      over = true;
    }
  }
}
