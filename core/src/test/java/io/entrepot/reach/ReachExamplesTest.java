package io.entrepot.reach;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The examples do what they say. */
@EnabledOnOs(value = OS.LINUX, disabledReason = "memfd is Linux's")
class ReachExamplesTest {
  @TempDir Path folder;

  @Test
  void whatIsExportedIsRead() throws Exception {
    Path socket = folder.resolve("frames");
    CompletableFuture<Void> served = new CompletableFuture<>();
    CyclicBarrier step = new CyclicBarrier(2);
    Executor threads = task -> Thread.ofPlatform().daemon().start(task);
    CompletableFuture<Void> exporting =
        CompletableFuture.runAsync(
            () ->
                ReachExamples.export(
                    socket,
                    100,
                    () -> {
                      served.complete(null);
                      await(step);
                    }),
            threads);
    served.get(30, TimeUnit.SECONDS);
    CompletableFuture<Long> reading =
        CompletableFuture.supplyAsync(() -> ReachExamples.read(socket, () -> await(step)), threads);
    assertEquals(99 * 100 / 2, reading.get(30, TimeUnit.SECONDS));
    await(step);
    exporting.get(30, TimeUnit.SECONDS);
  }

  private static void await(CyclicBarrier step) {
    try {
      step.await(30, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }
}
