package io.entrepot.internal.memory;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The descriptors that this process may still have, used up by a test but for some.
 *
 * <p>Loading a class takes a descriptor, and so does the first line of a log. {@link #prepare()}
 * does both.
 */
public final class UsedUpDescriptors {
  private static final int F_DUPFD = 0;
  private static final String CLASS = ".class";

  private final List<Descriptor> used = new ArrayList<>();

  /** Loads all classes of the library, and those of a program. */
  public static void prepare(Class<?> program) throws IOException, ClassNotFoundException {
    System.getLogger("first").log(System.Logger.Level.WARNING, "first");
    Path main = Path.of(ChildJvm.pathOf(SharedMemory.class));
    Path test = Path.of(ChildJvm.pathOf(program));
    load(main, main);
    load(test, test.resolve(program.getPackageName().replace('.', '/')));
    load(test, test.resolve(SharedMemory.class.getPackageName().replace('.', '/')));
  }

  private static void load(Path root, Path folder) throws IOException, ClassNotFoundException {
    List<Path> files;
    try (Stream<Path> all = Files.walk(folder)) {
      files = all.filter(file -> file.toString().endsWith(CLASS)).toList();
    }
    for (Path file : files) {
      String name = root.relativize(file).toString();
      if (!name.endsWith("module-info.class") && !name.endsWith("Test.class")) {
        Class.forName(
            name.substring(0, name.length() - CLASS.length()).replace('/', '.'),
            false,
            SharedMemory.class.getClassLoader());
      }
    }
  }

  /** Uses up all but so many. */
  public void leave(int free) {
    long number;
    while ((number = SystemCall.FCNTL.call(0, F_DUPFD, 0)) >= 0) {
      used.add(Descriptor.owning((int) number));
    }
    for (int i = 0; i < free; i++) {
      used.removeLast().close();
    }
  }

  /** Uses up none any more. */
  public void release() {
    used.forEach(Descriptor::close);
    used.clear();
  }
}
