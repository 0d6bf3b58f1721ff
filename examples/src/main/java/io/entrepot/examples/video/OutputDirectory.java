package io.entrepot.examples.video;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;

/**
 * The directory of the results, which appear all at once when a run has gone well. A run that fails
 * leaves nothing behind, not even the results of the one before.
 */
final class OutputDirectory implements AutoCloseable {
  private final Path target;
  private final Path work;

  OutputDirectory(Path target) throws IOException {
    this.target = target.toAbsolutePath().normalize();
    this.work = this.target.resolveSibling(this.target.getFileName() + ".partial");
    delete(this.target);
    delete(work);
    Files.createDirectories(work);
  }

  /** Where to write while the run goes on. */
  Path work() {
    return work;
  }

  /** Shows the results. */
  void publish() throws IOException {
    Files.move(work, target);
  }

  /** Deletes what was not published. */
  @Override
  public void close() throws IOException {
    delete(work);
  }

  private static void delete(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      return;
    }
    Files.walkFileTree(
        directory,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path visited, IOException failure)
              throws IOException {
            if (failure != null) {
              throw failure;
            }
            Files.delete(visited);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
