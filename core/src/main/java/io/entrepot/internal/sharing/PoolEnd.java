package io.entrepot.internal.sharing;

import io.entrepot.internal.buffers.FreeBuffers;
import java.util.ArrayList;
import java.util.List;

/** The steps by which a pool ends: nobody uses it any more, and all who are tied to it are told. */
final class PoolEnd {
  private PoolEnd() {}

  /** Takes every buffer if nothing is in use, and answers nothing; or what is. */
  static List<String> takeAll(PoolCore pool) {
    List<String> holders = new ArrayList<>(pool.holders());
    pool.attachments().forEach(attachment -> holders.addAll(attachment.openUses()));
    return holders.isEmpty() && !pool.free().takeAll()
        ? List.of("a buffer that was acquired just now")
        : holders;
  }

  /**
   * Tells all feeds and servers, and ends all attachments, also when one of them throws, as when a
   * server cannot delete its file, or an exporter's detach: then the first one is rethrown.
   */
  static void tellAll(PoolCore pool) {
    RuntimeException first = null;
    for (FreeBuffers.Retirer retirer : pool.free().retirers()) {
      try {
        retirer.poolClosed();
      } catch (RuntimeException e) {
        first = first == null ? e : first;
      }
    }
    for (PoolAttachment attachment : pool.attachments()) {
      try {
        attachment.end();
      } catch (RuntimeException e) {
        first = first == null ? e : first;
      }
    }
    if (first != null) {
      throw first;
    }
  }
}
