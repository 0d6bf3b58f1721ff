package io.entrepot.contract;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.flow.Broadcast;
import io.entrepot.flow.BufferPool;
import io.entrepot.flow.Division;
import io.entrepot.flow.FeedReader;
import io.entrepot.flow.FeedWriter;
import io.entrepot.flow.FramePort;
import io.entrepot.flow.Overflow;
import io.entrepot.flow.PoolPort;
import io.entrepot.internal.memory.ChildJvm;
import io.entrepot.internal.memory.HiddenCall;
import io.entrepot.internal.memory.OpenDescriptors;
import io.entrepot.reach.PoolServer;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.AttachRefusedException;
import io.entrepot.sharing.Attachment;
import io.entrepot.sharing.Exporter;
import io.entrepot.sharing.Importer;
import io.entrepot.sharing.MappingType;
import io.entrepot.sharing.NativeLease;
import io.entrepot.sharing.Need;
import io.entrepot.sharing.Offer;
import io.entrepot.sharing.Port;
import io.entrepot.sharing.SecretMemoryExporter;
import io.entrepot.sharing.SharedBuffer;
import io.entrepot.sharing.SharedMemoryExporter;
import io.entrepot.sharing.SizeClass;
import io.entrepot.sharing.View;
import io.entrepot.sharing.WritableView;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * C13: secret memory is this process's alone, and for those alone who declare that they handle it.
 */
@EnabledOnOs(value = OS.LINUX, disabledReason = "memfd_secret is Linux's")
class C13SecretMemoryTest {
  private static final byte[] WORDS = "nobody else's".getBytes(StandardCharsets.US_ASCII);
  private static final SizeClass PAGES = new SizeClass(4096, 4);

  @TempDir Path folder;

  private static BufferPool pool() {
    SecretMemory.require();
    return BufferPool.of(SecretMemoryExporter.named("secret"), PAGES);
  }

  private static Importer handling(Access access) {
    return Importer.viewing("handling", access).handlingConfidential();
  }

  // ---------------------------------------------------------------- negotiation

  @Test
  void whoDidNotDeclareItIsRefusedWithTheWholeTable() {
    try (BufferPool pool = pool();
        Broadcast feed = pool.broadcast("feed")) {
      Importer careless = Importer.viewing("careless", Access.READ);
      String table =
          assertThrows(AttachRefusedException.class, () -> pool.attach(careless)).getMessage();
      for (String part :
          List.of(
              "importer 'careless' cannot attach to exporter 'secret'",
              "VIEW/WRITE aligned 64 confidential against VIEW/READ: confidential memory, which the"
                  + " importer does not handle",
              "CPU_WINDOW/WRITE aligned 64 confidential against VIEW/READ: not the same type")) {
        assertTrue(table.contains(part), () -> "'" + part + "' is not in " + table);
      }
      // Nor does anybody get in who does not say who it is.
      assertThrows(AttachRefusedException.class, () -> pool.open("owner"));
      assertThrows(AttachRefusedException.class, feed::writer);
      assertThrows(
          AttachRefusedException.class, () -> feed.join("reader", Access.READ, Overflow.BLOCK));
      assertEquals(0, pool.statistics().attaches());
      pool.attach(careless.handlingConfidential()).close();
    }
  }

  @Test
  void whateverIsOfferedIsConfidential() {
    SecretMemoryExporter every = SecretMemoryExporter.named("secret");
    assertEquals(MappingType.values().length, every.offers().size());
    SecretMemoryExporter some =
        every.withAlignment(4096).offering(Offer.of(MappingType.VIEW, Access.READ, 4096));
    for (Exporter exporter : List.of(every, every.withAlignment(128), some)) {
      assertTrue(exporter.offers().stream().allMatch(Offer::confidential));
      assertTrue(exporter.zeroesOnReuse() && exporter.zeroesOnRelease());
      assertEquals("secret", exporter.name());
    }
    assertEquals("[VIEW/READ aligned 4096 confidential]", some.offers().toString());
    for (long wrong : new long[] {0, 32, 96, 4L << 20}) {
      assertThrows(IllegalArgumentException.class, () -> every.withAlignment(wrong));
    }
  }

