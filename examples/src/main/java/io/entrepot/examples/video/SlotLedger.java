package io.entrepot.examples.video;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Who held which slot and when: what the report draws. A slot is in use from the moment when the
 * decoder gets it until the decoder and every reader have let go of it.
 *
 * <p>Kept beside the pool, which knows who holds a slot now and not who did.
 */
final class SlotLedger {
  /** Spans that are kept for the timeline; later ones are counted in the latencies only. */
  static final int MAX_SPANS = 3_000;

  private static final int MAX_SAMPLES = 2_000;

  /**
   * The decoder's hold, which FFmpeg gives back when the readers are done too: it has to see that
   * the frame is still in use.
   */
  static final String DECODER = "decoder and queue";

  private final long startNs = System.nanoTime();
  private final StageLatencies latencies;
  private final AtomicLong nextSlot = new AtomicLong();
  private final List<Span> spans = new ArrayList<>();
  private final List<Occupancy> occupancy = new ArrayList<>();
  private long sampleEvery = 1;
  private long changes;
  private int inUse;
  private int maxInUse;

  /** One holder's time with one slot; slots of later pool generations follow those of earlier. */
  record Span(int slot, String holder, long fromNs, long untilNs) {}

  /** How many slots were in use from a moment on. */
  record Occupancy(long atNs, int slots) {}

  /** One slot of one pool. */
  final class Slot {
    private final int number;
    private int holds;
    private long acquiredNs;
    private long publishedNs;

    private Slot(int number) {
      this.number = number;
    }

    /** The decoder has the slot, having waited for it since a moment of {@link System#nanoTime}. */
    void acquired(long askedNs) {
      long nowNs = System.nanoTime();
      latencies.record("wait for slot", nowNs - askedNs);
      synchronized (SlotLedger.this) {
        acquiredNs = nowNs;
        holds = 1;
        changeInUse(1, nowNs);
      }
    }

    /** The frame is decoded. */
    void publishing() {
      long nowNs = System.nanoTime();
      latencies.record("decode", nowNs - acquiredNs);
      synchronized (SlotLedger.this) {
        publishedNs = nowNs;
      }
    }

    /** The frame goes to one reader more. */
    void addHolder() {
      synchronized (SlotLedger.this) {
        holds++;
      }
    }

    /** A holder that had the slot from the beginning has let go. */
    void done(String holder) {
      done(holder, acquiredNs, System.nanoTime());
    }

    /** A reader has seen the frame at that moment. */
    void taken(String reader, long atNs) {
      latencies.record("queue to " + reader, atNs - publishedNs);
    }

    /** A reader has let go. */
    void done(String holder, long sinceNs, long untilNs) {
      synchronized (SlotLedger.this) {
        if (spans.size() < MAX_SPANS) {
          spans.add(new Span(number, holder, sinceNs - startNs, untilNs - startNs));
        }
        letGo();
      }
    }

    /** A reader that had not come to the frame will never. */
    void holderLeft() {
      synchronized (SlotLedger.this) {
        letGo();
      }
    }

    private void letGo() {
      if (--holds == 0) {
        long nowNs = System.nanoTime();
        latencies.record("slot in use", nowNs - acquiredNs);
        changeInUse(-1, nowNs);
      }
    }
  }

  SlotLedger(StageLatencies latencies) {
    this.latencies = latencies;
  }

  /** The slots of a new pool. */
  Slot[] open(int count) {
    Slot[] slots = new Slot[count];
    for (int i = 0; i < count; i++) {
      slots[i] = new Slot((int) nextSlot.getAndIncrement());
    }
    return slots;
  }

  private void changeInUse(int by, long nowNs) {
    inUse += by;
    maxInUse = Math.max(maxInUse, inUse);
    if (changes++ % sampleEvery == 0) {
      occupancy.add(new Occupancy(nowNs - startNs, inUse));
    }
    if (occupancy.size() == MAX_SAMPLES) {
      // Every second sample goes, so that a film of any length has a curve of bounded size.
      for (int i = MAX_SAMPLES - 1; i > 0; i -= 2) {
        occupancy.remove(i);
      }
      sampleEvery *= 2;
    }
  }

  synchronized int maxInUse() {
    return maxInUse;
  }

  synchronized List<Span> spans() {
    return List.copyOf(spans);
  }

  synchronized List<Occupancy> occupancy() {
    return List.copyOf(occupancy);
  }
}
