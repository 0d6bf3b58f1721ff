package io.entrepot.internal.reach;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.entrepot.internal.memory.ChildJvm;
import io.entrepot.internal.memory.Descriptor;
import io.entrepot.internal.memory.Errno;
import io.entrepot.internal.memory.Linux;
import io.entrepot.internal.memory.OpenDescriptors;
import io.entrepot.internal.memory.Seal;
import io.entrepot.internal.memory.SharedMemory;
import io.entrepot.internal.memory.SystemCallException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Messages and descriptors between processes. */
class UnixSocketTest {
  private static final long LONG_NS = TimeUnit.SECONDS.toNanos(20);

  @TempDir Path top;
  private Path path;
  private UnixSocket listening;
  private UnixSocket here;
  private UnixSocket there;
  private final MemorySegment into = MemorySegment.ofArray(new byte[256]);

  @BeforeEach
  void connect() throws InterruptedException {
    assumeTrue(Linux.isAvailable(), "needs Linux on x86-64 or aarch64");
    path = top.resolve("socket");
    listening = UnixSocket.listen(path, 8);
    here = UnixSocket.connect(path);
    there = listening.accept(LONG_NS);
  }

  @AfterEach
  void close() {
    if (listening != null) {
      here.close();
      there.close();
      listening.close();
    }
  }

  private static MemorySegment bytes(int length) {
    byte[] bytes = new byte[length];
    Arrays.fill(bytes, (byte) length);
    return MemorySegment.ofArray(bytes);
  }

  @Test
  void messagesStayApart() throws InterruptedException {
    here.send(bytes(3), 3);
    here.send(bytes(7), 6);
    Received first = there.receive(into, LONG_NS);
    assertEquals(new Received(Received.Outcome.MESSAGE, 3, List.of()), first);
    assertEquals(-1, into.asSlice(0, 3).mismatch(bytes(3)));
    assertEquals(6, there.receive(into, LONG_NS).lengthBytes());
    assertEquals(Received.Outcome.TIMED_OUT, there.receive(into, 0).outcome());
    assertEquals(Received.Outcome.TIMED_OUT, there.receive(into, 1_000_000).outcome());
    there.send(bytes(1), 1);
    assertEquals(1, here.receive(into, LONG_NS).lengthBytes());
    int most = UnixSocket.MAX_MESSAGE_BYTES;
    here.send(bytes(most), most);
    MemorySegment large = MemorySegment.ofArray(new byte[most + 1]);
    assertEquals(most, there.receive(large, LONG_NS).lengthBytes());
    for (long wrong : new long[] {0, -1, 4, Long.MAX_VALUE}) {
      assertThrows(IllegalArgumentException.class, () -> here.send(bytes(3), wrong));
    }
    assertThrows(IllegalArgumentException.class, () -> here.send(bytes(most + 1), most + 1));
  }

  @Test
  void theEndComesAfterAllMessagesAndIsNoTimeOut() throws InterruptedException {
    there.send(bytes(2), 2); // never read: a reset for the sender's other direction
    here.send(bytes(3), 3);
    here.close();
    here.close();
    assertEquals(3, there.receive(into, LONG_NS).lengthBytes());
    assertEquals(Received.Outcome.END_OF_STREAM, there.receive(into, LONG_NS).outcome());
    assertEquals(Received.Outcome.END_OF_STREAM, there.receive(into, 0).outcome());
    assertEquals(
        Errno.EPIPE,
        assertThrows(SystemCallException.class, () -> there.send(bytes(1), 1)).errno());
    assertThrows(IllegalStateException.class, () -> here.send(bytes(1), 1));
    assertThrows(IllegalStateException.class, () -> here.receive(into, 0));
  }

  @Test
  void descriptorsArriveAsOnesOwn() throws InterruptedException {
    List<SharedMemory> memories = memories("sock-passed", UnixSocket.MAX_DESCRIPTORS);
    here.send(bytes(3), 3, descriptors(memories));
    memories.forEach(SharedMemory::close);
    try (Received received = there.receive(into, LONG_NS)) {
      assertEquals(8, received.descriptors().size());
      for (int i = 0; i < 8; i++) {
        SharedMemory memory = SharedMemory.received(received.descriptors().get(i));
        assertEquals(i + 1, memory.byteSize());
      }
    }
    assertEquals(0, OpenDescriptors.of("sock-passed"));
  }

  private static List<SharedMemory> memories(String name, int count) {
    List<SharedMemory> memories = new ArrayList<>();
    for (int i = 1; i <= count; i++) {
      memories.add(SharedMemory.create(name, i));
    }
    return memories;
  }

  private static Descriptor[] descriptors(List<SharedMemory> memories) {
    return memories.stream().map(SharedMemory::descriptor).toArray(Descriptor[]::new);
  }

