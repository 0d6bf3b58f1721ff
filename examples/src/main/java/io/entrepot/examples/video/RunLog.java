package io.entrepot.examples.video;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What importers have told, for the reports. Read when they are through. */
final class RunLog implements WorkLog {
  private final StageLatencies latencies = new StageLatencies();
  private final List<SceneCut> cuts = new ArrayList<>();
  private final List<Double> meanLuma = new ArrayList<>();
  private final Map<String, Long> conversions = new TreeMap<>();
  private long cutCount;
  private String encoder = "no encoder";
  private long encoded;

  @Override
  public void stage(String name, long elapsedNs) {
    latencies.record(name, elapsedNs);
  }

  @Override
  public synchronized void brightness(double mean) {
    meanLuma.add(mean);
  }

  @Override
  public synchronized void cut(SceneCut cut) {
    cutCount++;
    cuts.add(cut);
  }

  @Override
  public synchronized void cutWithoutPicture() {
    cutCount++;
  }

  @Override
  public synchronized void encoder(String name) {
    encoder = name;
  }

  @Override
  public synchronized void converted(String fromAndInto) {
    conversions.merge(fromAndInto, 1L, Long::sum);
  }

  @Override
  public synchronized void encoded(long frames) {
    encoded = frames;
  }

  /** How long frames spent in each stage; the decoder's stages are recorded here too. */
  StageLatencies latencies() {
    return latencies;
  }

  /** The cuts that there are pictures of, the first frame included. */
  synchronized List<SceneCut> cuts() {
    return List.copyOf(cuts);
  }

  /** All cuts. */
  synchronized long cutCount() {
    return cutCount;
  }

  /** Mean brightness of each frame that was looked at. */
  synchronized List<Double> meanLuma() {
    return List.copyOf(meanLuma);
  }

  /** Name of the encoder. */
  synchronized String encoder() {
    return encoder;
  }

  /** Frames that the encoder could not take as they are, by what they were made from and into. */
  synchronized Map<String, Long> conversions() {
    return new TreeMap<>(conversions);
  }

  /** Frames in the transcoded file. */
  synchronized long encoded() {
    return encoded;
  }
}
