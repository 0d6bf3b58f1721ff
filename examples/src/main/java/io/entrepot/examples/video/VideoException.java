package io.entrepot.examples.video;

/** The run cannot go on. The message is the one sentence that the user gets to read. */
final class VideoException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  VideoException(String sentence) {
    super(sentence);
  }

  VideoException(String sentence, Throwable cause) {
    super(sentence, cause);
  }
}
