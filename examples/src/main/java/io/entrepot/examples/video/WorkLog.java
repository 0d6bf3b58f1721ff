package io.entrepot.examples.video;

/**
 * What importers tell of their work while they do it, in whatever process. Nothing is kept until
 * the end, so that of an importer which is killed all is known that it has done.
 */
interface WorkLog {

  /** A stage of the work on one frame took so long. */
  void stage(String name, long elapsedNs);

  /** The next frame has this mean brightness, 0 to 255. */
  void brightness(double meanLuma);

  /** A scene begins. */
  void cut(SceneCut cut);

  /** A scene begins, after so many that no picture of it was made. */
  void cutWithoutPicture();

  /** An encoder was opened. */
  void encoder(String name);

  /** The encoder could not take a frame as it is; what it was made from and into. */
  void converted(String fromAndInto);

  /** So many frames were encoded by now. */
  void encoded(long frames);
}
