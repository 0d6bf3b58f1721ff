package io.entrepot.tools;

import io.entrepot.internal.sharing.PoolNotice;
import io.entrepot.internal.sharing.PoolSight;
import java.io.PrintStream;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.concurrent.atomic.AtomicInteger;

/** The command {@code list}: a line for each pool. */
final class PoolList {
  static final String NONE = "no pool over shared memory that this user may look at";

  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss").withZone(ZoneId.systemDefault());

  private PoolList() {}

  static int print(PrintStream out, PrintStream err) {
    PoolsInSight pools = new PoolsInSight();
    Table table =
        new Table(
            "PID",
            "<POOL",
            "<SINCE",
            "BUFFERS",
            "<SIZES",
            "BYTES",
            "FREE",
            "OWNED",
            "PUBLISHED",
            "RETIRED",
            "MOST USED",
            "PEERS");
    AtomicInteger count = new AtomicInteger();
    pools.forEach(pool -> {
      PoolNotice notice = pool.sight().notice();
      PoolSight.Numbers now = pool.sight().numbers();
      table.add(
          pool.words().pid(),
          pool.name(),
          time(notice.sinceMs()),
          notice.buffers(),
          Text.sizes(notice.classes()),
          Text.bytes(notice.dataBytes()),
          now.free(),
          now.owned(),
          now.published(),
          now.retired(),
          now.mostInUse(),
          pool.peers().size());
      count.incrementAndGet();
    });
    if (count.get() == 0) {
      out.println(NONE);
    } else {
      table.lines().forEach(out::println);
    }
    pools.odd().forEach(line -> err.println("entrepot: " + line));
    return Entrepot.DONE;
  }

  /** A moment in this user's time zone. */
  static String time(long epochMs) {
    try {
      return TIME.format(Instant.ofEpochMilli(epochMs));
    } catch (DateTimeException nonsense) {
      return epochMs + " ms";
    }
  }
}