  @Test
  void surplusAndUnwantedDescriptorsAreClosed() throws InterruptedException {
    List<SharedMemory> memories = memories("sock-surplus", 20);
    assertThrows(
        IllegalArgumentException.class, () -> here.send(bytes(3), 3, descriptors(memories)));
    // Another program may send more than this one does.
    int[] numbers = new int[20];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = memories.get(i).descriptor().number();
    }
    assertEquals(3, RawSender.send(here.descriptor().number(), numbers));
    assertEquals(20, OpenDescriptors.of("sock-surplus"));
    String message =
        assertThrows(IllegalStateException.class, () -> there.receive(into, LONG_NS)).getMessage();
    assertTrue(message.contains("8 of a message's descriptors"), message);
    assertEquals(20, OpenDescriptors.of("sock-surplus"));

    // Too long a message loses its descriptors too, and so does a message into closed memory.
    Descriptor one = memories.getFirst().descriptor();
    here.send(bytes(200), 200, one);
    assertThrows(IllegalStateException.class, () -> there.receive(into.asSlice(0, 100), LONG_NS));
    Arena arena = Arena.ofConfined();
    MemorySegment closed = arena.allocate(100);
    arena.close();
    here.send(bytes(3), 3, one);
    assertThrows(IllegalStateException.class, () -> there.receive(closed, LONG_NS));
    assertEquals(20, OpenDescriptors.of("sock-surplus"));

