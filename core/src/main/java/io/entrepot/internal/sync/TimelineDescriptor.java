package io.entrepot.internal.sync;

import io.entrepot.internal.memory.Words;

/**
 * Layout of one timeline's words.
 *
 * <pre>
 *   0        8        16         24
 *  +--------+--------+----------+----------------- ... -+
 *  |signaled| issued | time(ms) |  padding to 128       |
 *  +--------+--------+----------+----------------- ... -+
 * </pre>
 *
 * {@code signaled} and {@code issued} only grow, over all tenants of a record: a word in a
 * reservation that names an old tenant's point stays signaled for ever, so records can be reused
 * without looking for such words.
 */
final class TimelineDescriptor {
  static final long SIGNALED = 0;
  static final long ISSUED = SIGNALED + Words.WORD_BYTES;
  static final long SIGNAL_TIME_MS = ISSUED + Words.WORD_BYTES;
  static final long RECORD_BYTES = Words.PAD_BYTES;

  private TimelineDescriptor() {}
}