  @Test
  void anOwnersPortTakesAnImporterThatDeclaresIt() {
    try (BufferPool pool = pool()) {
      try (PoolPort port = pool.open(handling(Access.WRITE))) {
        WritableView view = port.acquire(1, TimeUnit.SECONDS);
        assertNotNull(view);
        view.putLong(0, 1);
        port.release();
      }
      assertThrows(IllegalStateException.class, () -> pool.open(handling(Access.READ)));
      assertFalse(pool.dump().contains("attachment"), pool::dump);
    }
  }

  // ---------------------------------------------------------------- use

  @Test
  void framesGoThroughFeedsAndTheirBytesAreGoneBehindTheLastReader() {
    SecretMemory.require();
    List<MemorySegment> raw = new ArrayList<>();
    TappedExporter exporter =
        new TappedExporter(SecretMemoryExporter.named("secret"), all -> raw.addAll(all.buffers()));
    try (BufferPool pool = BufferPool.of(exporter, PAGES);
        Broadcast feed = pool.broadcast("feed");
        FeedReader reader = feed.join(handling(Access.READ), Overflow.BLOCK, 4, Division.EACH)) {
      int frames = 200;
      Elsewhere<Long> reading =
          Elsewhere.start(() -> {
            long sum = 0;
            try (FramePort port = reader.open()) {
              while (port.next(10, TimeUnit.SECONDS) instanceof View view) {
                Pattern.check(view, port.sequence());
                sum += port.sequence();
              }
            }
            return sum;
          });
      try (FeedWriter writer = feed.writer(handling(Access.WRITE))) {
        for (long frame = 0; frame < frames; frame++) {
          WritableView view = writer.acquire(10, TimeUnit.SECONDS);
          assertNotNull(view);
          Pattern.put(view, frame);
          writer.publish();
        }
      }
      assertEquals(frames * (frames - 1) / 2, reading.result());
      for (MemorySegment buffer : raw) {
        assertTrue(
            buffer
                .elements(ValueLayout.JAVA_BYTE)
                .allMatch(b -> b.get(ValueLayout.JAVA_BYTE, 0) == 0));
      }
    }
  }

  @Test
  void channelsReadAndWriteIt() throws IOException {
    Path file = folder.resolve("file");
    Importer io =
        Importer.accepting(
                "io", Importer.Release.BOUNDED, Need.of(MappingType.CHANNEL_IO, Access.WRITE))
            .handlingConfidential();
    Files.write(file, WORDS);
    try (BufferPool pool = pool();
        Attachment attachment = pool.attach(io);
        Port port = attachment.open();
        SharedBuffer buffer = pool.tryAcquire(4096);
        FileChannel channel =
            FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      assertEquals(WORDS.length, port.readFrom(channel, buffer, 0, WORDS.length));
      channel.position(WORDS.length);
      assertEquals(WORDS.length, port.writeTo(channel, buffer, 0, WORDS.length));
    }
    byte[] twice = Files.readAllBytes(file);
    assertEquals(2 * WORDS.length, twice.length);
    for (int i = 0; i < twice.length; i++) {
      assertEquals(WORDS[i % WORDS.length], twice[i]);
    }
  }

  // ---------------------------------------------------------------- nobody else

  @Test
  void anotherProcessReadsOrdinaryBuffersAndNoSecretOnes() throws IOException {
    SecretMemory.require();
    try (ChildJvm child = ChildJvm.start(Keeping.class)) {
      long ordinary = Long.parseLong(child.line());
      long secret = Long.parseLong(child.line());
      try (RandomAccessFile memory = new RandomAccessFile("/proc/" + child.pid() + "/mem", "r")) {
        byte[] read = new byte[WORDS.length];
        memory.seek(ordinary);
        memory.readFully(read);
        assertArrayEquals(WORDS, read, "this is how it can be read");
        memory.seek(secret);
        assertThrows(IOException.class, () -> memory.readFully(read));
      }
    }
  }

  /** Has the same words in an ordinary buffer and in a secret one, and tells where. */
  static final class Keeping {
    public static void main(String[] args) throws IOException {
      try (BufferPool ordinary = BufferPool.of(SharedMemoryExporter.named("ordinary"), PAGES);
          BufferPool secret = BufferPool.of(SecretMemoryExporter.named("secret"), PAGES)) {
        keep(ordinary);
        keep(secret);
        System.in.read();
      }
    }

