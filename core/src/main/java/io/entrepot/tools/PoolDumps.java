package io.entrepot.tools;

import io.entrepot.internal.sharing.PoolNotice;
import io.entrepot.internal.sharing.PoolSight;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** The command {@code dump}: what is in use of pools, and by whom. */
final class PoolDumps {
  private PoolDumps() {}

  static int print(String which, PrintStream out, PrintStream err) {
    PoolsInSight pools = new PoolsInSight();
    AtomicInteger count = new AtomicInteger();
    List<String> odd = new ArrayList<>();
    pools.forEach(pool -> {
      if (which == null || pool.is(which)) {
        count.incrementAndGet();
        print(pool, out, odd);
      }
    });
    if (which == null && count.get() == 0) {
      out.println(PoolList.NONE);
    }
    odd.addAll(pools.odd());
    odd.forEach(line -> err.println("entrepot: " + line));
    if (which != null && count.get() == 0) {
      err.println(
          "entrepot: no pool of process or name '" + Text.shown(which) + "'; see entrepot list");
      return Entrepot.FAILED;
    }
    return Entrepot.DONE;
  }

  private static void print(SeenPool pool, PrintStream out, List<String> odd) {
    PoolNotice notice = pool.sight().notice();
    PoolSight.Numbers now = pool.sight().numbers();
    out.println(
        "pool '"
            + pool.name()
            + "' of process "
            + pool.owner()
            + " since "
            + PoolList.time(notice.sinceMs())
            + ": "
            + notice.buffers()
            + " buffers ("
            + Text.sizes(notice.classes())
            + "), "
            + now.free()
            + " free");
    out.println(
        "  acquires="
            + now.acquires()
            + " publishes="
            + now.publishes()
            + " maps="
            + now.maps()
            + " open mappings="
            + now.openMappings()
            + " most used="
            + now.mostInUse());
    pool.dump(line -> out.println("  " + line), odd::add);
  }
}
