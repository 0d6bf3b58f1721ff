package io.entrepot.internal.sharing;

import io.entrepot.internal.buffers.BufferStates;
import io.entrepot.internal.buffers.FreeBuffers;
import io.entrepot.internal.buffers.Lanes;
import io.entrepot.internal.buffers.PoolCounter;
import io.entrepot.internal.buffers.PoolDescriptor;
import io.entrepot.internal.memory.CoarseClock;
import io.entrepot.internal.memory.Words;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.Port;
import java.util.ArrayList;
import java.util.List;

/** A pool as text: buffers, attachments, mappings, fences and holders, as the kernel's bufinfo. */
final class PoolDump {
  private PoolDump() {}

  static String of(PoolCore pool) {
    StringBuilder text = new StringBuilder();
    text.append("pool '").append(pool.name()).append("' of exporter '");
    text.append(pool.exporter().name()).append("': ").append(pool.buffers()).append(" buffers, ");
    boolean isClosed = pool.isClosed();
    text.append(isClosed ? "closed" : pool.free().count() + " free").append('\n');
    for (int i = 0; i < pool.buffers() && !isClosed; i++) {
      // Retired buffers that nobody uses are as good as free, the next acquire that needs them says
      // so.
      String line = buffer(pool, i);
      if (BufferStates.isLive(state(pool, i)) || line.contains(",")) {
        text.append("  ").append(line).append('\n');
      }
    }
    pool.attachments()
        .forEach(attachment -> {
          text.append("  attachment ").append(attachment).append('\n');
          attachment.openUses().forEach(use -> text.append("    ").append(use).append('\n'));
        });
    pool.free()
        .retirers()
        .forEach(queue -> {
          String holds = queue.describeHolds();
          text.append(holds.isEmpty() ? "" : "  " + holds + "\n");
        });
    if (pool.replacements() != null) {
      pool.replacements().describe().forEach(line -> text.append("  ").append(line).append('\n'));
    }
    if (pool.grant() != null && pool.memories().isWithheld()) {
      text.append("  withheld: ")
          .append(pool.peers().writer())
          .append(" was cut off and may write to it\n");
    }
    for (PoolCounter counter : PoolCounter.values()) {
      if (pool.numbers().counted(counter) != 0) {
        text.append("  ")
            .append(counter)
            .append('=')
            .append(pool.numbers().counted(counter))
            .append('\n');
      }
    }
    return text.toString();
  }

  /** What keeps buffers from being free, a line each. */
  static List<String> holders(PoolCore pool) {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < pool.buffers(); i++) {
      if (!pool.free().isFree(i)) {
        lines.add(buffer(pool, i));
      }
    }
    if (!lines.isEmpty()) {
      for (FreeBuffers.Retirer retirer : pool.free().retirers()) {
        String holds = retirer.describeHolds();
        if (!holds.isEmpty()) {
          lines.add(holds);
        }
      }
    }
    return lines;
  }

  /** State of a buffer; one that its keeper uses is OWNED to whoever looks from outside. */
  private static long state(PoolCore pool, int index) {
    long state = pool.states().acquire(index);
    return BufferStates.isKept(state) && pool.lanes().isUsedByKeeper(index, state)
        ? BufferStates.owned(state)
        : state;
  }

  /** One buffer: its state, who holds it since when, its mappings and fences. */
  static String buffer(PoolCore pool, int index) {
    Words words = pool.words();
    long base = pool.layout().buffer(index);
    long state = state(pool, index);
    StringBuilder text = new StringBuilder("buffer " + index + " ");
    text.append(BufferStates.describe(state));
    long holder = words.getOpaque(base + PoolDescriptor.HOLDER);
    if (BufferStates.isLive(state) && holder != 0) {
      int lane = (int) (holder & 0xFFFF) - 1;
      LanePort port = lane < 0 ? null : pool.ports().at(lane);
      text.append(" acquired by ").append(port == null ? "reference" : port);
      text.append(" ").append(CoarseClock.millis() - (holder >>> 16)).append(" ms ago");
    }
    for (int lane = 0; lane < PoolCore.LANES; lane++) {
      for (int slot = 0; slot < Port.MAPPINGS; slot++) {
        long word = pool.lanes().slotAcquire(lane, slot);
        if (Lanes.isUsed(word) && Lanes.buffer(word) == index) {
          text.append(", mapped for ").append(Lanes.isWrite(word) ? Access.WRITE : Access.READ);
          text.append(" by ").append(pool.ports().at(lane));
        }
      }
    }
    pool.attachments()
        .forEach(attachment ->
            attachment.uses().stream()
                .filter(use -> use.bufferIndex() == index)
                .forEach(use -> text.append(", ").append(use)));
    text.append(pool.peers().describe(index));
    boolean isUsed = BufferStates.isLive(state) || text.indexOf(",") >= 0;
    // What another process does with its own buffer matters where it is in somebody's way here.
    if (isUsed && pool.imported() != null && pool.imported().isWritten(index)) {
      text.append(", written in place by its exporter");
    }
    if (isUsed && pool.isHalfOverwritten(index, BufferStates.generation(state))) {
      text.append(", half overwritten by a process that has ended");
    }
    String fences =
        isUsed
            ? pool.mappedReservation(index, () -> true).describe()
            : pool.reservations().describe(base);
    return text.append(fences.isEmpty() ? "" : ", fences: " + fences).toString();
  }
}
