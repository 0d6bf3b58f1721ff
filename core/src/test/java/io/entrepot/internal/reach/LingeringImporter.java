package io.entrepot.internal.reach;

import io.entrepot.flow.Overflow;
import io.entrepot.internal.memory.Descriptor;
import io.entrepot.internal.memory.SharedMemory;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.Importer;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A process that imports a pool, keeps all that it was ever sent mapped and lets go of nothing,
 * whatever it is asked: {@code SOCKET FEED STRIDE}.
 *
 * <p>It attaches as {@value #NAME}, joins the feed, where it reads nothing, and says {@code
 * mapped}; {@code sent} and its number for each memory that it is sent later. Orders, a line each:
 * {@code look}, upon which it says {@code saw} and the first words of all buffers that it can see,
 * in ascending order; {@code again}, upon which it connects once more and says {@code mapped}, or
 * {@code refused} and why.
 */
public final class LingeringImporter {
  public static final String NAME = "lingering";

  private final List<MemorySegment> mapped = new CopyOnWriteArrayList<>();
  private final List<RawPeer> peers = new ArrayList<>();

  private LingeringImporter() {}

  public static void main(String[] args) throws Exception {
    LingeringImporter importer = new LingeringImporter();
    Path socket = Path.of(args[0]);
    System.out.println(importer.connect(socket, args[1]));
    try (BufferedReader orders = new BufferedReader(new InputStreamReader(System.in))) {
      for (String order = orders.readLine(); order != null; order = orders.readLine()) {
        System.out.println(
            order.equals("again")
                ? importer.connect(socket, args[1])
                : "saw " + importer.look(Long.parseLong(args[2])));
      }
    }
  }

  private String connect(Path socket, String feed) throws InterruptedException {
    RawPeer peer = RawPeer.connect(socket);
    peers.add(peer);
    WireSocket.Arrival welcome = peer.greet();
    if (welcome.message() instanceof WireFormat.Refused(WireFormat.Why _, String why)) {
      return "refused " + why;
    }
    List<Descriptor> sent = welcome.descriptors(3);
    try (SharedMemory data = SharedMemory.received(sent.get(0))) {
      mapped.add(data.map(false, Arena.global()));
    }
    sent.get(1).close();
    sent.get(2).close();
    WireFormat.Attach attach = new WireFormat.Attach(Importer.viewing(NAME, Access.READ));
    peer.say(7, attach);
    if (!(hearAnswer(peer) instanceof WireFormat.Attached(int attachment, int _, int _))) {
      throw new AssertionError("not attached");
    }
    peer.say(8, new WireFormat.Join(attachment, feed, Overflow.DROP_OLDEST, 2, 0));
    hearAnswer(peer);
    Thread.ofPlatform().daemon().start(() -> hear(peer));
    return "mapped";
  }

  /** Maps what it is sent, to the end of a connection. */
  private void hear(RawPeer peer) {
    for (WireSocket.Arrival said; (said = peer.hear()) != null; ) {
      mapIfMemory(said);
    }
  }

  /** The next message that is no memory; that may come in front of each answer. */
  private WireFormat.Message hearAnswer(RawPeer peer) {
    WireSocket.Arrival said = peer.hear();
    while (said != null && mapIfMemory(said)) {
      said = peer.hear();
    }
    if (said == null) {
      return null;
    }
    said.descriptors().forEach(Descriptor::close);
    return said.message();
  }

  private boolean mapIfMemory(WireSocket.Arrival said) {
    if (!(said.message() instanceof WireFormat.Memory(long number))) {
      return false;
    }
    try (SharedMemory data = SharedMemory.received(said.descriptors(1).getFirst())) {
      mapped.add(data.map(false, Arena.global()));
      System.out.println("sent " + number);
    }
    return true;
  }

  private String look(long stride) {
    List<Long> words = new ArrayList<>();
    for (MemorySegment memory : mapped) {
      for (long at = 0; at < memory.byteSize(); at += stride) {
        words.add(memory.get(ValueLayout.JAVA_LONG, at));
      }
    }
    long[] sorted = words.stream().mapToLong(Long::longValue).sorted().toArray();
    return Arrays.toString(sorted).replaceAll("[\\[\\],]", "");
  }
}
