package io.entrepot.examples.aeron;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Runs both ends as processes of this machine, over UDP and the loopback interface, and reports.
 *
 * <p>{@code mvn -B -ntp -q -Paeron package}; {@code -DaeronArgs="-Dnetwork.overflow=DROP_OLDEST"}
 * and the other properties of {@link Plan} change what it does, {@code -Daeron.dir} and all of
 * Aeron's own what the media drivers do. The report goes to {@code examples/target/aeron}.
 *
 * <p>On two hosts: start {@link ReceivingProcess} on one and {@link SendingProcess} on the other,
 * both with {@code -Dnetwork.channel="aeron:udp?endpoint=RECEIVER:PORT"}.
 */
public final class TwoProcesses {
  private TwoProcesses() {}

  /** Runs both ends, prints the report and writes it. */
  public static void main(String[] args) throws IOException, InterruptedException {
    String report = run(Plan.ofProperties());
    System.out.print(report);
  }

  static String run(Plan plan) throws IOException, InterruptedException {
    Files.createDirectories(plan.output());
    Files.deleteIfExists(plan.output().resolve(SendingProcess.RESULT));
    Files.deleteIfExists(plan.output().resolve(ReceivingProcess.RESULT));
    String channel = plan.channel().isEmpty() ? loopback() : plan.channel();
    Process receiving = start(ReceivingProcess.class, plan.options(channel));
    try {
      Process sending = start(SendingProcess.class, plan.options(channel));
      try {
        await(plan, sending, receiving);
      } finally {
        stop(sending);
      }
    } finally {
      stop(receiving);
    }
    String report =
        Report.of(
            plan,
            channel,
            JsonFile.read(
                plan.output().resolve(SendingProcess.RESULT), SendingProcess.Result.class),
            JsonFile.read(
                plan.output().resolve(ReceivingProcess.RESULT), ReceivingProcess.Result.class));
    Files.writeString(plan.output().resolve("report.txt"), report);
    return report;
  }

  /** A port that nobody uses, and messages as large as loopback takes without much ado. */
  private static String loopback() throws SocketException {
    try (var socket =
        new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
      return "aeron:udp?endpoint=localhost:%d|mtu=8k|term-length=1m"
          .formatted(socket.getLocalPort());
    }
  }

  /** Starts a process with the options of this one, and more. */
  private static Process start(Class<?> main, List<String> options) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.addAll(options);
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(main.getName());
    return new ProcessBuilder(command).inheritIO().start();
  }

  /** Waits for both; one that fails ends the other. */
  private static void await(Plan plan, Process... processes) throws InterruptedException {
    long startNs = System.nanoTime();
    long limitNs =
        plan.patience().toNanos() * 3 + plan.paced() * plan.framePeriodNs() + plan.total() * 1000;
    for (boolean isOver = false; !isOver; ) {
      isOver = true;
      for (Process each : processes) {
        if (!each.waitFor(50, TimeUnit.MILLISECONDS)) {
          isOver = false;
        } else if (each.exitValue() != 0) {
          throw new NetworkException("a process has failed, and says above why");
        }
      }
      if (!isOver && System.nanoTime() - startNs > limitNs) {
        throw new NetworkException(
            "the processes took more than " + TimeUnit.NANOSECONDS.toSeconds(limitNs) + " s");
      }
    }
  }

  private static void stop(Process process) throws InterruptedException {
    process.destroy();
    if (!process.waitFor(5, TimeUnit.SECONDS)) {
      process.destroyForcibly().waitFor();
    }
  }
}
