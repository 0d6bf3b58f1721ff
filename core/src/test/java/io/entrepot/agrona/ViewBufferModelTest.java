package io.entrepot.agrona;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.flow.BufferPool;
import io.entrepot.flow.PoolPort;
import io.entrepot.sharing.WritableView;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.agrona.DirectBuffer;
import org.agrona.ExpandableArrayBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every method of the interface that is not documented to throw does what {@link UnsafeBuffer}
 * does: same result or same kind of error, same bytes in all that took part, and none outside.
 *
 * <p>The methods come by reflection, so one that Agrona adds is compared, or documented, or fails
 * the build. {@code UnsafeBuffer} needs a JVM flag, so this class has a surefire execution of its
 * own: {@code agrona} in {@code core/pom.xml}.
 */
class ViewBufferModelTest {
  private static final int TRIALS = 2000;

  /** Around the view under test, to see writes outside of it. */
  private static final int GUARD_BYTES = 64;

  private static final byte GUARD = (byte) 0xA5;

  private BufferPool pool;
  private PoolPort port;
  private PoolPort otherPort;
  private WritableView view;
  private WritableView otherView;

  static Stream<Method> methods() {
    return OneWayMethods.othersOfTheInterface().stream();
  }

  @BeforeEach
  void acquire() {
    pool = BufferPool.offHeap("model", 32 * 1024, 2);
    port = pool.open("model");
    view = port.tryAcquire();
    otherPort = pool.open("other");
    otherView = otherPort.tryAcquire();
  }

  @AfterEach
  void close() {
    otherPort.close();
    port.close();
    pool.close();
  }

  @ParameterizedTest
  @MethodSource("methods")
  void doesAsUnsafeBufferDoes(Method method) throws IllegalAccessException {
    int returned = 0;
    int refused = 0;
    for (int trial = 0; trial < TRIALS; trial++) {
      long seed = 0x5eed_0000_0000L + trial;
      if (compare(method, seed)) {
        returned++;
      } else {
        refused++;
      }
    }
    assertTrue(returned >= TRIALS / 50, method + " returned " + returned + " times only");
    boolean mayThrow = method.getParameterCount() > 0 && !method.getName().equals("compareTo");
    assertTrue(!mayThrow || refused >= TRIALS / 50, method + " threw " + refused + " times only");
  }

  /** One call on both; whether it returned. */
  private boolean compare(Method method, long seed) throws IllegalAccessException {
    Random random = new Random(seed);
    byte[] content = Arguments.content(random);
    byte[] guarded = new byte[content.length + 2 * GUARD_BYTES];
    Arrays.fill(guarded, GUARD);
    System.arraycopy(content, 0, guarded, GUARD_BYTES, content.length);
    view.copyFrom(0, guarded, 0, guarded.length);
    WritableView shown = view.slice(GUARD_BYTES, content.length);
    boolean needsWriting =
        method.getDeclaringClass() == MutableDirectBuffer.class
            || List.of(method.getParameterTypes()).contains(MutableDirectBuffer.class);
    boolean reading = !needsWriting && random.nextBoolean();
    ViewBuffer ours = reading ? new ViewBuffer(shown) : new WritableViewBuffer(shown);
    UnsafeBuffer model = new UnsafeBuffer(content.clone());

    long argumentSeed = random.nextLong();
    Arguments forOurs = new Arguments(argumentSeed, content.length, ours, otherView);
    Arguments forModel = new Arguments(argumentSeed, content.length, model, null);
    Object[] ourArguments = forOurs.of(method);
    Object[] modelArguments = forModel.of(method);
    Outcome ourOutcome = Outcome.of(method, ours, ourArguments);
    Outcome modelOutcome = Outcome.of(method, model, modelArguments);

    String what = method + ", seed " + seed + ", arguments " + forModel;
    if (ourOutcome.isNoNaturalNumber()) {
      assertTrue(forModel.hasNegative(), what);
      return false;
    }
    assertEquals(modelOutcome, ourOutcome, what);
    byte[] expected = guarded.clone();
    model.getBytes(0, expected, GUARD_BYTES, content.length);
    byte[] actual = new byte[guarded.length];
    view.copyTo(0, actual, 0, actual.length);
    assertArrayEquals(expected, actual, what);
    for (int i = 0; i < modelArguments.length; i++) {
      assertArrayEquals(Arguments.state(modelArguments[i]), Arguments.state(ourArguments[i]), what);
    }
    assertEquals(model.hashCode(), ours.hashCode(), what);
    assertEquals(0, ours.compareTo(model), what);
    return !modelOutcome.threw();
  }

