package io.entrepot.flow;

import io.entrepot.sharing.Access;
import io.entrepot.sharing.Attachment;
import io.entrepot.sharing.Importer;

/**
 * The readers' end of a {@link Broadcast}, whose writer is in this process or in another.
 *
 * <p><b>Threads.</b> Any thread may call any method.
 */
public interface Feed {
  /**
   * Unread frames that a reader may have unless it asks for another depth; in a pool with fewer
   * buffers as many as there are buffers.
   */
  int DEFAULT_DEPTH = 16;

  /** {@return name of the feed, for people} */
  String name();

  /**
   * Adds a reader that looks through views, each of its threads at every frame, with the {@link
   * #DEFAULT_DEPTH}.
   *
   * @param name of the reader's importer
   * @param access what it will do with the bytes
   * @param overflow what happens when it falls behind
   * @return the membership; frames that are published from now on are for it
   * @throws io.entrepot.sharing.AttachRefusedException when the exporter offers no such view
   */
  FeedReader join(String name, Access access, Overflow overflow);

  /**
   * As {@link #join(String, Access, Overflow)}, with a depth.
   *
   * @param name of the reader's importer
   * @param access what it will do with the bytes
   * @param overflow what happens when it falls behind
   * @param depth unread frames that it may have, from 1 to the number of buffers of the pool
   * @return the membership; frames that are published from now on are for it
   * @throws IllegalArgumentException when the depth is out of range; nothing was attached
   */
  FeedReader join(String name, Access access, Overflow overflow, int depth);

  /**
   * Adds a reader.
   *
   * @param importer who reads; negotiation decides how it gets at the bytes
   * @param overflow what happens when it falls behind
   * @param depth unread frames that each of its rings may have, from 1 to the number of buffers of
   *     the pool; there is a ring for each thread, or one for all if they divide the frames
   * @param division how several threads of it share the frames
   * @return the membership; frames that are published from now on are for it
   * @throws IllegalArgumentException when the depth is out of range; nothing was attached
   * @throws io.entrepot.sharing.AttachRefusedException when negotiation finds no mapping type
   */
  FeedReader join(Importer importer, Overflow overflow, int depth, Division division);

  /**
   * Adds a reader under an attachment that the caller has negotiated and will close. To evict such
   * a reader, when it blocks for longer than the {@linkplain Broadcast#stallLimit stall limit}, is
   * to revoke the attachment, and with it all else that goes on under it.
   *
   * @param attachment to this feed's pool
   * @param overflow what happens when it falls behind
   * @param depth as for an importer
   * @param division how several threads of it share the frames
   * @return the membership; frames that are published from now on are for it
   * @throws IllegalArgumentException when the depth is out of range, or the attachment is to
   *     another pool
   * @throws io.entrepot.sharing.RevokedException when the attachment was revoked
   */
  FeedReader join(Attachment attachment, Overflow overflow, int depth, Division division);
}
