package io.entrepot.internal.sharing;

import io.entrepot.internal.sync.FarProcess;
import java.util.concurrent.TimeUnit;

/**
 * The one importer of other processes that may be given a pool's memory for writing, and which
 * process has it.
 *
 * <pre>
 *   nobody's --take--> connected --leave--> left, alive --take, by the same process--> connected
 *      ^                   |                    |
 *      |                   v                    | its end, looked at when another asks
 *      +-- leave, dead -- in quarantine         +--> nobody's
 * </pre>
 *
 * <p>No kernel takes a mapping or a descriptor back. So whoever has had the memory has it until its
 * process has ended, and only then another is given it. All steps are made under this object's
 * lock; the look at a process is a system call.
 */
public final class WritingGrant implements AutoCloseable {
  private static final long LEAVING_MS = 200;

  private final String importer;
  private long pid;
  private boolean connected;
  private boolean quarantined;
  private boolean closed;

  /** The process that had it last and was alive when it left, or {@code null}. */
  private FarProcess left;

  /** A grant that nobody has. */
  WritingGrant(String importer) {
    this.importer = importer;
  }

  /** Name of the importer that it is for. */
  public String importer() {
    return importer;
  }

  /**
   * Why a process cannot have the memory now; {@code null} when it can. Waits a moment for an
   * earlier connection of the same process, whose end may just be on its way.
   */
  public synchronized String refusal(long asking) {
    awaitLeft(asking);
    if (connected || quarantined) {
      return "it is granted to process "
          + pid
          + (quarantined ? ", which did not let go of it and still runs" : ", which has it");
    }
    if (left != null && (asking != pid || asking == 0) && left.isAlive()) {
      return "it was granted to process " + pid + ", which still runs and may write to it";
    }
    return null;
  }

  private void awaitLeft(long asking) {
    long startNs = System.nanoTime();
    try {
      while (connected && !quarantined && asking == pid && asking != 0) {
        long leftMs = LEAVING_MS - TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNs);
        if (leftMs <= 0) {
          return;
        }
        wait(leftMs);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Takes it for a process.
   *
   * @param process number of it; 0 for one that this process has no number for
   * @throws IllegalStateException when it cannot have it, with the reason
   */
  public synchronized void take(long process) {
    String refusal = refusal(process);
    if (refusal != null) {
      throw new IllegalStateException(refusal);
    }
    forget();
    pid = process;
    connected = true;
  }

  /** The process that has it is cut off, and may write on. */
  public synchronized void quarantine() {
    quarantined = true;
  }

  /**
   * The process that has it has let go.
   *
   * @param alive a handle of it, which is this object's from now on; {@code null} when it has ended
   */
  public synchronized void leave(FarProcess alive) {
    connected = false;
    quarantined = false;
    left = alive;
    notifyAll();
    if (closed) {
      forget();
    }
  }

  private void forget() {
    if (left != null) {
      left.close();
      left = null;
    }
  }

  /** The memory is no more. */
  @Override
  public synchronized void close() {
    closed = true;
    forget();
  }
}
