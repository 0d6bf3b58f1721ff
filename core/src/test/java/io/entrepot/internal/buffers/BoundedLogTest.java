package io.entrepot.internal.buffers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.ResourceBundle;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Others do not decide how long a log becomes. */
class BoundedLogTest {
  private final AtomicLong nowNs = new AtomicLong(Long.MAX_VALUE - 5); // which wraps
  private final List<String> lines = new ArrayList<>();
  private final BoundedLog log =
      new BoundedLog(
          new System.Logger() {
            @Override
            public String getName() {
              return "lines";
            }

            @Override
            public boolean isLoggable(Level level) {
              return true;
            }

            @Override
            public void log(Level level, ResourceBundle bundle, String text, Throwable thrown) {
              lines.add(text + (thrown == null ? "" : " with " + thrown.getMessage()));
            }

            @Override
            public void log(Level level, ResourceBundle bundle, String format, Object... params) {
              assertEquals(0, params == null ? 0 : params.length, "what others say is no format");
              lines.add(format);
            }
          },
          "peers",
          nowNs::get);

  private List<String> taken() {
    List<String> taken = List.copyOf(lines);
    lines.clear();
    return taken;
  }

  private void pass(long milliseconds) {
    nowNs.addAndGet(TimeUnit.MILLISECONDS.toNanos(milliseconds));
  }

  @Test
  void ofEachSecondAFewLinesAreLoggedAndTheOthersCounted() {
    for (int i = 0; i < 100; i++) {
      log.warn("line " + i);
    }
    assertEquals(List.of("line 0", "line 1", "line 2", "line 3", "line 4"), taken());
    pass(999);
    log.warn("still the same second");
    log.catchUp();
    assertEquals(List.of(), taken());
    pass(1);
    log.warn("the next", new IllegalStateException("reason"));
    assertEquals(
        List.of("96 more warnings about peers were not logged", "the next with reason"), taken());
    pass(1000);
    log.catchUp();
    assertEquals(List.of(), taken(), "nothing was left out");
  }

  @Test
  void whatWasLeftOutIsToldWithoutAnotherWarning() {
    for (int i = 0; i < BoundedLog.LINES + 1; i++) {
      log.warn("line");
    }
    taken();
    pass(1000);
    log.catchUp();
    log.catchUp();
    assertEquals(List.of("1 more warnings about peers were not logged"), taken());
  }

  @Test
  void oneWarningIsOneLineThatIsNotTooLong() {
    log.warn("a\r\nWARNING: forged\u2028b\u001b[2J {0} ''c''");
    log.warn("x".repeat(1 << 16));
    List<String> taken = taken();
    assertEquals("a??WARNING: forged?b?[2J {0} ''c''", taken.getFirst());
    assertEquals(500, taken.get(1).length());
    assertTrue(taken.get(1).endsWith("x..."));
  }
}
