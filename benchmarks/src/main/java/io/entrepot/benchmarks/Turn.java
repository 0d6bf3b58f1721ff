package io.entrepot.benchmarks;

/**
 * A turn of two ping-pongs.
 *
 * @param peerNs what one way took of the one that the other is measured beside
 * @param ns what one way of the other took
 */
record Turn(double peerNs, double ns) {
  /** The other's time as a part of the peer's. */
  double ratio() {
    return ns / peerNs;
  }
}
