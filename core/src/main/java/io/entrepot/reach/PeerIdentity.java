package io.entrepot.reach;

/**
 * Another process, as the kernel names it when it connects.
 *
 * @param pid its number
 * @param uid the user that it runs as
 * @param gid that user's group
 */
public record PeerIdentity(long pid, int uid, int gid) {
  @Override
  public String toString() {
    return "process " + pid + " of user " + uid;
  }
}
