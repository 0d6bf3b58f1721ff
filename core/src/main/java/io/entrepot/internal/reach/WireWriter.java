package io.entrepot.internal.reach;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.function.Consumer;

/** Puts the fields of a message together. */
final class WireWriter {
  private final ByteBuffer bytes =
      ByteBuffer.allocate(WireFormat.MAX_BYTES).order(ByteOrder.LITTLE_ENDIAN);

  void u8(int value) {
    bytes.put((byte) value);
  }

  void u16(int value) {
    bytes.putShort((short) value);
  }

  void i32(int value) {
    bytes.putInt(value);
  }

  void i64(long value) {
    bytes.putLong(value);
  }

  void flag(boolean value) {
    u8(value ? 1 : 0);
  }

  void oneOf(Enum<?> value) {
    u8(value.ordinal());
  }

  /** A name, which must fit as it is. */
  void name(String name) {
    byte[] utf8 = name.getBytes(StandardCharsets.UTF_8);
    if (utf8.length > WireFormat.MAX_NAME_BYTES) {
      throw new IllegalArgumentException(
          "a name of "
              + utf8.length
              + " bytes is above the "
              + WireFormat.MAX_NAME_BYTES
              + " that another process takes: "
              + name.substring(0, 40)
              + "...");
    }
    utf8(utf8);
  }

  /** Text for people, which is cut where it is too long. */
  void text(String text) {
    text(text, WireFormat.MAX_TEXT_BYTES);
  }

  /** As {@link #text(String)}, for one of many. */
  void line(String text) {
    text(text, WireFormat.MAX_LINE_BYTES);
  }

  private void text(String text, int maxBytes) {
    String fitting = text == null ? "" : text;
    while (fitting.getBytes(StandardCharsets.UTF_8).length > maxBytes) {
      fitting = fitting.substring(0, fitting.length() / 2) + "...";
    }
    utf8(fitting.getBytes(StandardCharsets.UTF_8));
  }

  private void utf8(byte[] utf8) {
    u16(utf8.length);
    bytes.put(utf8);
  }

  <T> void list(Collection<T> elements, Consumer<T> element) {
    u16(elements.size());
    elements.forEach(element);
  }

  /** The message, its length put into its header. */
  byte[] message() {
    bytes.putInt(WireFormat.LENGTH, bytes.position());
    byte[] message = new byte[bytes.position()];
    bytes.get(0, message);
    return message;
  }
}
