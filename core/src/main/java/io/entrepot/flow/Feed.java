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
   * As {@link #join(Importer, Overflow, int, Division)}, for a reader that begins with frames that
   * were published before it came:
   *
   * {@snippet class="io.entrepot.flow.FeedExamples" region="late"}
   *
   * <p>They are for its first port, or for all its ports together if these divide the frames. Then
   * come those that are published from now on: none of them is missed and none comes twice. Of a
   * {@link Overflow#DROP_OLDEST} reader they count as unread like others; another one may have its
   * depth beside them.
   *
   * <p>Waits until a publication that is under way is complete; for 100 ms at most, and then begins
   * with the next frame: the writer's thread is stopped in the midst of it.
   *
   * @param importer who reads; negotiation decides how it gets at the bytes
   * @param overflow what happens when it falls behind
   * @param depth as above; and it gets no more frames than that from before
   * @param division how several threads of it share the frames
   * @param start with which frame it begins
   * @return the membership
   * @throws IllegalArgumentException when the depth is out of range; nothing was attached
   * @throws io.entrepot.sharing.AttachRefusedException when negotiation finds no mapping type
   */
  FeedReader join(Importer importer, Overflow overflow, int depth, Division division, Start start);

  /**
   * Adds a reader under an attachment that the caller has negotiated and will close. To evict such
   * a reader, when it stands still for longer than the {@linkplain Broadcast#stallLimit stall
   * limit} and keeps the writer waiting, is to revoke the attachment, and with it all else that
   * goes on under it.
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

  /**
   * As {@link #join(Attachment, Overflow, int, Division)}, for a reader that begins with frames
   * that were published before it came; see {@link #join(Importer, Overflow, int, Division,
   * Start)}.
   *
   * @param attachment to this feed's pool
   * @param overflow what happens when it falls behind
   * @param depth as for an importer
   * @param division how several threads of it share the frames
   * @param start with which frame it begins
   * @return the membership
   * @throws IllegalArgumentException when the depth is out of range, or the attachment is to
   *     another pool
   * @throws io.entrepot.sharing.RevokedException when the attachment was revoked
   */
  FeedReader join(
      Attachment attachment, Overflow overflow, int depth, Division division, Start start);
}
