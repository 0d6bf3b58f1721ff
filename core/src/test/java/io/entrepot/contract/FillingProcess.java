package io.entrepot.contract;

import io.entrepot.flow.Division;
import io.entrepot.flow.FeedReader;
import io.entrepot.flow.FramePort;
import io.entrepot.flow.Overflow;
import io.entrepot.reach.RemotePool;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.AttachRefusedException;
import io.entrepot.sharing.Importer;
import io.entrepot.sharing.Port;
import io.entrepot.sharing.RevokedException;
import io.entrepot.sharing.SharedBuffer;
import io.entrepot.sharing.WritableView;
import io.entrepot.sync.Timeline;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * A process that writes in place to the frames of a pool of another: {@code SOCKET FEED IMPORTER}.
 *
 * <p>It says {@code joined}, or {@code refused} and why in one line, and answers each order with
 * one line: {@code take} with the index of the frame's buffer, {@code map MS} with {@code mapped}
 * or {@code busy}; {@code put N}, {@code unmap}, {@code drop}, {@code fence}, which unmaps with a
 * fence that {@code signal} signals, and {@code revoked}, which writes until it may not, with
 * {@code done}. {@code fill N} fills so many frames as they come, each by its number, and says so
 * behind each; {@code scribble} fills the frame at hand for ever, each time with another number.
 */
final class FillingProcess {
  private static final long LIMIT_SECONDS = 30;

  private final FeedReader reader;
  private final FramePort port;
  private final Timeline timeline;
  private SharedBuffer taken;
  private WritableView mapped;

  private FillingProcess(FeedReader reader, FramePort port, Timeline timeline) {
    this.reader = reader;
    this.port = port;
    this.timeline = timeline;
  }

  public static void main(String[] args) throws Exception {
    Importer importer = Importer.viewing(args[2], Access.WRITE).handlingConfidential();
    try (RemotePool pool = RemotePool.connect(Path.of(args[0]));
        FeedReader reader = pool.feed(args[1]).join(importer, Overflow.BLOCK, 4, Division.EACH);
        FramePort port = reader.open()) {
      System.out.println("joined");
      new FillingProcess(reader, port, pool.sync().timeline("filling")).obey();
    } catch (AttachRefusedException refused) {
      System.out.println("refused " + refused.getMessage().replace('\n', '|'));
    }
    System.out.println("left");
    while (System.in.read() >= 0) {
      // Alive until the test ends it.
    }
  }

  private void obey() throws Exception {
    BufferedReader input = new BufferedReader(new InputStreamReader(System.in));
    for (String order = input.readLine();
        order != null && !order.equals("leave");
        order = input.readLine()) {
      String[] words = order.split(" ");
      System.out.println(answer(words[0], words.length > 1 ? Long.parseLong(words[1]) : 0));
    }
    if (taken != null) {
      taken.close();
    }
  }

  private String answer(String order, long number) {
    switch (order) {
      case "take" -> {
        taken = port.nextBuffer(LIMIT_SECONDS, TimeUnit.SECONDS);
        return "buffer " + taken.index();
      }
      case "map" -> {
        mapped = port.port().mapInPlace(taken, number, TimeUnit.MILLISECONDS);
        return mapped == null ? "busy" : "mapped";
      }
      case "put" -> Pattern.put(mapped, number);
      case "unmap" -> mapped.close();
      case "fence" -> mapped.close(timeline.next());
      case "signal" -> timeline.signal(timeline.issued());
      case "drop" -> {
        taken.close();
        taken = null;
      }
      case "fill" -> {
        for (long frame = 0; frame < number; frame++) {
          fill(frame);
          System.out.println("filled " + frame);
        }
      }
      case "revoked" -> awaitRevoked();
      case "abandon" -> Elsewhere.run(() -> abandon(number));
      case "lost" -> findLost();
      case "scribble" -> {
        for (long turn = 1; ; turn++) {
          scribble(turn);
        }
      }
      default -> throw new IllegalArgumentException(order);
    }
    return "done";
  }

  /** Writes on until it is told that it may not. */
  private void awaitRevoked() {
    try {
      while (true) {
        Pattern.put(mapped, 0);
      }
    } catch (RevokedException told) {
      mapped = null;
    }
  }

  /** On a thread of its own, which ends with its view open. */
  private void abandon(long number) {
    Port own = reader.attachment().open();
    Pattern.put(own.mapInPlace(taken, LIMIT_SECONDS, TimeUnit.SECONDS), number);
  }

  /** Who waits for the thread in vain is told that it has ended. */
  private void findLost() {
    try {
      port.port().mapInPlace(taken, 0, TimeUnit.SECONDS);
    } catch (IllegalStateException told) {
      return;
    }
    throw new AssertionError("another writer is at work still");
  }

  private void scribble(long turn) {
    try (WritableView view = port.port().mapInPlace(taken, LIMIT_SECONDS, TimeUnit.SECONDS)) {
      for (long at = 0; at < view.byteSize(); at += Long.BYTES) {
        view.putLong(at, turn);
      }
    }
  }

  private void fill(long frame) {
    answer("take", 0);
    put(frame);
    answer("drop", 0);
  }

  private void put(long number) {
    try (WritableView view = port.port().mapInPlace(taken, LIMIT_SECONDS, TimeUnit.SECONDS)) {
      Pattern.put(view, number);
    }
  }
}