    // A closed one among those to pass: nothing is sent, none is held.
    memories.get(1).close();
    assertThrows(
        IllegalStateException.class,
        () -> here.send(bytes(3), 3, descriptors(memories.subList(0, 3))));
    assertEquals(Received.Outcome.TIMED_OUT, there.receive(into, 0).outcome());
    memories.forEach(SharedMemory::close);
    assertEquals(0, OpenDescriptors.of("sock-surplus"));
  }

  @Test
  void aSenderWaitsForAReaderNoLongerThanItSays() throws InterruptedException {
    MemorySegment large = bytes(UnixSocket.MAX_MESSAGE_BYTES);
    SystemCallException full = null;
    int sent = 0;
    while (full == null) {
      try {
        here.send(large, large.byteSize(), 1_000_000L);
        sent++;
      } catch (SystemCallException e) {
        full = e;
      }
    }
    assertEquals(Errno.EAGAIN, full.errno());
    MemorySegment all = MemorySegment.ofArray(new byte[UnixSocket.MAX_MESSAGE_BYTES]);
    for (int i = 0; i < sent; i++) {
      assertEquals(large.byteSize(), there.receive(all, LONG_NS).lengthBytes());
    }
  }

  @Test
  void closingWakesWhoReceivesAndAccepts() throws InterruptedException {
    assertWoken(
        () -> there.receive(into, Long.MAX_VALUE), there::close, IllegalStateException.class);
    assertWoken(
        () -> listening.accept(Long.MAX_VALUE), listening::close, IllegalStateException.class);
  }

  @Test
  void interruptsEndAWait() throws InterruptedException {
    assertWoken(() -> there.receive(into, Long.MAX_VALUE), null, InterruptedException.class);
    assertWoken(() -> listening.accept(Long.MAX_VALUE), null, InterruptedException.class);
    assertNull(listening.accept(0));
    assertNull(listening.accept(1_000_000));
  }

  private interface Waiting {
    Object run() throws InterruptedException;
  }

  private static void assertWoken(
      Waiting waiting, Runnable waking, Class<? extends Exception> expected)
      throws InterruptedException {
    AtomicReference<Exception> thrown = new AtomicReference<>();
    Thread thread =
        Thread.ofPlatform()
            .start(() -> {
              try {
                waiting.run();
              } catch (Exception e) {
                thrown.set(e);
              }
            });
    if (waking == null) {
      thread.interrupt();
    } else {
      waking.run();
    }
    assertTrue(thread.join(java.time.Duration.ofNanos(LONG_NS)), "still waits");
    assertInstanceOf(expected, thrown.get());
  }

  @Test
  void theFileIsTheOwnersAloneAndGoesWithItsServer() throws IOException {
    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(path)));
    listening.close();
    assertFalse(Files.exists(path));
    listening.close();
    assertEquals(
        Errno.ENOENT,
        assertThrows(SystemCallException.class, () -> UnixSocket.connect(path)).errno());
  }

  @Test
  void aFileThatIsNoLongerOursStays() throws IOException {
    Files.delete(path);
    Files.writeString(path, "another's");
    listening.close();
    assertEquals("another's", Files.readString(path));
    String message =
        assertThrows(IllegalStateException.class, () -> UnixSocket.listen(path, 1)).getMessage();
    assertTrue(message.contains("no socket"), message);
  }

  @Test
  void aLiveServerIsNotReplacedAndADeadOneIs() throws Exception {
    String message =
        assertThrows(IllegalStateException.class, () -> UnixSocket.listen(path, 1)).getMessage();
    assertTrue(message.contains("another server listens"), message);
    assertTrue(Files.exists(path));

    Path stale = top.resolve("stale");
    try (ChildJvm child = ChildJvm.start(Server.class, stale.toString())) {
      child.expect("listening");
      child.kill();
    }
    assertTrue(Files.exists(stale));
    assertEquals(
        Errno.ECONNREFUSED,
        assertThrows(SystemCallException.class, () -> UnixSocket.connect(stale)).errno());
    try (UnixSocket replacing = UnixSocket.listen(stale, 1);
        UnixSocket client = UnixSocket.connect(stale);
        UnixSocket accepted = replacing.accept(LONG_NS)) {
      assertEquals(ProcessHandle.current().pid(), accepted.peer().pid());
      assertEquals(accepted.peer(), client.peer());
    }
    assertFalse(Files.exists(stale));
  }

  /** Listens until it is killed. */
  static final class Server {
    public static void main(String[] args) throws IOException {
      UnixSocket listening = UnixSocket.listen(Path.of(args[0]), 1);
      System.out.println("listening");
      System.in.read();
      listening.close();
    }
  }

  @Test
  void tooLongAPathIsToldWithBothNumbers() {
    Path longPath = top.resolve("x".repeat(200));
    for (var use :
        List.<org.junit.jupiter.api.function.Executable>of(
            () -> UnixSocket.listen(longPath, 1), () -> UnixSocket.connect(longPath))) {
      String message = assertThrows(IllegalArgumentException.class, use).getMessage();
      assertTrue(message.contains("107"), message);
      assertTrue(message.contains("" + longPath.toString().length()), message);
    }
  }

  @Test
  void inheritedSocketsAreLookedAt() throws InterruptedException {
    int connected = here.descriptor().number();
    int listens = listening.descriptor().number();
    assertThrows(IllegalArgumentException.class, () -> UnixSocket.listenInherited(connected));
    assertThrows(IllegalArgumentException.class, () -> UnixSocket.adopt(listens));
    assertThrows(IllegalArgumentException.class, () -> UnixSocket.adopt(0));
    // As after a start with them: this process has the same sockets by these numbers.
    UnixSocket again = UnixSocket.listenInherited(RawSender.duplicate(listens));
    try (UnixSocket client = UnixSocket.connect(path);
        UnixSocket accepted = again.accept(LONG_NS)) {
      assertEquals(client.peer(), accepted.peer());
    }
    again.close();
    assertTrue(Files.exists(path));
    UnixSocket.connect(path).close(); // the other who has it still listens

    UnixSocket adopted = UnixSocket.adopt(RawSender.duplicate(connected));
    adopted.send(bytes(3), 3);
    adopted.close();
    here.send(bytes(4), 4);
    assertEquals(3, there.receive(into, LONG_NS).lengthBytes());
    assertEquals(4, there.receive(into, LONG_NS).lengthBytes());
  }

  @Test
  void aProcessWithoutDescriptorsLeftTellsItsLimitAndLosesNothing() throws Exception {
    List<SharedMemory> memories = memories("sock-limit", 8);
    memories.forEach(memory -> memory.seal(Seal.SHRINK));
    try (ChildJvm child = ChildJvm.startLimited(40, Limited.class, path.toString());
        UnixSocket accepted = listening.accept(LONG_NS)) {
      for (int i = 0; i < 2; i++) {
        child.expect("ready");
        accepted.send(bytes(3), 3, descriptors(memories));
      }
      String output = child.rest();
      assertTrue(output.contains("of a message's descriptors arrived"), output);
      assertTrue(output.contains("the 40 that it may have"), output);
      assertTrue(output.contains("received 8, of memory sealed [SHRINK"), output);
    }
    memories.forEach(SharedMemory::close);
  }

  /** Receives when its numbers are used up, and again when they are not. */
  static final class Limited {
    public static void main(String[] args) throws Exception {
      MemorySegment into = MemorySegment.ofArray(new byte[16]);
      UnixSocket socket = UnixSocket.connect(Path.of(args[0]));
      socket.receive(into, 0).close(); // loads what is needed, which takes descriptors
      new SystemCallException(io.entrepot.internal.memory.SystemCall.RECVMSG, "first", Errno.EMFILE)
          .getMessage();
      SharedMemory.create("first", 1).seals();
      List<Integer> used = new ArrayList<>();
      int number;
      while ((number = RawSender.tryDuplicate(0)) >= 0) {
        used.add(number);
      }
      String refused = "";
      System.out.println("ready");
      for (int i = 0; i < 3; i++) {
        Descriptor.owning(used.removeLast()).close();
      }
      try {
        socket.receive(into, LONG_NS);
      } catch (IllegalStateException e) {
        refused = e.getMessage();
      }
      used.forEach(duplicate -> Descriptor.owning(duplicate).close());
      System.out.println("ready");
      System.out.println(refused);
      try (Received received = socket.receive(into, LONG_NS)) {
        System.out.println(
            "received "
                + received.descriptors().size()
                + ", of memory sealed "
                + SharedMemory.received(received.descriptors().getFirst()).seals());
      }
    }
  }
}
