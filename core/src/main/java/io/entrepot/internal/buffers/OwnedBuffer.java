package io.entrepot.internal.buffers;

import io.entrepot.internal.memory.Words;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * The one buffer at a time that a lane owns through one of its mapping slots, and which it keeps
 * when it gives it back unpublished.
 *
 * <p>A buffer that is given back becomes KEPT: free for everybody, but ready for its keeper. The
 * keeper takes it again by its slot alone, without a CAS; anybody else who finds no FREE buffer
 * takes it by a recall.
 *
 * <pre>
 *   keeper                               recaller
 *   take    slot = buffer (release)      state: KEPT to RECALLED (CAS)
 *           look at state: KEPT?         heavy barrier
 *   give    slot = empty (release)       look at slot (acquire): buffer?
 *           look at state: KEPT?         state: RECALLED to OWNED if so, to FREE if not (CAS)
 * </pre>
 *
 * <p><b>Invariant.</b> While the keeper uses the buffer its slot names it, or the state is its
 * OWNED word. <b>Take against recall</b> is a Dekker hand-shake whose rare side pays: if the keeper
 * still saw KEPT, its look came before the recaller's barrier, so its slot is seen and the recaller
 * frees nothing. If it saw RECALLED, the CAS from that word decides who has the buffer. <b>Give
 * against recall</b> is the same one: if the keeper still saw KEPT, the recaller sees the slot
 * empty; if it saw RECALLED or OWNED, the keeper frees the buffer, or finds it freed.
 *
 * <p><b>Revocation</b> raises the lane's attention word, runs the heavy barrier, and recalls.
 * Taking what is kept therefore needs no look at attention: keeping looks at it, behind its store
 * of KEPT, so that either it is seen there or the recall sees KEPT.
 *
 * <p><b>Linearization.</b> Taking: the look that found KEPT, else the CAS from RECALLED. Giving
 * back: the store that empties the slot, or the one that leaves OWNED. A generation is RECALLED
 * once at most, for it is kept once, and again only if it was not recalled meanwhile: so no word
 * comes back after a recall, and a CAS from RECALLED needs no number. What the keeper did to the
 * bytes happens-before the next owner's use through the release of the slot, the recaller's acquire
 * of it, and its CAS.
 *
 * <p>Steps of a keeper are made by one thread; {@link #letGo} may be made for it when it has ended.
 */
public final class OwnedBuffer {
  private static final int NONE = -1;
  private static final VarHandle OWNING;

  static {
    try {
      OWNING = MethodHandles.lookup().findVarHandle(OwnedBuffer.class, "owning", boolean.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final Words words;
  private final BufferStates states;
  private final long slotPlace;
  private final long attentionPlace;
  private final long armedPlace;
  private final int keeper;
  private final int keepBelow;
  private final boolean cleaned;

  /** What the slot holds between two uses: their count. */
  private long empty;

  /** Whether that one is in use. */
  private boolean owning;

  /** Whether a buffer is this lane's, in use or not. */
  private boolean keeping;

  /** Owned, kept, or the last that was; the fields below are of this one. */
  private int buffer = NONE;

  private boolean keepable;
  private long statePlace;
  private long named;
  private long owned;
  private long kept;

  /**
   * What a lane owns through one of its slots, which is empty.
   *
   * @param keepBelow index below which buffers are kept
   * @param cleaned whether buffers are cleaned before anybody has them again
   */
  public OwnedBuffer(
      Words words,
      BufferStates states,
      PoolDescriptor layout,
      int lane,
      int slot,
      int keepBelow,
      boolean cleaned) {
    this.words = words;
    this.states = states;
    this.slotPlace = layout.slot(lane, slot);
    this.attentionPlace = layout.attention(lane);
    this.armedPlace = layout.header(PoolDescriptor.ARMED);
    this.keeper = lane * PoolDescriptor.MAPPINGS + slot;
    this.keepBelow = cleaned ? 0 : keepBelow;
    this.cleaned = cleaned;
    this.empty = words.getPlain(slotPlace);
  }

  /** Whether a buffer is owned, and not only kept. */
  public boolean isOwning() {
    return owning;
  }

  /** The buffer that is owned, kept, or was so last. */
  public int buffer() {
    return buffer;
  }

  /** Generation of the owned buffer. */
  public long generation() {
    return BufferStates.generation(owned);
  }

  /** Buffers owned so far through the slot, by all tenants of the lane. */
  public long uses() {
    return Lanes.uses(words.getOpaque(slotPlace));
  }

  /** The slot, as another thread sees it. */
  public long slotAcquire() {
    return words.getAcquire(slotPlace);
  }

  /** As {@link #isOwning()}, for other threads: when not, what was published is counted. */
  public boolean isOwningAcquire() {
    return (boolean) OWNING.getAcquire(this);
  }

  /** Notes that the buffer is owned since when, for dumps. */
  public void note(long sinceMs) {
    words.setOpaque(
        statePlace - PoolDescriptor.STATE + PoolDescriptor.HOLDER,
        PoolDescriptor.holder(keeper / PoolDescriptor.MAPPINGS, sinceMs));
  }

  /** Takes the buffer that is kept; false when there is none, or no more. */
  public boolean takeKept() {
    if (!keeping) {
      return false;
    }
    long next = empty + Lanes.ONE_USE;
    words.setRelease(slotPlace, next | named);
    if (words.getOpaque(statePlace) != kept && !takeRecalled()) {
      words.setRelease(slotPlace, empty);
      keeping = false;
      return false;
    }
    empty = next;
    owning = true;
    return true;
  }

  /** Takes a buffer whose recall has begun; false when it is somebody else's by now. */
  private boolean takeRecalled() {
    boolean taken = own();
    if (taken && words.getOpaque(attentionPlace) != 0) {
      words.setRelease(statePlace, BufferStates.given(owned, cleaned));
      return false;
    }
    return taken;
  }

  /** Makes a kept buffer, which the slot names, plainly OWNED, if it is not somebody else's. */
  private boolean own() {
    keepable = false;
    return words.compareAndSet(statePlace, BufferStates.recalled(kept), owned)
        || words.getAcquire(statePlace) == owned;
  }

  /** Takes a free buffer; false when it is not free. */
  public boolean takeFree(int free) {
    look(free);
    return took(states.free2ownedAt(statePlace));
  }

  /** Takes a candidate of this thread's own pass; false when it is none any more. */
  boolean takeCandidate(int free, long candidate) {
    look(free);
    return took(states.candidate2ownedAt(statePlace, candidate));
  }

  /** This taking, for whoever looks for a buffer. */
  public BufferTaking taking() {
    return new BufferTaking() {
      @Override
      public boolean take(int free) {
        return takeFree(free);
      }

      @Override
      public boolean take(int free, long candidate) {
        return takeCandidate(free, candidate);
      }
    };
  }

  private void look(int free) {
    if (free != buffer) {
      buffer = free;
      statePlace = states.place(free);
      named = Lanes.owned(free);
    }
  }

  private boolean took(long taken) {
    if (taken == 0) {
      return false;
    }
    owned = taken;
    kept = BufferStates.kept(taken, keeper);
    owning = true;
    keeping = true;
    keepable = buffer < keepBelow;
    empty += Lanes.ONE_USE;
    words.setRelease(slotPlace, empty | named);
    return true;
  }

  /**
   * Gives the buffer back.
   *
   * @return whether it is kept and nobody waits for one; else waiters are to be woken
   */
  public boolean give() {
    owning = false;
    words.setRelease(slotPlace, empty);
    long state = words.getOpaque(statePlace);
    return state == kept && words.getOpaque(armedPlace) == 0 || giveAfter(state);
  }

  private boolean giveAfter(long state) {
    if (state == owned && keepable) {
      // Once for each generation: kept again after a recall, its words would come back.
      keepable = false;
      words.setRelease(statePlace, kept);
      // Raised attention: the next take must look at it, so there must be nothing kept.
      if (words.getOpaque(attentionPlace) == 0 && words.getOpaque(armedPlace) == 0) {
        return true;
      }
      letGoFrom(kept);
    } else {
      letGoFrom(state);
    }
    return false;
  }

  /** Lets go of the buffer that is kept, or of the one that is owned. */
  public void letGo() {
    if (keeping) {
      owning = false;
      words.setRelease(slotPlace, empty);
      letGoFrom(words.getOpaque(statePlace));
    }
  }

  /** Makes the buffer free for anybody, unless somebody else has done so. */
  private void letGoFrom(long seen) {
    long given = BufferStates.given(owned, cleaned);
    long state = seen;
    while (state == kept || state == BufferStates.recalled(kept)) {
      if (words.compareAndSet(statePlace, state, given)) {
        state = given;
      } else {
        state = words.getAcquire(statePlace);
      }
    }
    if (state == owned) {
      words.setRelease(statePlace, given);
    }
    keeping = false;
  }

  /** Passes the buffer to so many holders in queues. The slot is emptied behind that. */
  public void publish(int holders) {
    // Behind the count of what was published: see isOwningAcquire.
    OWNING.setRelease(this, false);
    words.setRelease(statePlace, BufferStates.published(owned, holders));
    words.setRelease(slotPlace, empty);
    keeping = false;
  }

  /** Empties the slot, while the buffer goes on being owned. */
  public void unmap() {
    if (words.getOpaque(statePlace) != owned) {
      // What was never recalled can be kept once more.
      keepable = words.compareAndSet(statePlace, kept, owned);
      if (!keepable) {
        own();
      }
    }
    words.setRelease(slotPlace, empty);
  }
}
