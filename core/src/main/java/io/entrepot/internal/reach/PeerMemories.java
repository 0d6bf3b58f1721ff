package io.entrepot.internal.reach;

import io.entrepot.internal.memory.SharedMemory;
import io.entrepot.internal.memory.SystemCallException;
import io.entrepot.internal.sharing.Replacements;
import io.entrepot.reach.PeerIdentity;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The data memories that a {@link ServedPeer} was sent, and may see for as long as its process
 * lives.
 *
 * <p>A memory counts as seen before it is sent, and to a peer that was cut off nothing is sent any
 * more: what it may see is whole when it is looked at. Thread-safe.
 */
final class PeerMemories {
  private static final System.Logger LOG = System.getLogger(PeerMemories.class.getName());

  private final Replacements replacements;
  private final WireSocket socket;
  private final PeerProcess process;
  private final PeerIdentity identity;
  private final Runnable onChange = this::tell;

  /** Numbers of those that it was sent, perhaps. */
  private final Set<Long> seen = ConcurrentHashMap.newKeySet();

  /** Those of them in which buffers lie as far as it knows; under its own lock. */
  private final Set<Long> there = new HashSet<>();

  private volatile boolean over;

  /** Whether it was looked at what it may still see. */
  private boolean exposed;

  /** Whether the handle of the process belongs to whoever waits for its end. */
  private boolean watched;

  /** Whether all is over, and the handle closed or given away. */
  private boolean ended;

  PeerMemories(
      Replacements replacements, WireSocket socket, PeerProcess process, PeerIdentity identity) {
    this.replacements = replacements;
    this.socket = socket;
    this.process = process;
    this.identity = identity;
  }

  /** Sends a memory with the welcome. */
  @FunctionalInterface
  interface Welcome {
    /** Sends it; it stays the caller's. */
    void send(long number, SharedMemory data);
  }

  /**
   * Refuses a process for which the pool has given up as much memory as it may.
   *
   * @throws IllegalStateException when it is such
   */
  void requireRoom() {
    if (replacements.isUsedUpBy(identity.toString())) {
      throw new IllegalStateException(
          "it was cut off before and may still see old memory, of which "
              + replacements.oldBytes()
              + " bytes stand, as much as may: it can come again when it, or another such process,"
              + " has ended");
    }
  }

  /** Has the newest memory sent, and whatever comes from then on. */
  void begin(Welcome welcome) {
    boolean sent = false;
    while (!sent) {
      Map.Entry<Long, SharedMemory> newest = replacements.mapped().getLast();
      seen.add(newest.getKey());
      try {
        if (over) {
          throw new IllegalStateException(identity + " was cut off while it was greeted");
        }
        welcome.send(newest.getKey(), newest.getValue());
        sent = true;
      } catch (IllegalStateException notSent) {
        // Replaced, and let go of since: there is a newer one.
        if (over || !newest.getValue().descriptor().isClosed()) {
          throw notSent;
        }
      }
      synchronized (there) {
        if (sent) {
          there.add(newest.getKey());
        }
      }
    }
    replacements.register(onChange);
    tell();
  }

  /**
   * Tells the peer which have come and gone; if it does not listen now, when this is called next.
   */
  void tell() {
    synchronized (there) {
      try {
        tellNow();
      } catch (SystemCallException | IllegalStateException notNow) {
        LOG.log(
            System.Logger.Level.DEBUG,
            "{0} could not be told of memories now: {1}",
            identity,
            notNow.getMessage());
      }
    }
  }

  /** What has gone comes first: so the peer never has more of them than there are at a time. */
  private void tellNow() {
    List<Map.Entry<Long, SharedMemory>> mapped = replacements.mapped();
    Set<Long> gone = new HashSet<>(there);
    mapped.forEach(memory -> gone.remove(memory.getKey()));
    for (long number : gone) {
      socket.trySend(0, new WireFormat.MemoryGone(number));
      there.remove(number);
    }
    for (Map.Entry<Long, SharedMemory> memory : mapped) {
      long number = memory.getKey();
      if (!there.contains(number)) {
        seen.add(number);
        if (over) {
          return;
        }
        socket.trySend(0, new WireFormat.Memory(number), memory.getValue().descriptor());
        there.add(number);
      }
    }
  }

  /**
   * The peer was cut off: it has not said that it let go, and goes on seeing what it was sent. From
   * here on nothing is put there. Of this process itself nothing can be hidden. Done when this
   * returns, whoever else does it. One that has left by itself before is believed.
   *
   * @param isUrgent see {@link Replacements#expose}
   */
  synchronized void cutOff(boolean isUrgent) {
    over = true;
    if (!exposed && !ended && !seen.isEmpty()) {
      // When that throws the handle is ours still, and whoever comes next does it.
      boolean isOther = identity.pid() != ProcessHandle.current().pid();
      if (isOther) {
        replacements.expose(process, identity.toString(), seen, isUrgent);
      }
      watched = isOther;
      exposed = true;
    }
  }

  /** The connection has ended; the handle of the process is closed, here or when that has ended. */
  void end() {
    over = true;
    replacements.unregister(onChange);
    synchronized (this) {
      ended = true;
      if (!watched) {
        process.close();
      }
    }
  }
}
