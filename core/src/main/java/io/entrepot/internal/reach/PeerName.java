package io.entrepot.internal.reach;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the memory of a peer's words is called in the exporter's process, for whoever looks for it
 * from outside.
 *
 * @param pid of the peer, as the exporter's process knows it
 * @param pool number of the pool in the exporter's process
 */
public record PeerName(long pid, long pool) {
  private static final Pattern NAME =
      Pattern.compile("entrepot peer (\\d{1,18}) of pool (\\d{1,18})");

  /** What a name says; {@code null} when it is of something else. */
  public static PeerName of(String name) {
    Matcher matcher = NAME.matcher(name);
    return matcher.matches()
        ? new PeerName(Long.parseLong(matcher.group(1)), Long.parseLong(matcher.group(2)))
        : null;
  }

  @Override
  public String toString() {
    return "entrepot peer " + pid + " of pool " + pool;
  }
}