    private static void keep(BufferPool pool) {
      SharedBuffer buffer = pool.tryAcquire(WORDS.length);
      Attachment writing = pool.attach(handling(Access.WRITE));
      try (Port port = writing.open();
          WritableView view = port.mapForWriting(buffer)) {
        view.copyFrom(0, ByteBuffer.wrap(WORDS));
      }
      NativeLease lease =
          pool.attach(Importer.leasing("native", Access.READ).handlingConfidential()).lease(buffer);
      System.out.println(lease.address());
    }
  }

  @Test
  void itIsLockedAndNotDumpedAndLeavesNothingBehind() throws IOException {
    long descriptors = OpenDescriptors.all();
    try (BufferPool pool = pool()) {
      assertEquals(4, pool.statistics().free());
      // Fewer, where those of processes of earlier tests have been closed meanwhile.
      assertTrue(OpenDescriptors.all() <= descriptors, "there is nothing to be passed on");
      assertEquals(1, OpenDescriptors.mappingsOf("secretmem"));
      String flags = flags("secretmem");
      assertTrue(flags.contains(" lo ") && flags.contains(" dd "), flags);
    }
    assertTrue(OpenDescriptors.all() <= descriptors, "its own are closed");
    assertEquals(0, OpenDescriptors.mappingsOf("secretmem"));
  }

  /** What the kernel says of a mapping: "lo" for locked, "dd" for not dumped. */
  private static String flags(String name) throws IOException {
    List<String> lines = Files.readAllLines(Path.of("/proc/self/smaps"));
    int at = 0;
    while (!lines.get(at).contains(name)) {
      at++;
    }
    while (!lines.get(at).startsWith("VmFlags:")) {
      at++;
    }
    return lines.get(at) + " ";
  }

  @Test
  void itIsNotServedToOtherProcesses() {
    Path socket = folder.resolve("socket");
    try (BufferPool pool = pool()) {
      String message =
          assertThrows(IllegalArgumentException.class, () -> PoolServer.serve(pool, socket))
              .getMessage();
      assertTrue(
          message.contains("'secret'")
              && message.contains("cannot be sealed")
              && message.contains("SharedMemoryExporter"),
          message);
    }
    assertTrue(Files.notExists(socket));
  }

  // ---------------------------------------------------------------- a kernel without it

  @Test
  void aKernelWithoutItSaysWhatToDo() throws IOException {
    try (ChildJvm child = ChildJvm.start(Without.class)) {
      String said = child.expectPart("ENOSYS: ");
      assertTrue(
          said.contains("UnsupportedOperationException")
              && said.contains("exporter 'secret'")
              && said.contains("memfd_secret(secret) failed with ENOSYS (38)")
              && said.contains("5.14")
              && said.contains("secretmem.enable=1"),
          said);
      String forbidden = child.expectPart("EPERM: ");
      assertTrue(
          forbidden.contains("IllegalStateException") && forbidden.contains("seccomp"), forbidden);
      child.expect("nothing left");
    }
  }

  /** Makes secret pools where the call is hidden: as if it did not exist, then by a prohibition. */
  static final class Without {
    private static final int EPERM = 1;
    private static final int ENOSYS = 38;

    public static void main(String[] args) throws IOException {
      BufferPool.of(SharedMemoryExporter.named("first"), PAGES).close();
      long before = OpenDescriptors.all();
      // Of several filters the one that was added last wins where both give an error.
      for (int errno : new int[] {ENOSYS, EPERM}) {
        if (!HiddenCall.memfdSecret(errno)) {
          throw new AssertionError("this kernel has no filters of system calls");
        }
        String what = errno == EPERM ? "EPERM" : "ENOSYS";
        try {
          BufferPool.of(SecretMemoryExporter.named("secret"), PAGES).close();
          System.out.println(what + " was not told");
        } catch (RuntimeException e) {
          System.out.println(what + ": " + e);
        }
      }
      System.out.println(
          OpenDescriptors.all() == before && OpenDescriptors.mappingsOf("secretmem") == 0
              ? "nothing left"
              : "something left");
    }
  }
}
