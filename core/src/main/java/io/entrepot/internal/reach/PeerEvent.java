package io.entrepot.internal.reach;

/** What can come of a process that connects; counted by its server. */
enum PeerEvent {
  ADMITTED,
  REFUSED,
  LEFT,
  CUT_OFF,
  EVICTED,
  FAULT
}
