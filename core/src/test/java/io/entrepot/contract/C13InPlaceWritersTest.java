package io.entrepot.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.flow.Broadcast;
import io.entrepot.flow.BufferPool;
import io.entrepot.flow.FeedWriter;
import io.entrepot.reach.PoolServer;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.Attachment;
import io.entrepot.sharing.Importer;
import io.entrepot.sharing.Port;
import io.entrepot.sharing.SharedBuffer;
import io.entrepot.sharing.SharedMemoryExporter;
import io.entrepot.sharing.SizeClass;
import io.entrepot.sharing.View;
import io.entrepot.sharing.WritableView;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** C13: who writes in place and who has a reference in another process do not wait in a circle. */
@EnabledOnOs(value = OS.LINUX, disabledReason = "memfd and futex are Linux's")
class C13InPlaceWritersTest {
  private static final int SIZE = 4096;
  private static final int FRAMES = 200;

  @TempDir Path folder;
  private BufferPool pool;
  private Broadcast feed;
  private PoolServer server;
  private Process process;
  private BufferedReader output;

  @BeforeEach
  void open() {
    pool = BufferPool.of(SharedMemoryExporter.named("frames"), new SizeClass(SIZE, 4));
    feed = pool.broadcast("feed");
    server = PoolServer.serve(pool, folder.resolve("pool"));
  }

  @AfterEach
  void closeAll() throws Exception {
    process.destroyForcibly().waitFor();
    server.close();
    feed.close();
    pool.close();
  }

  private void start(String what) throws IOException {
    process =
        ForkedJvm.start(
            InPlaceReadingProcess.class,
            ForkedJvm.classPath(),
            server.socket().toString(),
            "feed",
            what);
    output = process.inputReader();
    expect("joined");
  }

  private void expect(String line) throws IOException {
    StringBuilder all = new StringBuilder();
    for (String said = output.readLine(); said != null; said = output.readLine()) {
      if (said.equals(line)) {
        return;
      }
      all.append(said).append('\n');
    }
    throw new AssertionError("the other process did not say '" + line + "' but:\n" + all);
  }

  /** Has the other process do something, and waits until it is done. */
  private void have(String what, String done) throws IOException {
    process.outputWriter().write(what + "\n");
    process.outputWriter().flush();
    expect(done);
  }

  private void have(String what) throws IOException {
    have(what, what + " done");
  }

  /** Publishes a frame that begins with 1, 1; a reference to it. */
  private SharedBuffer publish(FeedWriter writer, Port port) {
    SharedBuffer buffer = pool.acquire(SIZE, 30, TimeUnit.SECONDS);
    assertNotNull(buffer, pool::dump);
    try (WritableView view = port.mapForWriting(buffer)) {
      view.putLong(0, 1);
      view.putLong(Long.BYTES, 1);
    }
    assertTrue(writer.publish(buffer.share(), null, 0, 30, TimeUnit.SECONDS), pool::dump);
    return buffer;
  }

  /** A writer in place on a thread of its own; whether it got in. */
  private Elsewhere<Boolean> writingInPlace(Attachment attachment, SharedBuffer buffer) {
    return Elsewhere.start(() -> {
      try (Port port = attachment.open();
          WritableView view = port.mapInPlace(buffer, 50, TimeUnit.SECONDS)) {
        if (view != null) {
          view.putLong(0, 2);
        }
        return view != null;
      }
    });
  }

  @Test
  void aReferenceElsewhereIsMappedWhileAWriterWaitsForIt() throws Exception {
    start("hold");
    try (FeedWriter writer = feed.writer();
        Attachment attachment = pool.attach(Importer.viewing("in place", Access.WRITE));
        Port port = attachment.open();
        SharedBuffer buffer = publish(writer, port)) {
      have("hold");
      assertNull(port.mapInPlace(buffer, 0, TimeUnit.SECONDS), "held elsewhere");
      Elsewhere<Boolean> inPlace = writingInPlace(attachment, buffer).awaitWaiting();
      try (View here = port.map(buffer, 0, TimeUnit.SECONDS)) {
        assertNotNull(here, "who waits for a hold elsewhere keeps nobody out");
      }
      have("map", "map 1 done");
      assertFalse(inPlace.isDone());
      have("close");
      have("next");
      have("unmap");
      assertTrue(inPlace.result());
      try (View here = port.map(buffer)) {
        assertEquals(2, here.getLong(0));
      }
    }
  }

  @Test
  void aReferenceThatIsTakenElsewhereWhileReadersAreKeptOutIsMapped() throws Exception {
    start("hold");
    try (FeedWriter writer = feed.writer();
        Attachment attachment = pool.attach(Importer.viewing("in place", Access.WRITE));
        Port port = attachment.open();
        SharedBuffer buffer = publish(writer, port)) {
      have("next");
      Elsewhere<Boolean> inPlace = writingInPlace(attachment, buffer);
      Elsewhere.await("readers are kept out", () -> !isMappable(port, buffer));
      have("hold");
      have("map", "map 1 done");
      assertFalse(inPlace.isDone());
      have("unmap");
      assertFalse(inPlace.isDone());
      have("close");
      assertTrue(inPlace.result());
    }
  }

  private static boolean isMappable(Port port, SharedBuffer buffer) {
    try (View view = port.map(buffer, 0, TimeUnit.SECONDS)) {
      return view != null;
    }
  }

  @Test
  void framesThatAreWrittenInPlaceAreLeasedElsewhereWithoutALoss() throws Exception {
    start("lease");
    try (Attachment attachment = pool.attach(Importer.viewing("in place", Access.WRITE));
        Port port = attachment.open()) {
      try (FeedWriter writer = feed.writer()) {
        for (int frame = 0; frame < FRAMES; frame++) {
          try (SharedBuffer buffer = publish(writer, port);
              WritableView view = port.mapInPlace(buffer, 50, TimeUnit.SECONDS)) {
            assertNotNull(view, pool::dump);
            view.putLong(0, frame);
            Thread.yield();
            view.putLong(Long.BYTES, frame);
          }
        }
      }
      expect("leased " + FRAMES);
    }
  }
}
