package io.entrepot.contract;

import io.entrepot.sharing.Access;
import io.entrepot.sharing.Attachment;
import io.entrepot.sharing.CpuWindow;
import io.entrepot.sharing.Importer;
import io.entrepot.sharing.Importer.Release;
import io.entrepot.sharing.MappingType;
import io.entrepot.sharing.NativeLease;
import io.entrepot.sharing.Need;
import io.entrepot.sharing.Port;
import io.entrepot.sharing.SharedBuffer;
import io.entrepot.sharing.View;
import io.entrepot.sync.Fence;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;

/**
 * Every way to use a buffer with explicit synchronisation, for rules that hold for each of them.
 */
final class ExplicitUses {
  /** Bytes of each use. */
  static final int SIZE = 64;

  private ExplicitUses() {}

  /** How a use begins behind a fence, and ends at once with another. */
  private interface Call {
    /** Whether the use was made; false when the time was over. */
    boolean make(
        Attachment by,
        Port port,
        SharedBuffer of,
        Fence after,
        Fence until,
        long timeout,
        TimeUnit unit)
        throws IOException;
  }

  /** One kind of use. */
  record Use(String name, MappingType type, Access access, boolean needsOwned, Call call) {
    /** An attachment that is granted just what this use needs. */
    Attachment attachTo(Place place) {
      return place.attach(
          Importer.accepting("importer", Release.BOUNDED, Need.of(type, access)).allowingBounce());
    }

    /** Makes the use by a port of its own; false when the time was over. */
    boolean make(
        Attachment by, SharedBuffer of, Fence after, Fence until, long timeout, TimeUnit unit) {
      try (Port port = by.open()) {
        return call.make(by, port, of, after, until, timeout, unit);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    /** As {@link #make}, with nothing that goes on. */
    boolean make(Attachment by, SharedBuffer of, Fence after, long timeout, TimeUnit unit) {
      return make(by, of, after, Fence.signaled(), timeout, unit);
    }

    /** As {@link #make}, without waiting. */
    boolean makeNow(Attachment by, SharedBuffer of, Fence after) {
      return make(by, of, after, 0, TimeUnit.SECONDS);
    }

    @Override
    public String toString() {
      return name;
    }
  }

  /** All that importers of a place may make, those with files on one of {@value #SIZE} bytes. */
  static List<Use> of(Place place, FileChannel file) {
    return all(file).stream()
        .filter(use -> use.access() == Access.READ || place.access() == Access.WRITE)
        .toList();
  }

  private static List<Use> all(FileChannel file) {
    return List.of(
        view(
            "map",
            Access.READ,
            false,
            (by, port, of, after, until, timeout, unit) ->
                ended(port.map(of, after, timeout, unit), until, View::close)),
        view(
            "mapForWriting",
            Access.WRITE,
            true,
            (by, port, of, after, until, timeout, unit) ->
                ended(port.mapForWriting(of, after, timeout, unit), until, View::close)),
        view(
            "mapInPlace",
            Access.WRITE,
            false,
            (by, port, of, after, until, timeout, unit) ->
                ended(port.mapInPlace(of, after, timeout, unit), until, View::close)),
        window(Access.READ),
        window(Access.WRITE),
        lease(Access.READ),
        lease(Access.WRITE),
        transfer(
            "readFrom",
            Access.WRITE,
            (by, port, of, after, until, timeout, unit) -> {
              var channel = Channels.newChannel(new ByteArrayInputStream(new byte[SIZE]));
              return port.readFrom(channel, of, 0, SIZE, after, until, timeout, unit) == SIZE;
            }),
        transfer(
            "writeTo",
            Access.READ,
            (by, port, of, after, until, timeout, unit) -> {
              var channel = Channels.newChannel(new ByteArrayOutputStream());
              return port.writeTo(channel, of, 0, SIZE, after, until, timeout, unit) == SIZE;
            }),
        transfer(
            "readFrom file",
            Access.WRITE,
            (by, port, of, after, until, timeout, unit) ->
                port.readFrom(file, 0, of, 0, SIZE, after, until, timeout, unit) == SIZE),
        transfer(
            "writeTo file",
            Access.READ,
            (by, port, of, after, until, timeout, unit) ->
                port.writeTo(file, 0, of, 0, SIZE, after, until, timeout, unit) == SIZE));
  }

  /** Ends a use with a fence, and without one if that is refused; false when there is none. */
  private static <U extends AutoCloseable> boolean ended(
      U use, Fence until, BiConsumer<U, Fence> close) {
    if (use == null) {
      return false;
    }
    try (use) {
      close.accept(use, until);
      return true;
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private static Use view(String name, Access access, boolean needsOwned, Call call) {
    return new Use(name, MappingType.VIEW, access, needsOwned, call);
  }

  private static Use window(Access access) {
    return new Use(
        "cpuWindow " + access,
        MappingType.CPU_WINDOW,
        access,
        access == Access.WRITE,
        (by, port, of, after, until, timeout, unit) ->
            ended(port.cpuWindow(of, after, timeout, unit), until, CpuWindow::close));
  }

  private static Use lease(Access access) {
    return new Use(
        "lease " + access,
        MappingType.NATIVE_POINTER,
        access,
        access == Access.WRITE,
        (by, port, of, after, until, timeout, unit) ->
            ended(by.lease(of, after, timeout, unit), until, NativeLease::close));
  }

  private static Use transfer(String name, Access access, Call call) {
    return new Use(name, MappingType.CHANNEL_IO, access, access == Access.WRITE, call);
  }
}
