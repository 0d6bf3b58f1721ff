package io.entrepot.internal.sharing;

import java.util.List;

/** The importer's end of an attachment, where that is another process. */
public interface FarEnd {
  /** Whether it may still use what was mapped under the attachment. */
  boolean isUsing();

  /** Whether views had to be closed by force there. */
  boolean wasForced();

  /** Timelines of the importer whose work is still pending there. */
  List<String> pendingFences();

  /** What cannot be forced there: leases of native code, for instance. */
  List<String> quarantined();

  /** Ends it without its consent; what it may still see. */
  String evict();
}
