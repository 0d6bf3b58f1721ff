package io.entrepot.internal.buffers;

import io.entrepot.internal.memory.Words;
import io.entrepot.internal.sync.ReservationSlots;
import java.lang.invoke.VarHandle;
import java.util.function.IntPredicate;

/**
 * Whether anybody else uses a buffer that is referenced: what {@link Reclaimer} asks of a retired
 * one, without taking it.
 *
 * <p>Each use comes from one that was there, and goes this way:
 *
 * <pre>
 *   hold of a queue --&gt; mapping of a frame --&gt; hold --&gt; mapping under a reference --&gt; fence
 *          ^                                    |
 *          +---- published once more -----------+
 *   in another process: mapping of a frame --&gt; hold --&gt; fence
 * </pre>
 *
 * <p>A lease, window or transfer has a hold for longer than it counts as one of the buffer's uses,
 * and a process that may write does so under a hold: both are found with the holds. One that says
 * it writes without a hold is believed.
 *
 * <p>Whoever looks at holds, then slots, then fences, misses a use alone that goes from a mapping
 * back to a hold meanwhile, which may be over when holds are looked at again. The buffer's count of
 * holds that were taken through mappings tells: it grows after the hold is there and before the
 * mapping ends, so who sees the slot empty sees it grown. It is read first (acquire) and last.
 *
 * <p><b>Linearization</b> of the answer that there is none: the last read of that count. From then
 * on nobody can have another use but from the caller. What is found later may still be no use: a
 * reader that is late for a dropped entry has its slot, or hold, until it has looked at the floor
 * of its ring (see there). Nobody can tell that from one that has claimed the entry in time and is
 * about to show it, but by waiting for the reader; a slot that said which would cost each frame a
 * second store, and the asker would wait all the same.
 */
public final class OtherUses {
  private final Words words;
  private final BufferStates states;
  private final Lanes lanes;
  private final ReservationSlots reservations;
  private final PoolDescriptor layout;
  private final Peers peers;

  public OtherUses(
      Words words,
      BufferStates states,
      Lanes lanes,
      ReservationSlots reservations,
      PoolDescriptor layout,
      Peers peers) {
    this.words = words;
    this.states = states;
    this.lanes = lanes;
    this.reservations = reservations;
    this.layout = layout;
    this.peers = peers;
  }

  /**
   * Whether there is none.
   *
   * @param holds how many are the caller's, all of them for as long as this looks
   * @param isOwn whether the mappings of a lane are the caller's
   */
  public boolean areOver(int buffer, int holds, IntPredicate isOwn) {
    long held = states.heldThroughMappings(buffer);
    if (BufferStates.holds(states.acquire(buffer)) != holds) {
      return false;
    }
    // As in Reclaimer: pairs with that of a map under a reference which is closed meanwhile.
    VarHandle.fullFence();
    return !lanes.isMapped(buffer, isOwn)
        && !peers.isUsing(buffer)
        && !peers.isWriting(buffer)
        && reservations.sweep(layout.buffer(buffer))
        && states.heldThroughMappings(buffer) == held;
  }
}
