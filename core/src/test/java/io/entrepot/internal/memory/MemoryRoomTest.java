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

  /** A group of the unified hierarchy, with the files that the kernel gives to each but the top. */
  private void group(String path, String max, String high, long current) throws IOException {
    String group = "cgroup/" + path + "/memory.";
    write(group + "max", max + "\n");
    write(group + "high", high + "\n");
    write(group + "low", "0\n");
    write(group + "current", current + "\n");
    write(group + "swap.max", "max\n");
    write(group + "swap.current", "0\n");
    write(group + "stat", "anon 1\ninactive_file 0\nactive_file 0\nshmem 9\n");
  }

  @Test
  void theLeastRoomOfNestedUnifiedGroupsCounts() throws IOException {
    write("proc/self/cgroup", "0::/a/b/c\n");
    group("a", "50000", "max", 20000);
    group("a/b", "max", "max", 15000);
    group("a/b/c", "40000", "max", 10000);
    group("a/beside", "100", "100", 100);
    room.require("x", 30_000);
    assertRefused(() -> room.require("x", 30_001), "has 30000 left of its limit of", "memory.max");
    group("a/b/c", "max", "max", 10000);
    room.require("x", 30_000);
    assertRefused(() -> room.require("x", 30_001), "/a has 30000 left of its limit of 50000");
    group("a", "max", "max", 20000);
    room.require("x", 120 * 1024);
    assertRefused(() -> room.require("x", 120 * 1024 + 1), "the machine has");
  }

  @Test
  void whatWouldBeHeldUpWithoutEndIsRefused() throws IOException {
    write("proc/self/cgroup", "0::/a/b\n");
    group("a", "max", "30000", 10000);
    group("a/b", "90000", "max", 10000);
    room.require("x", 20_000);
    assertRefused(
        () -> room.require("x", 20_001), "/a has 20000 left", "30000", "or raise memory.high");
    group("a", "max", "5000", 10000);
    assertRefused(() -> room.require("x", 1), "/a has 0 left", "memory.high");
  }

  @Test
  void swapIsNoRoomInAGroup() throws IOException {
    write("proc/self/cgroup", "0::/a\n");
    group("a", "30000", "max", 10000);
    write("cgroup/a/memory.swap.max", "1000000\n");
    room.require("x", 20_000);
    assertRefused(() -> room.require("x", 20_001), "/a has 20000 left", "memory.max");
  }

  @Test
  void filesThatAreNotThereAreNoLimits() throws IOException {
    // The top has neither of them, a group without the memory controller none at all.
    write("proc/self/cgroup", "0::/a/b\n");
    write("cgroup/memory.stat", "inactive_file 5\n");
    write("cgroup/a/b/cgroup.procs", "1\n");
    room.require("x", 120 * 1024);
    write("cgroup/a/memory.max", "7\n");
    room.require("x", 8);
    write("cgroup/a/memory.current", "0\n");
    assertRefused(() -> room.require("x", 8), "/a has 7 left of its limit of 7");
    Files.delete(top.resolve("cgroup/a/memory.max"));
    write("cgroup/a/memory.high", "7\n");
    assertRefused(() -> room.require("x", 8), "/a has 7 left of its limit of 7", "memory.high");
  }

  @Test
  void oddNumbersInAGroupAreNoLimits() throws IOException {
    write("proc/self/cgroup", "0::/a\n\nodd\n");
    for (String odd : new String[] {"", "max", "-1", "9999999999999999999", "12 bytes"}) {
      group("a", odd, odd, 10);
      room.require("x", 120 * 1024);
    }
    group("a", "9223372036854771712", "8999999999999999999", 10);
    room.require("x", 120 * 1024);
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
