package io.entrepot.internal.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What cannot fit is refused before it is allocated, with the numbers. */
class MemoryRoomTest {
  private static final String MEMINFO =
      """
      MemTotal:  1000 kB
      MemAvailable:  100 kB
      SwapFree:  20 kB
      HugePages_Total:  4
      HugePages_Free:  3
      HugePages_Rsvd:  1
      Hugepagesize:  2048 kB
      """;

  @TempDir Path top;
  private MemoryRoom room;

  @BeforeEach
  void files() throws IOException {
    write("proc/meminfo", MEMINFO);
    write("proc/self/status", "VmLck:\t4 kB\nCapEff:\t0000000000000000\n");
    room = new MemoryRoom(top.resolve("proc"), top.resolve("cgroup"));
  }

  private void write(String path, String text) throws IOException {
    Files.createDirectories(top.resolve(path).getParent());
    Files.writeString(top.resolve(path), text);
  }

  private static void assertRefused(Runnable asking, String... parts) {
    String message = assertThrows(NoRoomException.class, asking::run).getMessage();
    for (String part : parts) {
      assertTrue(message.contains(part), message);
    }
  }

  @Test
  void theMachineHasItsLimit() {
    room.require("a", 120 * 1024);
    assertRefused(() -> room.require("a", 120 * 1024 + 1), "122881", "122880", "'a'");
  }

  @Test
  void aUnifiedGroupAndThoseAboveItHaveTheirLimits() throws IOException {
    write("proc/self/cgroup", "0::/outer/inner\n");
    write("cgroup/outer/inner/memory.max", "max\n");
    write("cgroup/outer/inner/memory.current", "5000\n");
    write("cgroup/outer/memory.max", "9000\n");
    write("cgroup/outer/memory.current", "6000\n");
    write("cgroup/outer/memory.stat", "anon 1\ninactive_file 700\nactive_file 300\nshmem 9\n");
    room.require("a", 4000);
    assertRefused(() -> room.require("a", 4001), "4001", "4000", "9000", "outer", "memory.max");
  }

  @Test
  void aGroupOfTheMemoryControllerHasItsLimit() throws IOException {
    write("proc/self/cgroup", "5:cpu,cpuacct:/x\n4:memory:/x\n0::/\n");
    write("cgroup/memory/x/memory.limit_in_bytes", "1000\n");
    write("cgroup/memory/x/memory.usage_in_bytes", "400\n");
    write("cgroup/memory/x/memory.stat", "inactive_file 300\ntotal_inactive_file 100\n");
    write("cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
    write("cgroup/memory/memory.usage_in_bytes", "400\n");
    room.require("a", 700);
    assertRefused(() -> room.require("a", 701), "701", "700", "1000", "limit_in_bytes");
  }

  @Test
  void aPathThatIsNotSeenInAContainerMeansTheTop() throws IOException {
    write("proc/self/cgroup", "0::/docker/0123\n");
    write("cgroup/memory.max", "1000\n");
    write("cgroup/memory.current", "1200\n");
    assertRefused(() -> room.require("a", 1), "has 0 left", "1000");
    write("proc/self/cgroup", "0::/../..\n");
    assertRefused(() -> room.require("a", 1), "has 0 left", "1000");
  }

  @Test
  void hugePagesAreThoseFreeAndNotPromised() {
    assertEquals(2048 * 1024, room.hugePageBytes());
    room.requireHuge("a", 2 * 2048 * 1024);
    assertRefused(
        () -> room.requireHuge("a", 2 * 2048 * 1024 + 1), "3 huge pages", "2 of 4", "nr_hugepages");
  }

  @Test
  void lockedMemoryHasItsLimitUnlessTheProcessMayLockAny() throws IOException {
    room.requireLockable("a", 4096, 8192, 4096);
    assertRefused(
        () -> room.requireLockable("a", 4097, 8192, 4096), "4097", "8192", "4096", "MEMLOCK");
    // Whole pages are locked.
    assertRefused(() -> room.requireLockable("a", 4097, 12287, 4096), "4097", "12287");
    room.requireLockable("a", 4097, 12288, 4096);
    assertRefused(() -> room.requireLockable("a", 1, 4095, 4096), "4095");
    write("proc/self/status", "VmLck:\t4 kB\nCapEff:\t0000000000004000\n");
    room.requireLockable("a", 4097, 8192, 4096);
  }

  @Test
  void thisMachineCanBeAsked() {
    MemoryRoom.here().require("a", 1);
  }
}