  /** What a call came to: errors by their kind, those of numbers by their text too. */
  private record Outcome(Object result, String error) {
    static Outcome of(Method method, DirectBuffer buffer, Object[] arguments)
        throws IllegalAccessException {
      try {
        return new Outcome(bits(method.invoke(buffer, arguments)), null);
      } catch (InvocationTargetException e) {
        Throwable cause = e.getCause();
        return new Outcome(
            null,
            switch (cause) {
              case IndexOutOfBoundsException _ -> "out of bounds";
              case IllegalArgumentException number -> number.toString();
              default -> cause.getClass().getName();
            });
      }
    }

    /** NaNs of different bits are equal as values. */
    private static Object bits(Object result) {
      return switch (result) {
        case Double number -> Double.doubleToRawLongBits(number);
        case Float number -> Float.floatToRawIntBits(number);
        case null -> "nothing";
        default -> result;
      };
    }

    boolean threw() {
      return error != null;
    }

    boolean isNoNaturalNumber() {
      return error != null && error.endsWith("is no natural number");
    }
  }

  @Test
  void numbersAtTheEdgesOfTheirTypesGoThereAndBack() {
    var ours = new WritableViewBuffer(view);
    var model = new UnsafeBuffer(new byte[64]);
    var numbers = new TreeSet<Long>();
    for (long power = 1; power > 0 && power <= Long.MAX_VALUE / 10; power *= 10) {
      for (long near = power - 2; near <= power + 2; near++) {
        numbers.add(near);
        numbers.add(-near);
      }
    }
    for (long edge :
        new long[] {Integer.MIN_VALUE, Integer.MAX_VALUE, Long.MIN_VALUE, Long.MAX_VALUE}) {
      numbers.add(edge - 1);
      numbers.add(edge);
      numbers.add(edge + 1);
    }
    for (long number : numbers) {
      int length = ours.putLongAscii(3, number);
      assertEquals(model.putLongAscii(3, number), length);
      assertEquals(Long.toString(number), ours.getStringWithoutLengthAscii(3, length));
      assertEquals(number, ours.parseLongAscii(3, length));
      if (number == (int) number) {
        assertEquals(length, ours.putIntAscii(3, (int) number));
        assertEquals(number, ours.parseIntAscii(3, length));
      } else {
        assertThrows(NumberFormatException.class, () -> ours.parseIntAscii(3, length));
      }
    }
  }

  /** Both directions that the description of the package promises, larger than one chunk. */
  @Test
  void whatIsOneWayWorksTheOtherWayRound() {
    var ours = new WritableViewBuffer(view);
    byte[] bytes = new byte[10_001];
    new Random(7).nextBytes(bytes);
    ours.putBytes(1, bytes);

    var unsafe = new UnsafeBuffer(new byte[12_000]);
    assertThrows(UnsupportedOperationException.class, () -> unsafe.putBytes(5, ours, 1, 10_001));
    ours.getBytes(1, unsafe, 5, bytes.length);
    byte[] copied = new byte[bytes.length];
    unsafe.getBytes(5, copied);
    assertArrayEquals(bytes, copied);

    var expandable = new ExpandableArrayBuffer(8);
    assertThrows(
        UnsupportedOperationException.class, () -> expandable.putBytes(5, ours, 1, 10_001));
    ours.getBytes(1, expandable, 5, bytes.length);
    expandable.getBytes(5, copied);
    assertArrayEquals(bytes, copied);
    assertThrows(IndexOutOfBoundsException.class, () -> ours.getBytes(0, expandable, -1, 0));

    assertThrows(UnsupportedOperationException.class, () -> unsafe.wrap(ours));
    assertThrows(UnsupportedOperationException.class, () -> new UnsafeBuffer(ours));
    assertThrows(UnsupportedOperationException.class, () -> unsafe.compareTo(ours));
    assertEquals(-ours.compareTo(unsafe), unsafe.compareTo(copyOf(ours)));

    ours.setMemory(0, 16_000, (byte) 0);
    unsafe.getBytes(5, ours, 1, bytes.length);
    ours.getBytes(1, copied);
    assertArrayEquals(bytes, copied);
  }

  private static UnsafeBuffer copyOf(DirectBuffer buffer) {
    byte[] copy = new byte[buffer.capacity()];
    buffer.getBytes(0, copy);
    return new UnsafeBuffer(copy);
  }

  /** Never equal to a buffer of another kind, as that one says too. */
  @Test
  void equalsIsSymmetricWithOtherKinds() {
    var unsafe = new UnsafeBuffer(new byte[32]);
    var ours = new WritableViewBuffer(view.slice(0, 32));
    ours.setMemory(0, 32, (byte) 0);
    assertEquals(0, ours.compareTo(unsafe));
    assertEquals(ours.hashCode(), unsafe.hashCode());
    assertEquals(unsafe.equals(ours), ours.equals(unsafe));
  }
}
