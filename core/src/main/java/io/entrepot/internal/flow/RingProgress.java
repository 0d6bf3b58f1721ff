package io.entrepot.internal.flow;

/**
 * How far a ring has come, as its producer knows: all that it has pushed, and so much at least that
 * was passed and retired. Padded: the reader looks at other objects with each frame, and none of
 * them may share the cache line of these.
 */
final class RingProgress extends ProgressPositions {
  long p16, p17, p18, p19, p20, p21, p22, p23;
  long p24, p25, p26, p27, p28, p29, p30;
}

/** Fields of a superclass come first. */
abstract class ProgressPadding {
  long p00, p01, p02, p03, p04, p05, p06, p07;
  long p08, p09, p10, p11, p12, p13, p14;
}

/** The fields in the middle. */
abstract class ProgressPositions extends ProgressPadding {
  long pushed;
  long passed;
  long retired;
}
