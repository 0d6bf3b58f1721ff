package io.entrepot.examples.video;

import java.util.List;
import java.util.Map;

/**
 * What a run did, in numbers: the content of {@code report.json}.
 *
 * @param input the file that was read
 * @param codec decoder
 * @param encoder encoder
 * @param threads of the decoder, and of the encoder
 * @param frames frames decoded and published
 * @param framesInPool frames that the decoder wrote into a slot
 * @param framesCopied frames that were copied into one, by the reason
 * @param bytesCopied bytes of those
 * @param conversions frames that were converted for the encoder, by what from and into
 * @param framesEncoded frames in the transcoded file
 * @param seconds time that the run took
 * @param fps frames a second
 * @param slots slots of all pools
 * @param slotsFreeAtEnd slots that nobody held in the end
 * @param maxSlotsInUse most slots in use at a time
 * @param leases leases given to the decoder and the encoder
 * @param leasesReturned leases that FFmpeg gave back
 * @param waits times that somebody waited for a slot
 * @param pools the pools, one for each resolution and format
 * @param sceneCuts scene cuts, the first frame included
 * @param cuts the first of them
 * @param latencyUs percentiles of the time in each stage, in microseconds
 */
record RunReport(
    String input,
    String codec,
    String encoder,
    int threads,
    long frames,
    long framesInPool,
    Map<String, Long> framesCopied,
    long bytesCopied,
    Map<String, Long> conversions,
    long framesEncoded,
    double seconds,
    double fps,
    int slots,
    int slotsFreeAtEnd,
    int maxSlotsInUse,
    long leases,
    long leasesReturned,
    long waits,
    List<Pool> pools,
    long sceneCuts,
    List<Cut> cuts,
    Map<String, StageLatencies.Percentiles> latencyUs) {

  /**
   * One pool.
   *
   * @param geometry of its frames
   * @param slotBytes size of each slot
   * @param slots how many
   * @param budget what they are for
   */
  record Pool(String geometry, long slotBytes, int slots, SlotBudget budget) {}

  /** One scene cut. */
  record Cut(long frame, double seconds, double distance) {}
}
