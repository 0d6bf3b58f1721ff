package io.entrepot.examples.aeron;

import io.aeron.Aeron;
import io.aeron.CommonContext;
import io.aeron.ExclusivePublication;
import io.aeron.Subscription;
import io.aeron.driver.Configuration;
import io.aeron.driver.MediaDriver;
import io.aeron.driver.ThreadingMode;
import io.aeron.exceptions.DriverTimeoutException;
import io.aeron.exceptions.RegistrationException;

/**
 * A client of Aeron and its media driver: one that is embedded in this process, in a directory of
 * its own, or the one that works in the directory of {@code -Daeron.dir}.
 *
 * <p>All other properties of Aeron count as well. Unless they say otherwise the embedded driver is
 * one thread, which leaves a small machine the others.
 */
final class Network implements AutoCloseable {
  private final MediaDriver driver;
  private final Aeron aeron;

  private Network(MediaDriver driver, Aeron aeron) {
    this.driver = driver;
    this.aeron = aeron;
  }

  /** Connects as the properties say. */
  static Network ofProperties() {
    String external = System.getProperty(CommonContext.AERON_DIR_PROP_NAME);
    return external == null ? embedded(new MediaDriver.Context()) : external(external);
  }

  /** Launches a driver in this process. Its directory goes with it. */
  static Network embedded(MediaDriver.Context context) {
    if (System.getProperty(Configuration.THREADING_MODE_PROP_NAME) == null) {
      context.threadingMode(ThreadingMode.SHARED);
    }
    MediaDriver driver = MediaDriver.launchEmbedded(context.dirDeleteOnShutdown(true));
    try {
      return new Network(driver, connect(driver.aeronDirectoryName()));
    } catch (RuntimeException e) {
      driver.close();
      throw e;
    }
  }

  private static Network external(String directory) {
    try {
      return new Network(null, connect(directory));
    } catch (DriverTimeoutException e) {
      throw new NetworkException(
          "no media driver works in -Daeron.dir="
              + directory
              + ": start one there, or leave the property out for an embedded one",
          e);
    }
  }

  private static Aeron connect(String directory) {
    return Aeron.connect(new Aeron.Context().aeronDirectoryName(directory));
  }

  /** Opens a publication for one sender. */
  ExclusivePublication publish(String channel, int stream) {
    try {
      return aeron.addExclusivePublication(channel, stream);
    } catch (RegistrationException e) {
      throw refused(channel, e);
    }
  }

  /** Opens a subscription for one receiver. */
  Subscription subscribe(String channel, int stream) {
    try {
      return aeron.addSubscription(channel, stream);
    } catch (RegistrationException e) {
      throw refused(channel, e);
    }
  }

  private static NetworkException refused(String channel, RegistrationException e) {
    return new NetworkException(
        "the media driver refuses the channel '" + channel + "': " + e.getMessage(), e);
  }

  @Override
  public void close() {
    aeron.close();
    if (driver != null) {
      driver.close();
    }
  }
}
