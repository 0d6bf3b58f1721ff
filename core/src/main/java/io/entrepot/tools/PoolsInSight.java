package io.entrepot.tools;

import io.entrepot.internal.memory.SharedMemory;
import io.entrepot.internal.memory.SystemCallException;
import io.entrepot.internal.reach.OpenMemory;
import io.entrepot.internal.reach.OwnNumber;
import io.entrepot.internal.reach.PeerName;
import io.entrepot.internal.sharing.PoolSight;
import io.entrepot.internal.sharing.SharedSlabs;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** The pools of all processes that this one may look at, found by the names of their memories. */
final class PoolsInSight {
  /** What the names of all memories of Entrepot begin with. */
  private static final String OURS = "entrepot ";

  /** Odd memories of one process that are named one by one. */
  private static final int MOST_ODD = 8;

  private final Map<Long, Integer> oddOf = new LinkedHashMap<>();
  private final List<String> odd = new ArrayList<>();

  /** Shows each pool, which can be looked at until {@code look} returns; one after the other. */
  void forEach(Consumer<SeenPool> look) {
    // A memory may be open in several processes: on its way to an importer, for instance.
    Map<Long, List<OpenMemory>> words = new LinkedHashMap<>();
    Map<Whose, List<OpenMemory>> peers = new HashMap<>();
    List<OpenMemory> memories = new ArrayList<>(OpenMemory.named(OURS));
    memories.sort(Comparator.comparing(OpenMemory::pid).thenComparing(OpenMemory::descriptor));
    for (OpenMemory memory : memories) {
      PeerName peer = PeerName.of(memory.name());
      if (memory.name().startsWith(SharedSlabs.WORDS_OF)) {
        words.computeIfAbsent(memory.inode(), _ -> new ArrayList<>()).add(memory);
      } else if (peer != null) {
        List<OpenMemory> ofPool =
            peers.computeIfAbsent(new Whose(memory.pid(), peer.pool()), _ -> new ArrayList<>());
        // Open twice it is still one peer's.
        if (ofPool.stream().noneMatch(known -> known.inode() == memory.inode())) {
          ofPool.add(memory);
        }
      }
    }
    for (List<OpenMemory> same : words.values()) {
      try (PoolSight sight = open(same)) {
        if (sight != null) {
          OpenMemory owner = owner(same, sight.notice().pid());
          Whose whose = new Whose(owner.pid(), sight.notice().number());
          look.accept(
              new SeenPool(
                  owner, OwnNumber.of(owner.pid()), sight, peers.getOrDefault(whose, List.of())));
        }
      }
    }
  }

  /** A pool of a process, by its number there. */
  private record Whose(long pid, long pool) {}

  /**
   * Which of the processes that have a memory open made it, as far as its notice can be believed.
   *
   * @param pid number of the process as it knows itself
   */
  private static OpenMemory owner(List<OpenMemory> same, long pid) {
    return same.stream()
        .filter(memory -> OwnNumber.of(memory.pid()).own() == pid)
        .findFirst()
        .orElseGet(same::getFirst);
  }

  /** The pool of a memory; {@code null} when it is not there any more, or none. */
  private PoolSight open(List<OpenMemory> same) {
    for (OpenMemory memory : same) {
      SharedMemory control = memory.open();
      if (control != null) {
        try (control) {
          return PoolSight.of(control);
        } catch (IllegalStateException | SystemCallException nonsense) {
          int count = oddOf.merge(memory.pid(), 1, Integer::sum);
          if (count <= MOST_ODD) {
            odd.add(odd(memory, nonsense));
          }
          return null;
        }
      }
    }
    return null;
  }

  /** What there is to say of a memory with a name of ours that makes no sense. */
  static String odd(OpenMemory memory, RuntimeException why) {
    return "'"
        + Text.shown(memory.name())
        + "', descriptor "
        + memory.descriptor()
        + " of process "
        + memory.pid()
        + ", is passed over: "
        + why.getMessage();
  }

  /** A line for each memory that has the name of a pool's and is none. */
  List<String> odd() {
    List<String> lines = new ArrayList<>(odd);
    oddOf.forEach((pid, count) -> {
      if (count > MOST_ODD) {
        lines.add((count - MOST_ODD) + " more of process " + pid + " are passed over");
      }
    });
    return lines;
  }
}
