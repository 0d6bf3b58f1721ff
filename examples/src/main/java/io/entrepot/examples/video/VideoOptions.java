package io.entrepot.examples.video;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Properties;

/**
 * What the user can choose, as system properties.
 *
 * @param video the file to read; the clip in this project when empty ({@code video})
 * @param output directory for the results ({@code video.output})
 * @param threads for the decoder, and as many for the encoder ({@code video.threads})
 * @param slots of each pool; computed when empty ({@code video.slots})
 * @param queueDepth frames that may wait for a reader ({@code video.depth})
 * @param patience time without any progress after which the run ends ({@code video.patience}, in
 *     seconds)
 */
record VideoOptions(
    Optional<Path> video,
    Path output,
    int threads,
    OptionalInt slots,
    int queueDepth,
    Duration patience) {
  private static final int DEFAULT_DEPTH = 4;
  private static final int DEFAULT_PATIENCE_SECONDS = 10;

  /**
   * Reads the properties; those that are missing or blank have defaults.
   *
   * @param directory name of the default one for the results
   */
  static VideoOptions of(Properties properties, String directory) {
    int slots = number(properties, "video.slots", 0);
    return new VideoOptions(
        text(properties, "video").map(Path::of),
        text(properties, "video.output").map(Path::of).orElseGet(() -> target(directory)),
        atLeastOne(
            "video.threads",
            number(properties, "video.threads", Runtime.getRuntime().availableProcessors())),
        slots == 0 ? OptionalInt.empty() : OptionalInt.of(atLeastOne("video.slots", slots)),
        atLeastOne("video.depth", number(properties, "video.depth", DEFAULT_DEPTH)),
        Duration.ofSeconds(
            atLeastOne(
                "video.patience", number(properties, "video.patience", DEFAULT_PATIENCE_SECONDS))));
  }

  /** Maven starts the example in the top directory, an IDE perhaps in the module's. */
  private static Path target(String directory) {
    Path module = Path.of("examples");
    return (Files.isDirectory(module) ? module : Path.of("")).resolve("target").resolve(directory);
  }

  private static Optional<String> text(Properties properties, String name) {
    return Optional.ofNullable(properties.getProperty(name)).filter(value -> !value.isBlank());
  }

  private static int number(Properties properties, String name, int otherwise) {
    return text(properties, name).map(value -> parse(name, value)).orElse(otherwise);
  }

  private static int parse(String name, String value) {
    try {
      return Integer.parseInt(value.strip());
    } catch (NumberFormatException e) {
      throw new VideoException("-D" + name + "=" + value + " is not a whole number", e);
    }
  }

  private static int atLeastOne(String name, int value) {
    if (value < 1) {
      throw new VideoException("-D" + name + "=" + value + " is less than 1");
    }
    return value;
  }
}
