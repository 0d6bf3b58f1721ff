package io.entrepot.tools;

import io.entrepot.internal.memory.SharedMemory;
import io.entrepot.internal.memory.SystemCallException;
import io.entrepot.internal.reach.OpenMemory;
import io.entrepot.internal.reach.OwnNumber;
import io.entrepot.internal.reach.PeerName;
import io.entrepot.internal.sharing.PeerSight;
import io.entrepot.internal.sharing.PoolSight;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * A pool that is looked at now.
 *
 * @param words the memory of its control words, and whose it is
 * @param owner number of that process
 * @param sight what they say
 * @param peers the memories of processes that import it
 */
record SeenPool(OpenMemory words, OwnNumber owner, PoolSight sight, List<OpenMemory> peers) {

  /** As many as an exporter serves; what others offer must not take all our time. */
  private static final int MOST_PEERS = 256;

  /** Whether it is meant by a process's number or a pool's name. */
  boolean is(String which) {
    return which.equals(Long.toString(words.pid())) || which.equals(sight.notice().name());
  }

  /** Its name, fit to be shown. */
  String name() {
    return Text.shown(sight.notice().name());
  }

  /**
   * Tells of all that is in use.
   *
   * @param odd takes a line for each peer whose memory makes no sense
   */
  void dump(Consumer<String> line, Consumer<String> odd) {
    List<PeerSight> seen = new ArrayList<>();
    try {
      for (OpenMemory peer : peers.subList(0, Math.min(peers.size(), MOST_PEERS))) {
        try (SharedMemory lane = peer.open()) {
          if (lane != null) {
            seen.add(sight.peer(owner.known(PeerName.of(peer.name()).pid()), lane));
          }
        } catch (IllegalStateException | SystemCallException nonsense) {
          odd.accept(PoolsInSight.odd(peer, nonsense));
        }
      }
      if (peers.size() > MOST_PEERS) {
        odd.accept(
            (peers.size() - MOST_PEERS)
                + " more peers of '"
                + name()
                + "' of process "
                + words.pid()
                + " are passed over");
      }
      sight.dump(seen, System.currentTimeMillis(), line);
    } finally {
      seen.forEach(PeerSight::close);
    }
  }
}
