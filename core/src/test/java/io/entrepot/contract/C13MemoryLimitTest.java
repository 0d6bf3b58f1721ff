package io.entrepot.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.flow.BufferPool;
import io.entrepot.internal.memory.ChildJvm;
import io.entrepot.internal.memory.OpenDescriptors;
import io.entrepot.internal.memory.Unprivileged;
import io.entrepot.sharing.Exporter;
import io.entrepot.sharing.OutOfBudgetException;
import io.entrepot.sharing.SecretMemoryExporter;
import io.entrepot.sharing.SharedMemoryExporter;
import io.entrepot.sharing.SizeClass;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * C13 with too little memory: a pool that cannot have its bytes is refused with both numbers before
 * any of it is allocated, in one kind of exception, whichever limit it is.
 */
@EnabledOnOs(value = OS.LINUX, disabledReason = "memfd and limits are Linux's")
class C13MemoryLimitTest {
  private static final int KIB = 1 << 10;
  private static final int MIB = 1 << 20;

  @TempDir Path folder;

  /** Why a pool of so many bytes cannot be made; nothing of it is left. */
  private static String refusal(Exporter exporter, long bufferBytes, int buffers)
      throws IOException {
    long before = OpenDescriptors.all();
    OutOfBudgetException refused = null;
    try (BufferPool pool = BufferPool.of(exporter, new SizeClass(bufferBytes, buffers))) {
      throw new AssertionError("there is a " + pool);
    } catch (OutOfBudgetException e) {
      refused = e;
    }
    // Fewer, where those of processes of earlier tests have been closed meanwhile.
    if (OpenDescriptors.all() > before
        || OpenDescriptors.mappingsOf("memfd:" + exporter.name()) != 0
        || OpenDescriptors.mappingsOf("secretmem") != 0) {
      throw new AssertionError("something was left behind", refused);
    }
    return refused.getMessage();
  }

  private static void assertParts(String text, Object... parts) {
    for (Object part : parts) {
      assertTrue(text.contains(part.toString()), () -> "'" + part + "' is not in: " + text);
    }
  }

  @Test
  void moreThanTheMachineHas() throws IOException {
    long bytes = 1L << 40;
    assertParts(
        refusal(SharedMemoryExporter.named("enormous"), bytes, 16),
        "'enormous'",
        16 * bytes,
        "the machine has",
        "MemAvailable");
  }

  @Test
  void moreThanALongCounts() throws IOException {
    assertParts(refusal(SharedMemoryExporter.named("beyond"), 1L << 62, 4), "'beyond'", "2^63");
  }

  // ---------------------------------------------------------------- control groups

  @Test
  void moreThanAControlGroupMayHave() throws Exception {
    long limit = 256L * MIB;
    try (MemoryGroup group = MemoryGroup.limitedTo(limit);
        ChildJvm child = ChildJvm.start(InAGroup.class, "" + 512L * MIB)) {
      group.add(child.pid());
      child.say("go");
      assertParts(
          child.expectPart("refused: "), 512L * MIB, limit, group.path(), group.limitName());
      // It was asked for and not tried: as many bytes were never there.
      assertTrue(group.peak() < limit, () -> group.peak() + " of " + limit);
      child.expect("made 8 buffers");
      child.endInput();
      child.expect("alive");
      assertEquals("", child.rest());
    }
  }

  /** Asks for too much, then for less. */
  static final class InAGroup {
    public static void main(String[] args) throws IOException {
      System.in.read();
      System.out.println(
          "refused: "
              + refusal(SharedMemoryExporter.named("grouped"), Long.parseLong(args[0]) / 8, 8));
      try (BufferPool pool =
          BufferPool.of(SharedMemoryExporter.named("grouped"), new SizeClass(MIB, 8))) {
        System.out.println("made " + pool.statistics().buffers() + " buffers");
        while (System.in.read() >= 0) {
          // Until the test has looked.
        }
      }
      System.out.println("alive");
    }
  }

  // ---------------------------------------------------------------- limits of a process

  @Test
  void moreThanAProcessMayLock() throws Exception {
    SecretMemory.require();
    try (ChildJvm child = Unprivileged.in(folder).start("ulimit -l 64", Locking.class)) {
      assertParts(child.expectPart("whole: "), 128 * KIB, "may lock " + 64 * KIB, "RLIMIT_MEMLOCK");
      assertParts(child.expectPart("rest: "), 40 * KIB, 64 * KIB, "has locked " + 32 * KIB);
      child.expect("made");
    }
  }

  /** Asks for too much secret memory at once, then in two parts. */
  static final class Locking {
    public static void main(String[] args) throws IOException {
      System.out.println("whole: " + refusal(SecretMemoryExporter.named("locked"), 32 * KIB, 4));
      OutOfBudgetException refused = null;
      try (BufferPool pool = secret(8)) {
        try (BufferPool more = secret(10)) {
          throw new AssertionError("there is a " + more + " beside " + pool);
        } catch (OutOfBudgetException e) {
          refused = e;
        }
      }
      System.out.println("rest: " + refused.getMessage());
      secret(10).close();
      secret(16).close();
      System.out.println("made");
    }

    private static BufferPool secret(int pages) {
      return BufferPool.of(SecretMemoryExporter.named("locked"), new SizeClass(4 * KIB, pages));
    }
  }

  @Test
  void moreThanAFileMayHave() throws Exception {
    try (ChildJvm child =
        ChildJvm.start(
            List.of("/bin/sh", "-c", "ulimit -f 2048 && exec \"$@\"", "sh"), Filing.class)) {
      assertParts(child.expectPart("refused: "), 16 * MIB, "EFBIG", "RLIMIT_FSIZE");
      child.expect("made");
    }
  }

  /** Asks for more than a file may have, then for less. */
  static final class Filing {
    public static void main(String[] args) throws IOException {
      System.out.println("refused: " + refusal(SharedMemoryExporter.named("filed"), MIB, 16));
      BufferPool.of(SharedMemoryExporter.named("filed"), new SizeClass(64 * KIB, 8)).close();
      System.out.println("made");
    }
  }

  // ---------------------------------------------------------------- huge pages

  @Test
  void moreHugePagesThanAreReserved() throws IOException {
    long page = HugePages.bytes();
    long free = HugePages.free();
    assertParts(
        refusal(SharedMemoryExporter.named("huge").withHugePages(), page, (int) free + 1),
        (free + 1) * page,
        (free + 1) + " huge pages of " + page,
        free + " of ",
        "vm.nr_hugepages");
  }
}
