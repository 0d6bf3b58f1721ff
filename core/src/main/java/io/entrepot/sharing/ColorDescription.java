package io.entrepot.sharing;

/**
 * How sample values mean colours, in the code points of ITU-T H.273.
 *
 * @param primaries colour primaries; 2 is unspecified
 * @param transfer transfer characteristics; 2 is unspecified
 * @param matrix matrix coefficients; 2 is unspecified
 * @param fullRange whether samples use the full range of values
 */
public record ColorDescription(int primaries, int transfer, int matrix, boolean fullRange) {

  /** Nothing is known about the colours. */
  public static final ColorDescription UNSPECIFIED = new ColorDescription(2, 2, 2, false);
}
