package io.entrepot.contract;

import io.entrepot.flow.Feed;
import io.entrepot.flow.FeedFailedException;
import io.entrepot.flow.FeedReader;
import io.entrepot.flow.FramePort;
import io.entrepot.flow.Overflow;
import io.entrepot.flow.Start;
import io.entrepot.reach.RemotePool;
import io.entrepot.sharing.RevokedException;
import io.entrepot.sharing.View;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Path;
import java.util.StringJoiner;
import java.util.concurrent.TimeUnit;

/**
 * A process that imports a pool and joins its feed late: {@code SOCKET FEED}.
 *
 * <p>It says {@code ready}. Told to {@code join TIMES}, it does so again and again as {@link
 * LateReading} says, and answers {@code joined} with how often there were frames already. Told to
 * {@code start START OVERFLOW DEPTH TAKEN} it reads so many frames, keeps the first of them mapped,
 * and answers {@code reading} and what is unread. The next order has it look at the kept one again
 * and close it: {@code let go} or {@code read}, which is answered with the numbers of all frames
 * that there are, or with {@code revoked}, and how many were dropped.
 */
final class LateReadingProcess {
  private final Feed feed;
  private final BufferedReader orders = new BufferedReader(new InputStreamReader(System.in));

  private LateReadingProcess(Feed feed) {
    this.feed = feed;
  }

  public static void main(String[] args) throws Exception {
    try (RemotePool pool = RemotePool.connect(Path.of(args[0]))) {
      new LateReadingProcess(pool.feed(args[1])).obey();
    }
  }

  private void obey() throws IOException {
    System.out.println("ready");
    for (String order = orders.readLine(); order != null; order = orders.readLine()) {
      String[] words = order.split(" ");
      switch (words[0]) {
        case "join" -> join(Integer.parseInt(words[1]));
        case "start" ->
            start(
                Start.valueOf(words[1]),
                Overflow.valueOf(words[2]),
                Integer.parseInt(words[3]),
                Integer.parseInt(words[4]));
        default -> throw new IllegalArgumentException(order);
      }
    }
  }

  private void join(int times) {
    int late = 0;
    for (int i = 0; i < times; i++) {
      late += LateReading.of(feed, i).unread() > 0 ? 1 : 0;
    }
    System.out.println("joined " + late);
  }

  private void start(Start start, Overflow overflow, int depth, int taken) throws IOException {
    try (FeedReader reader = LateReading.join(feed, overflow, depth, start);
        FramePort port = reader.open()) {
      View kept = null;
      long number = 0;
      for (int i = 0; i < taken; i++) {
        Pattern.check(port.next(30, TimeUnit.SECONDS), port.sequence());
        if (kept == null) {
          number = port.sequence();
          kept = port.keep();
        }
      }
      port.unmap();
      System.out.println("reading " + reader.unread());
      for (String order = orders.readLine(); order != null; order = orders.readLine()) {
        if (kept != null) {
          Pattern.check(kept, number);
          kept.close();
          kept = null;
        }
        System.out.println(
            order.equals("read") ? read(port) + ", " + reader.dropped() + " dropped" : "let go");
      }
    }
  }

  private static String read(FramePort port) {
    try {
      StringJoiner numbers = new StringJoiner(" ", "read ", "").setEmptyValue("read");
      while (port.next(0, TimeUnit.SECONDS) instanceof View view) {
        Pattern.check(view, port.sequence());
        numbers.add(Long.toString(port.sequence()));
      }
      return numbers.toString();
    } catch (RevokedException told) {
      return "revoked";
    } catch (FeedFailedException cutOff) {
      // Its connection has ended, and its views are about to.
      return "lost";
    }
  }
}
