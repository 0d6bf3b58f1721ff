package io.entrepot.examples.video;

import com.samskivert.mustache.Mustache;
import com.samskivert.mustache.Template;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;

/** The report for people: one page that needs nothing beside itself. */
final class HtmlReport {
  private static final String TEMPLATE = "report.html";
  private static final double BRIGHTEST = 255;

  private HtmlReport() {}

  /** A named value. */
  private record Entry(String name, String value) {}

  /** One of the timeline's holders, with the number of its colour. */
  private record Holder(int number, String name) {}

  /**
   * Writes the page.
   *
   * @param contactSheet the picture of the scene cuts, which becomes part of the page
   */
  static void write(RunReport report, PipelineRun run, Path contactSheet, Path file)
      throws IOException {
    try (Writer writer = Files.newBufferedWriter(file)) {
      template().execute(content(report, run, contactSheet), writer);
    }
  }

  private static Template template() throws IOException {
    try (Reader text = resource(TEMPLATE)) {
      return Mustache.compiler().withLoader(name -> resource(name + ".svg")).compile(text);
    }
  }

  private static Reader resource(String name) {
    InputStream bytes = HtmlReport.class.getResourceAsStream(name);
    return new InputStreamReader(bytes, StandardCharsets.UTF_8);
  }

  private static Map<String, Object> content(RunReport report, PipelineRun run, Path contactSheet)
      throws IOException {
    SlotLedger ledger = run.ledger();
    List<String> holders =
        ledger.spans().stream().map(SlotLedger.Span::holder).distinct().sorted().toList();
    List<Double> luma = run.log().meanLuma();
    Map<String, Object> content = new HashMap<>();
    content.put("report", report);
    content.put("tiles", tiles(report));
    content.put("copies", entries(report.framesCopied()));
    content.put("conversions", entries(report.conversions()));
    content.put("losses", report.lost().stream().map(RunReport.Process::loss).toList());
    content.put("hasProcesses", !report.processes().isEmpty());
    content.put("decoderPid", ProcessHandle.current().pid());
    content.put("latencies", latencies(report));
    content.put(
        "holders",
        IntStream.range(0, holders.size()).mapToObj(i -> new Holder(i, holders.get(i))).toList());
    content.put("timeline", TimelineChart.of(ledger.spans(), holders));
    content.put("isTimelineCut", ledger.spans().size() == SlotLedger.MAX_SPANS);
    content.put("spans", ledger.spans().size());
    content.put(
        "occupancy",
        CurveChart.of(
            ledger.occupancy(),
            sample -> sample.atNs() / 1e6,
            SlotLedger.Occupancy::slots,
            true,
            report.slots(),
            "%.0f ms"));
    content.put(
        "brightness",
        CurveChart.of(
            IntStream.range(0, luma.size()).boxed().toList(),
            frame -> frame,
            luma::get,
            false,
            BRIGHTEST,
            "frame %.0f"));
    content.put(
        "contactSheet", Base64.getEncoder().encodeToString(Files.readAllBytes(contactSheet)));
    return content;
  }

  private static List<Entry> tiles(RunReport report) {
    return List.of(
        new Entry("frames", String.valueOf(report.frames())),
        new Entry("decoded into the pool", String.valueOf(report.framesInPool())),
        new Entry("bytes copied", String.format(Locale.ROOT, "%,d", report.bytesCopied())),
        new Entry("slots used, of " + report.slots(), String.valueOf(report.maxSlotsInUse())),
        new Entry(
            "leases returned, of " + report.leases(), String.valueOf(report.leasesReturned())),
        new Entry("frames a second", String.format(Locale.ROOT, "%.0f", report.fps())),
        new Entry("scene cuts", String.valueOf(report.sceneCuts())));
  }

  private static List<Entry> entries(Map<String, Long> counts) {
    return counts.entrySet().stream()
        .map(count -> new Entry(count.getKey(), count.getValue().toString()))
        .toList();
  }

  private static List<Map<String, String>> latencies(RunReport report) {
    List<Map<String, String>> rows = new ArrayList<>();
    report
        .latencyUs()
        .forEach((stage, us) ->
            rows.add(
                Map.of(
                    "stage", stage,
                    "count", String.valueOf(us.count()),
                    "p50", ms(us.p50()),
                    "p90", ms(us.p90()),
                    "p99", ms(us.p99()),
                    "p999", ms(us.p999()),
                    "max", ms(us.max()))));
    return rows;
  }

  private static String ms(double us) {
    return String.format(Locale.ROOT, "%.3f", us / 1000);
  }
}
