package io.entrepot.agrona;

import static org.agrona.AsciiEncoding.INTEGER_ABSOLUTE_MIN_VALUE;
import static org.agrona.AsciiEncoding.INT_MAX_DIGITS;
import static org.agrona.AsciiEncoding.LONG_MAX_DIGITS;
import static org.agrona.AsciiEncoding.LONG_MAX_VALUE_DIGITS;
import static org.agrona.AsciiEncoding.LONG_MIN_VALUE_DIGITS;
import static org.agrona.AsciiEncoding.ZERO;
import static org.agrona.AsciiEncoding.isDigit;

import io.entrepot.sharing.View;
import io.entrepot.sharing.WritableView;
import org.agrona.AsciiNumberFormatException;

/**
 * Whole numbers as ASCII digits in a view.
 *
 * <p>Which of two errors a wrong number gets is part of Agrona's contract: too many digits are an
 * overflow whatever they are, and a number of 19 digits is told to overflow after its first eight.
 * The callers have checked the range.
 */
final class AsciiNumbers {
  /** Groups in which a long of 19 digits is compared with the largest one. */
  private static final int GROUP_DIGITS = 8;

  private static final int[] NO_LIMIT = {};

  private AsciiNumbers() {}

  /** The int at an index, with a sign or without; for {@code length} above 0. */
  static int parseInt(ViewBuffer buffer, int index, int length, boolean signed) {
    View view = buffer.view();
    boolean negative = signed && view.getByte(index) == '-';
    int start = negative ? index + 1 : index;
    int end = index + length;
    if (start == end) {
      throw wrong("error parsing int: ", buffer, index, length);
    }
    if (end - start > INT_MAX_DIGITS) {
      throw wrong("int overflow parsing: ", buffer, index, length);
    }
    long magnitude = digits(view, start, end);
    if (magnitude < 0) {
      throw wrong("error parsing int: ", buffer, index, length);
    }
    if (magnitude >= INTEGER_ABSOLUTE_MIN_VALUE
        && !(negative && magnitude == INTEGER_ABSOLUTE_MIN_VALUE)) {
      throw wrong("int overflow parsing: ", buffer, index, length);
    }
    return (int) (negative ? -magnitude : magnitude);
  }

  /** The long at an index, with a sign or without; for {@code length} above 0. */
  static long parseLong(ViewBuffer buffer, int index, int length, boolean signed) {
    View view = buffer.view();
    boolean negative = signed && view.getByte(index) == '-';
    int start = negative ? index + 1 : index;
    int end = index + length;
    if (start == end) {
      throw wrong("error parsing long: ", buffer, index, length);
    }
    if (end - start > LONG_MAX_DIGITS) {
      throw wrong("long overflow parsing: ", buffer, index, length);
    }
    int[] limit =
        end - start < LONG_MAX_DIGITS
            ? NO_LIMIT
            : negative ? LONG_MIN_VALUE_DIGITS : LONG_MAX_VALUE_DIGITS;
    boolean mayOverflow = limit != NO_LIMIT;
    long magnitude = 0;
    int group = 0;
    for (int at = start; at < end; at += GROUP_DIGITS, group++) {
      int groupEnd = Math.min(at + GROUP_DIGITS, end);
      long digits = digits(view, at, groupEnd);
      if (digits < 0) {
        throw wrong("error parsing long: ", buffer, index, length);
      }
      if (mayOverflow) {
        if (digits > limit[group]) {
          throw wrong("long overflow parsing: ", buffer, index, length);
        }
        mayOverflow = digits == limit[group];
      }
      for (int digit = at; digit < groupEnd; digit++) {
        magnitude *= 10;
      }
      // The magnitude of the least long wraps around to that long, which is its own negation.
      magnitude += digits;
    }
    return negative ? -magnitude : magnitude;
  }

  /** Value of at most ten digits, or -1 when there is something else among them. */
  private static long digits(View view, int start, int end) {
    long value = 0;
    for (int at = start; at < end; at++) {
      byte digit = view.getByte(at);
      if (!isDigit(digit)) {
        return -1;
      }
      value = value * 10 + (digit - ZERO);
    }
    return value;
  }

  private static AsciiNumberFormatException wrong(
      String what, ViewBuffer buffer, int index, int length) {
    return new AsciiNumberFormatException(what + buffer.getStringWithoutLengthAscii(index, length));
  }

  /** Writes the lowest {@code count} digits of a natural number; what remains of the number. */
  static long put(WritableView view, int index, int count, long natural) {
    long remainder = natural;
    for (int at = index + count - 1; at >= index; at--) {
      view.putByte(at, (byte) (ZERO + remainder % 10));
      remainder /= 10;
    }
    return remainder;
  }
}
