package io.entrepot.examples.video;

import java.util.List;
import java.util.Locale;
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
 * @param processes where the importers worked; none for threads of the decoder's process
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
    Map<String, StageLatencies.Percentiles> latencyUs,
    List<Process> processes) {

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

  /** How a process ended. */
  enum End {
    /** It has done its work. */
    FINISHED,
    /** Somebody has ended it by a signal. */
    KILLED,
    /** It has said what went wrong, stood still, or crashed. */
    FAILED
  }

  /**
   * An importer in a process of its own.
   *
   * @param name of the importer
   * @param pid of its process
   * @param frames that it was through with
   * @param leases that it took
   * @param leasesReturned of them, those that native code had given back in that process
   * @param end how it ended
   * @param how the same in words
   * @param published frames that were published when it ended
   * @param inHands frames that it had in its hands then
   * @param unread frames that waited for it then
   */
  record Process(
      String name,
      long pid,
      long frames,
      long leases,
      long leasesReturned,
      End end,
      String how,
      long published,
      long inHands,
      long unread) {

    /** What became of a process that has not finished its work. */
    String loss() {
      return String.format(
          Locale.ROOT,
          "the %s, process %d, %s after %d frames, when %d were published; it had %d in its hands"
              + " and %d unread",
          name,
          pid,
          how,
          frames,
          published,
          inHands,
          unread);
    }
  }

  /** The processes that have not finished their work. */
  List<Process> lost() {
    return processes.stream().filter(process -> process.end() != End.FINISHED).toList();
  }
}
