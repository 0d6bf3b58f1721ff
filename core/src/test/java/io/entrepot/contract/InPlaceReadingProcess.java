package io.entrepot.contract;

import io.entrepot.flow.Division;
import io.entrepot.flow.FeedReader;
import io.entrepot.flow.FramePort;
import io.entrepot.flow.Overflow;
import io.entrepot.reach.RemotePool;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.Attachment;
import io.entrepot.sharing.Importer;
import io.entrepot.sharing.MappingType;
import io.entrepot.sharing.NativeLease;
import io.entrepot.sharing.Port;
import io.entrepot.sharing.SharedBuffer;
import io.entrepot.sharing.View;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * A process that reads frames which are written in place meanwhile: {@code SOCKET FEED WHAT}.
 *
 * <p>It says {@code joined}, and then is told line by line what to do when it is to {@code hold};
 * or it leases frames to the end of the feed and says {@code leased} and how many, if the first two
 * words of each of them were the same.
 */
final class InPlaceReadingProcess {
  private InPlaceReadingProcess() {}

  public static void main(String[] args) throws IOException {
    try (RemotePool pool = RemotePool.connect(Path.of(args[0]))) {
      if (args[2].equals("lease")) {
        lease(pool, args[1]);
      } else {
        hold(pool, args[1]);
      }
    }
  }

  /** Takes the frame under a reference, and maps and lets it go as it is told. */
  private static void hold(RemotePool pool, String feed) throws IOException {
    BufferedReader told = new BufferedReader(new InputStreamReader(System.in));
    try (FeedReader mapping = pool.feed(feed).join("mapping", Access.READ, Overflow.BLOCK);
        FeedReader holding = pool.feed(feed).join("holding", Access.READ, Overflow.BLOCK);
        FramePort frames = mapping.open();
        FramePort references = holding.open();
        Attachment attachment = pool.attach(Importers.reading());
        Port port = attachment.open()) {
      System.out.println("joined");
      SharedBuffer held = null;
      View view = null;
      String line;
      while ((line = told.readLine()) != null) {
        switch (line) {
          case "next" -> frames.next(60, TimeUnit.SECONDS);
          case "unmap" -> frames.unmap();
          case "hold" -> held = references.nextBuffer(60, TimeUnit.SECONDS);
          case "map" -> view = port.map(held, 60, TimeUnit.SECONDS);
          case "close" -> {
            view.close();
            held.close();
          }
          default -> throw new AssertionError(line);
        }
        System.out.println(line + (line.equals("map") ? " " + view.getLong(0) : "") + " done");
      }
    }
  }

  private static void lease(RemotePool pool, String feed) {
    Importer leasing = Importers.reading(MappingType.NATIVE_POINTER);
    try (FeedReader reader = pool.feed(feed).join(leasing, Overflow.BLOCK, 1, Division.EACH);
        FramePort port = reader.open()) {
      System.out.println("joined");
      long count = 0;
      while (port.nextLease(60, TimeUnit.SECONDS) instanceof NativeLease lease) {
        check(lease);
        lease.close();
        count++;
      }
      System.out.println("leased " + count);
    }
  }

  @SuppressWarnings("restricted")
  private static void check(NativeLease lease) {
    MemorySegment bytes = MemorySegment.ofAddress(lease.address()).reinterpret(lease.byteSize());
    long first = bytes.get(ValueLayout.JAVA_LONG, 0);
    long second = bytes.get(ValueLayout.JAVA_LONG, Long.BYTES);
    if (first != second) {
      throw new AssertionError(first + " and " + second + " under a lease");
    }
  }
}
