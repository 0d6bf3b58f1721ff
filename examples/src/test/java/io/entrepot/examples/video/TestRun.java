package io.entrepot.examples.video;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;

/** One run of the pipeline, and what it said. */
record TestRun(int exitCode, String out, String err, Path output) {

  /** Runs with properties, given as names and values in turn. */
  static TestRun with(Path output, List<? extends FrameImporter> guests, String... properties) {
    return with(output, InThreads.with(guests), properties);
  }

  /** As above, with importers that work elsewhere. */
  static TestRun with(Path output, Workplace.Opening workplace, String... properties) {
    Properties all = new Properties();
    all.setProperty("video.output", output.toString());
    for (int i = 0; i < properties.length; i += 2) {
      all.setProperty(properties[i], properties[i + 1]);
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int exitCode =
        VideoPipeline.run(
            VideoOptions.of(all, VideoPipeline.OUTPUT),
            workplace,
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8));
    return new TestRun(
        exitCode,
        out.toString(StandardCharsets.UTF_8),
        err.toString(StandardCharsets.UTF_8),
        output);
  }

  JsonNode report() throws IOException {
    return new ObjectMapper().readTree(output.resolve("report.json").toFile());
  }

  Path transcoded() {
    return output.resolve(PipelineRun.TRANSCODED);
  }
}
