package io.entrepot.internal.memory;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.agrona.concurrent.IdleStrategy;

/**
 * Programs without privileges: of this user where it has none, else of the user nobody, which is
 * given copies of the classes that it could not read where they are.
 */
public final class Unprivileged {
  private static final String NOBODY = "65534";
  private static final List<String> PACKAGES = List.of("contract", "internal/memory");

  private final Path folder;
  private final String classPath;

  private Unprivileged(Path folder, String classPath) {
    this.folder = folder;
    this.classPath = classPath;
  }

  /** Whether this process may do everything. */
  public static boolean isRoot() {
    try {
      return Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** Prepares such programs in an empty folder, or skips the test where none can be started. */
  public static Unprivileged in(Path folder) throws IOException, InterruptedException {
    if (!isRoot()) {
      return new Unprivileged(folder, null);
    }
    allow(folder, "rwxr-xr-x");
    List<String> tried = new ArrayList<>(asNobody());
    tried.addAll(List.of(java(), "-version"));
    assumeTrue(isDone(tried), "needs setpriv, and a JDK that the user nobody can run");
    Path own = Files.createDirectory(folder.resolve("own"));
    allow(own, "rwxrwxrwx");
    Path copies = Files.createDirectory(folder.resolve("classes"));
    Path main = Path.of(ChildJvm.pathOf(SharedMemory.class));
    copy(main, main, copies.resolve("main"));
    Path test = Path.of(ChildJvm.pathOf(ChildJvm.class));
    for (String name : PACKAGES) {
      copy(test, test.resolve("io/entrepot").resolve(name), copies.resolve("test"));
    }
    Path agrona = Path.of(ChildJvm.pathOf(IdleStrategy.class));
    Files.copy(agrona, copies.resolve("agrona.jar"));
    return new Unprivileged(
        own,
        String.join(
            File.pathSeparator,
            copies.resolve("test").toString(),
            copies.resolve("main").toString(),
            copies.resolve("agrona.jar").toString()));
  }

  private static boolean isDone(List<String> command) throws InterruptedException {
    try {
      return new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor()
          == 0;
    } catch (IOException noSuchCommand) {
      return false;
    }
  }

  private static String java() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }

  private static List<String> asNobody() {
    return List.of("setpriv", "--reuid=" + NOBODY, "--regid=" + NOBODY, "--clear-groups");
  }

  private static void allow(Path path, String permissions) throws IOException {
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(permissions));
  }

  private static void copy(Path root, Path from, Path to) throws IOException {
    List<Path> paths;
    try (Stream<Path> all = Files.walk(from)) {
      paths = all.toList();
    }
    for (Path path : paths) {
      Path copy = to.resolve(root.relativize(path).toString());
      if (Files.isDirectory(path)) {
        Files.createDirectories(copy);
      } else {
        Files.copy(path, copy);
      }
    }
  }

  /** A folder in which these programs can write. */
  public Path folder() {
    return folder;
  }

  /**
   * Starts a program.
   *
   * @param first what a shell does before, to limit it; {@code true} for nothing
   */
  public ChildJvm start(String first, Class<?> program, String... arguments) throws IOException {
    List<String> launcher = new ArrayList<>();
    if (classPath != null) {
      launcher.addAll(asNobody());
    }
    launcher.addAll(ChildJvm.shell(first));
    return classPath == null
        ? ChildJvm.start(launcher, program, arguments)
        : ChildJvm.start(launcher, classPath, program, arguments);
  }
}
