package io.entrepot.examples.aeron;

import java.util.Arrays;

/** What a run has come to, as text. */
final class Report {
  private static final double BYTES_PER_MB = 1e6;

  private Report() {}

  static String of(
      Plan plan, String channel, SendingProcess.Result there, ReceivingProcess.Result here) {
    var text = new StringBuilder();
    text.append("%s, stream %d%n".formatted(channel, plan.stream()));
    text.append(
        "%,d frames of %,d bytes: %,d to warm up, %,d at full speed, %,d at %,d/s; %s, %s at the source%n"
            .formatted(
                plan.total(),
                plan.frameBytes(),
                plan.warmup(),
                plan.frames(),
                plan.paced(),
                plan.framesPerSecond(),
                plan.isOffered() ? "offered under CPU windows" : "copied from views",
                plan.overflow()));
    text.append(
        "JDK %s, %d processors%n"
            .formatted(Runtime.version(), Runtime.getRuntime().availableProcessors()));
    frames(text, there, here);
    text.append(
        "%n%-28s%12.1f MB/s%n"
            .formatted(
                "at full speed",
                here.measuredNs() == 0
                    ? 0
                    : here.measuredBytes() / BYTES_PER_MB / (here.measuredNs() / 1e9)));
    text.append("%nage at sight on the other side, in microseconds%n".formatted());
    text.append(
        "%-16s%8s%12s%12s%12s%12s%12s%n"
            .formatted("", "frames", "p50", "p90", "p99", "p99.9", "max"));
    percentiles(text, "full speed", here.fullSpeed());
    percentiles(text, "at a rate", here.paced());
    copies(text, there.sent(), here.received());
    text.append("%nbytes allocated in each window of %,d frames%n".formatted(window(plan)));
    text.append("%-28s%s%n".formatted("sender", Arrays.toString(there.allocated())));
    text.append("%-28s%s%n".formatted("receiver", Arrays.toString(here.allocated())));
    text.append(
        "%nbuffers free at the end: %d of %d, %d of %d%n"
            .formatted(there.freeAtEnd(), there.buffers(), here.freeAtEnd(), here.buffers()));
    return text.toString();
  }

  private static long window(Plan plan) {
    return plan.frames() / Plan.WINDOWS;
  }

  private static void frames(
      StringBuilder text, SendingProcess.Result there, ReceivingProcess.Result here) {
    FrameSender.Sent sent = there.sent();
    FrameAssembler.Received received = here.received();
    text.append("%nframes%n".formatted());
    row(text, "published at the source", there.published());
    row(text, "  dropped there", there.dropped());
    row(text, "  sent", sent.frames());
    row(text, "    begun again", sent.repeated());
    row(text, "received", received.frames());
    row(text, "  missing before", received.missing());
    row(text, "  broken off", received.brokenOff());
    row(text, "  dropped without a buffer", received.withoutBuffer());
    row(text, "verified", here.frames() - here.damaged());
    row(text, "  damaged", here.damaged());
    row(text, "  out of order", here.outOfOrder());
    text.append("%nfragments%n".formatted());
    row(text, "sent", sent.fragments());
    row(text, "received", received.fragments());
    row(text, "  refused", received.refused());
    row(text, "claims without room", sent.backPressured());
    row(text, "  while a term was changed", sent.adminActions());
    row(text, "  without a receiver", sent.notConnected());
    row(text, "held up without a buffer", received.heldUp());
  }

  private static void row(StringBuilder text, String name, long value) {
    text.append("%-28s%,12d%n".formatted(name, value));
  }

  private static void percentiles(StringBuilder text, String name, Percentiles us) {
    text.append(
        "%-16s%,8d%,12.1f%,12.1f%,12.1f%,12.1f%,12.1f%n"
            .formatted(name, us.count(), us.p50(), us.p90(), us.p99(), us.p999(), us.max()));
  }

  private static void copies(
      StringBuilder text, FrameSender.Sent sent, FrameAssembler.Received received) {
    text.append("%ncopies of each byte, by this example%n".formatted());
    text.append("%-28s%12.3f%n".formatted("pool to term", ratio(sent.copiedBytes(), sent.bytes())));
    text.append(
        "%-28s%12.3f%n".formatted("term to pool", ratio(received.copiedBytes(), received.bytes())));
  }

  private static double ratio(long copied, long bytes) {
    return bytes == 0 ? 0 : (double) copied / bytes;
  }
}
