package io.entrepot.reach;

/** Decides which processes may see a pool at all, before anything is negotiated with them. */
@FunctionalInterface
public interface Admission {
  /**
   * A process has connected.
   *
   * @param peer who it is: the kernel says so, not the process
   * @throws RuntimeException to refuse it, with the reason, which it is told, as its message
   */
  void admit(PeerIdentity peer);

  /** {@return whoever may open the socket at all, which its mode restricts to this user} */
  static Admission everybody() {
    return peer -> {};
  }
}
