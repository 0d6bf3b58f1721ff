package io.entrepot.examples.video;

import java.nio.file.Path;

/** What a process beside the decoder's does. */
enum Role {
  /** Looks at each frame through a view. */
  ANALYSER(Analyser.NAME, false) {
    @Override
    FrameImporter importer(StreamTiming timing, int threads, Path transcoded, WorkLog log) {
      return new Analyser(timing, log);
    }
  },
  /** Encodes each frame from where it is, by a native lease. */
  TRANSCODER(Transcoder.NAME, true) {
    @Override
    FrameImporter importer(StreamTiming timing, int threads, Path transcoded, WorkLog log) {
      return new Transcoder(timing, threads, transcoded, log);
    }
  };

  private final String importerName;
  private final boolean leases;

  Role(String importerName, boolean leases) {
    this.importerName = importerName;
    this.leases = leases;
  }

  /** Name of the importer. */
  String importerName() {
    return importerName;
  }

  /** Whether it takes frames as leases. */
  boolean leases() {
    return leases;
  }

  /**
   * Makes the importer.
   *
   * @param threads that it may have
   * @param transcoded the file that the transcoder writes
   */
  abstract FrameImporter importer(StreamTiming timing, int threads, Path transcoded, WorkLog log);
}
