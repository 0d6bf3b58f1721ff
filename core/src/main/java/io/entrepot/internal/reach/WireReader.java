package io.entrepot.internal.reach;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** Takes the fields of a message apart; whatever does not fit is a {@link WireException}. */
final class WireReader {
  private final ByteBuffer bytes;

  /** Over a copy that no peer can write to any more. */
  WireReader(byte[] message) {
    this.bytes = ByteBuffer.wrap(message).order(ByteOrder.LITTLE_ENDIAN);
  }

  private <T> T within(Supplier<T> read) {
    try {
      return read.get();
    } catch (BufferUnderflowException e) {
      throw new WireException(
          "a message of " + bytes.limit() + " bytes ends within a field at " + bytes.position());
    }
  }

  int u8() {
    return within(bytes::get) & 0xFF;
  }

  int u16() {
    return within(bytes::getShort) & 0xFFFF;
  }

  int i32() {
    return within(bytes::getInt);
  }

  long i64() {
    return within(bytes::getLong);
  }

  boolean flag() {
    int value = u8();
    if (value > 1) {
      throw new WireException("a flag has the value " + value + ", not 0 or 1");
    }
    return value == 1;
  }

  <T extends Enum<T>> T oneOf(T[] values) {
    int ordinal = u8();
    if (ordinal >= values.length) {
      throw new WireException(
          values[0].getDeclaringClass().getSimpleName()
              + " "
              + ordinal
              + " is not within 0 to "
              + (values.length - 1));
    }
    return values[ordinal];
  }

  String text() {
    int length = u16();
    if (length > bytes.remaining()) {
      throw new WireException(
          "a text of " + length + " bytes in a message with " + bytes.remaining() + " left");
    }
    ByteBuffer text = bytes.slice(bytes.position(), length);
    bytes.position(bytes.position() + length);
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(text).toString();
    } catch (CharacterCodingException e) {
      throw new WireException("a text of " + length + " bytes is not UTF-8");
    }
  }

  <T> List<T> list(int most, Supplier<T> element) {
    int size = u16();
    if (size > most) {
      throw new WireException("a list of " + size + " where at most " + most + " are allowed");
    }
    List<T> list = new ArrayList<>(size);
    for (int i = 0; i < size; i++) {
      list.add(element.get());
    }
    return list;
  }

  void end() {
    if (bytes.hasRemaining()) {
      throw new WireException(
          "a message of " + bytes.limit() + " bytes has " + bytes.remaining() + " too many");
    }
  }
}
