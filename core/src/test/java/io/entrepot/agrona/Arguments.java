package io.entrepot.agrona;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.entrepot.sharing.WritableView;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Random arguments for a method of a buffer: the same for the same seed, so that two buffers get
 * equal ones that are not the same objects.
 *
 * <p>Indexes and lengths lie within the buffer mostly, at its edges often, and anywhere sometimes.
 */
final class Arguments {
  private static final int[] CAPACITIES = {0, 1, 3, 4, 7, 8, 9, 16, 24, 31, 64, 100, 257, 9000};
  private static final int[] EXTREMES = {
    Integer.MIN_VALUE, Integer.MIN_VALUE + 3, -9, -4, -1, Integer.MAX_VALUE - 3, Integer.MAX_VALUE
  };
  private static final String[] TEXTS = {
    "", "a", "entrepot", "Entrepôt ⚓", "\u007f\u0080ÿ", "😀𐍈"
  };

  private final Random random;
  private final int capacity;
  private final DirectBuffer self;
  private final WritableView forOthers;
  private final List<Object> drawn = new ArrayList<>();

  /**
   * A source of arguments.
   *
   * @param capacity of the buffer that is called
   * @param self that buffer
   * @param forOthers where other buffers over views may lie; {@code null} to use arrays for them
   */
  Arguments(long seed, int capacity, DirectBuffer self, WritableView forOthers) {
    this.random = new Random(seed);
    this.capacity = capacity;
    this.self = self;
    this.forOthers = forOthers;
  }

  /** Content for a buffer: noise, digits, or text with its length before it. */
  static byte[] content(Random random) {
    byte[] content = new byte[CAPACITIES[random.nextInt(CAPACITIES.length)]];
    random.nextBytes(content);
    switch (random.nextInt(4)) {
      case 0 -> {}
      case 1 -> digits(random, content);
      case 2 -> lengths(random, content);
      default -> {
        byte[] text = TEXTS[random.nextInt(TEXTS.length)].repeat(10).getBytes(UTF_8);
        System.arraycopy(text, 0, content, 0, Math.min(text.length, content.length));
      }
    }
    return content;
  }

  /** Digits, those of the largest numbers often, with signs and strangers among them. */
  private static void digits(Random random, byte[] content) {
    String[] numbers = {
      "9223372036854775807",
      "-9223372036854775808",
      "9223372036854775808",
      "2147483647",
      "-2147483648",
      "2147483648",
      "922337203685477580x",
      "99999999x",
      "0000000000",
      "-"
    };
    for (int i = 0; i < content.length; i++) {
      content[i] = (byte) ('0' + random.nextInt(10));
    }
    for (int at = 0; at < content.length && at < 200; at += random.nextInt(40)) {
      byte[] number = numbers[random.nextInt(numbers.length)].getBytes(US_ASCII);
      System.arraycopy(number, 0, content, at, Math.min(number.length, content.length - at));
    }
  }

  /** Small ints in both byte orders everywhere, so that strings have lengths that fit. */
  private static void lengths(Random random, byte[] content) {
    boolean big = random.nextBoolean();
    for (int i = 0; i < content.length; i++) {
      content[i] = (i & 3) == (big ? 3 : 0) ? (byte) random.nextInt(20) : 0;
    }
  }

  Object[] of(Method method) {
    Object[] arguments = new Object[method.getParameterCount()];
    for (int i = 0; i < arguments.length; i++) {
      arguments[i] = of(method.getParameterTypes()[i]);
      drawn.add(arguments[i]);
    }
    return arguments;
  }

  private Object of(Class<?> type) {
    return switch (type.getSimpleName()) {
      case "int" -> integer();
      case "long" -> random.nextLong() >> random.nextInt(64);
      case "short" -> (short) random.nextInt();
      case "char" -> (char) random.nextInt();
      case "byte" -> (byte) random.nextInt();
      case "float" -> Float.intBitsToFloat(random.nextInt());
      case "double" -> Double.longBitsToDouble(random.nextLong());
      case "ByteOrder" -> random.nextBoolean() ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
      case "byte[]" -> noise(random.nextInt(capacity + 2));
      case "ByteBuffer" -> byteBuffer();
      case "DirectBuffer", "MutableDirectBuffer" -> buffer();
      case "String" -> text();
      case "CharSequence" -> text() instanceof String text ? new StringBuilder(text) : null;
      case "Appendable" -> new StringBuilder();
      default -> throw new AssertionError("no arguments for " + type);
    };
  }

  private int integer() {
    int kind = random.nextInt(20);
    if (kind < 9) {
      return random.nextInt(Math.min(capacity, 40) + 1);
    }
    if (kind < 13) {
      return random.nextInt(capacity + 1);
    }
    if (kind < 18) {
      return capacity + 2 - random.nextInt(24);
    }
    return kind < 19 ? EXTREMES[random.nextInt(EXTREMES.length)] : random.nextInt();
  }

  private byte[] noise(int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  private ByteBuffer byteBuffer() {
    byte[] bytes = noise(capacity + random.nextInt(40));
    ByteBuffer buffer =
        random.nextBoolean()
            ? ByteBuffer.allocateDirect(bytes.length).put(bytes).clear()
            : ByteBuffer.wrap(bytes);
    if (random.nextBoolean() && bytes.length > 4) {
      buffer.position(3);
      buffer = buffer.slice();
    }
    int limit = buffer.capacity() - random.nextInt(Math.min(buffer.capacity(), 8) + 1);
    return buffer.limit(limit).position(random.nextInt(Math.min(limit, 20) + 1));
  }

  private DirectBuffer buffer() {
    byte[] bytes = noise(capacity + random.nextInt(40));
    switch (random.nextInt(4)) {
      case 0 -> {
        return self;
      }
      case 1 -> {
        if (forOthers == null) {
          return new UnsafeBuffer(bytes);
        }
        forOthers.copyFrom(0, bytes, 0, bytes.length);
        return new WritableViewBuffer(forOthers.slice(0, bytes.length));
      }
      case 2 -> {
        return new UnsafeBuffer(bytes);
      }
      default -> {
        return new UnsafeBuffer(ByteBuffer.allocateDirect(bytes.length).put(bytes));
      }
    }
  }

  private String text() {
    return random.nextInt(8) == 0 ? null : TEXTS[random.nextInt(TEXTS.length)];
  }

  /** What a call may have changed of an argument. */
  static byte[] state(Object argument) {
    return switch (argument) {
      case byte[] bytes -> bytes;
      case StringBuilder text -> text.toString().getBytes(UTF_8);
      case ByteBuffer buffer -> {
        ByteBuffer all = buffer.duplicate().clear();
        byte[] bytes = new byte[all.capacity() + 2];
        all.get(0, bytes, 0, all.capacity());
        bytes[all.capacity()] = (byte) buffer.position();
        bytes[all.capacity() + 1] = (byte) buffer.limit();
        yield bytes;
      }
      case DirectBuffer buffer -> {
        byte[] bytes = new byte[buffer.capacity()];
        buffer.getBytes(0, bytes);
        yield bytes;
      }
      case null, default -> new byte[0];
    };
  }

  boolean hasNegative() {
    return drawn.stream().anyMatch(value -> value instanceof Number n && n.longValue() < 0);
  }

  @Override
  public String toString() {
    return drawn + " for capacity " + capacity;
  }
}
