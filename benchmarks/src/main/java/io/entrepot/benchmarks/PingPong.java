package io.entrepot.benchmarks;

import java.io.IOException;

/** Something that goes to another thread, or another process, which answers it at once. */
interface PingPong {
  /** Starts the other side; on the thread that plays. */
  void open() throws IOException, InterruptedException;

  /** There and back: two hand-overs. */
  void goAndComeBack() throws IOException;

  /** Ends the other side, and checks that it has ended well. */
  void close() throws IOException, InterruptedException;
}
