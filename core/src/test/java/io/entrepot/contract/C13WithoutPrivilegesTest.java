package io.entrepot.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.entrepot.flow.BufferPool;
import io.entrepot.internal.memory.ChildJvm;
import io.entrepot.internal.memory.OpenDescriptors;
import io.entrepot.internal.memory.Unprivileged;
import io.entrepot.reach.PoolServer;
import io.entrepot.reach.RemotePool;
import io.entrepot.sharing.SharedMemoryExporter;
import io.entrepot.sharing.SizeClass;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * C13: it takes no privilege to share, and where the socket cannot be made one sentence says why.
 */
@EnabledOnOs(value = OS.LINUX, disabledReason = "memfd and Unix sockets of this kind are Linux's")
class C13WithoutPrivilegesTest {
  private static final SizeClass PAGES = new SizeClass(4096, 4);

  @TempDir Path folder;

  @Test
  void aProcessOfNoPrivilegesSharesWithAnother() throws Exception {
    Unprivileged user = Unprivileged.in(folder);
    Path socket = user.folder().resolve("socket");
    try (ChildJvm writing =
        user.start("true", WritingProcess.class, socket.toString(), "feed", "6")) {
      writing.expect("serving at " + socket);
      assertEquals(
          "rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)));
      try (ChildJvm reading =
          user.start("true", ReadingProcess.class, socket.toString(), "feed", "BLOCK", "6")) {
        reading.expect("joined");
        writing.say("");
        // It has seen six frames, each as it was written.
        reading.expect("keeping");
      }
      writing.expect("published");
      writing.endInput();
      assertEquals("", writing.rest());
    }
    assertTrue(Files.notExists(socket));
  }

  @Test
  void aFolderThatIsNotOursIsTold() throws Exception {
    Unprivileged user = Unprivileged.in(folder);
    Path closed = Files.createDirectory(folder.resolve("closed"));
    Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("r-xr-xr-x"));
    Path socket = closed.resolve("socket");
    try (ChildJvm serving = user.start("true", Serving.class, socket.toString())) {
      String said = serving.expectPart("refused: ");
      assertTrue(
          said.contains("pool 'served' cannot be served at " + socket)
              && said.contains("EACCES (13): a permission is missing"),
          said);
      serving.expect("nothing left");
    }
    assertTrue(Files.notExists(socket));
  }

  @Test
  void aFullFileSystemIsTold() throws Exception {
    assumeTrue(Unprivileged.isRoot(), "only root may mount a file system");
    Path full = Files.createDirectory(folder.resolve("full"));
    List<String> launcher =
        List.of(
            "unshare",
            "--mount",
            "/bin/sh",
            "-c",
            "mount -t tmpfs -o nr_inodes=1 none " + full + " || echo no mount; exec \"$@\"",
            "sh");
    try (ChildJvm serving =
        ChildJvm.start(launcher, Serving.class, full.resolve("socket").toString())) {
      String said = serving.expectPart("");
      assumeTrue(!said.contains("mount") && !said.contains("unshare"), "cannot mount: " + said);
      assertTrue(
          said.contains("bind(" + full.resolve("socket") + ") failed with ENOSPC (28): the file"),
          said);
      serving.expect("nothing left");
    }
  }

  /** Serves a pool where it cannot; goes on where it can. */
  static final class Serving {
    public static void main(String[] args) throws IOException {
      Path socket = Path.of(args[0]);
      try (BufferPool pool = BufferPool.of(SharedMemoryExporter.named("served"), PAGES)) {
        long before = OpenDescriptors.all();

        try {
          PoolServer.serve(pool, socket).close();
          System.out.println("served");
        } catch (UncheckedIOException e) {
          System.out.println("refused: " + e.getMessage());
        }
        boolean left = Files.exists(socket) || OpenDescriptors.all() != before;
        System.out.println(left ? "something left" : "nothing left");
      }
    }
  }

  @Test
  void aPathThatIsTooLongIsTold() {
    Path socket = folder.resolve("x".repeat(108));
    int length = socket.toString().length();
    try (BufferPool pool = BufferPool.of(SharedMemoryExporter.named("served"), PAGES)) {
      long before = OpenDescriptors.all();
      for (Runnable attempt :
          List.<Runnable>of(
              () -> PoolServer.serve(pool, socket), () -> RemotePool.connect(socket))) {
        String message = assertThrows(IllegalArgumentException.class, attempt::run).getMessage();
        assertTrue(message.contains("1 to 107 bytes"), message);
        assertTrue(message.contains("this one has " + length), message);
      }
      // Fewer, where those of processes of earlier tests have been closed meanwhile.
      assertTrue(OpenDescriptors.all() <= before, "something is left open");
      // The longest that there can be.
      int fits = 107 - folder.toString().length() - 1;
      PoolServer.serve(pool, folder.resolve("x".repeat(fits))).close();
    }
  }
}
