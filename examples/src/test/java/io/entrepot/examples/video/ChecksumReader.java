package io.entrepot.examples.video;

import io.entrepot.flow.FramePort;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.Importer;
import io.entrepot.sharing.View;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A third importer, which takes the checksum of every frame in its slot. */
final class ChecksumReader implements FrameImporter {
  private final List<Long> checksums = new ArrayList<>();

  @Override
  public Importer importer() {
    return Importer.viewing("checksums", Access.READ);
  }

  @Override
  public boolean next(FramePort port, FrameSource from) {
    View view = port.next(100, TimeUnit.MILLISECONDS);
    if (view == null) {
      return false;
    }
    FrameHold hold = from.taken(port.frame().buffer(), "checksums");
    checksums.add(FrameChecksum.of(view, port.layout()));
    port.unmap();
    hold.close();
    return true;
  }

  @Override
  public void finish() {}

  @Override
  public void close() {}

  List<Long> checksums() {
    return checksums;
  }
}
