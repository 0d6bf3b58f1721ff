package io.entrepot.sharing;

/** An exporter's answer to one pair of offer and need. */
public sealed interface Verdict {

  /** {@return why, for the table that a failed attach shows; empty for {@link Take}} */
  String reason();

  /** The pair fits: the attachment is made with it. */
  record Take() implements Verdict {
    @Override
    public String reason() {
      return "";
    }
  }

  /**
   * The pair does not fit, another may.
   *
   * @param reason why not
   */
  record KeepLooking(String reason) implements Verdict {}

  /**
   * The attach fails now, whatever else would fit.
   *
   * @param reason why
   */
  record Abort(String reason) implements Verdict {}
}
