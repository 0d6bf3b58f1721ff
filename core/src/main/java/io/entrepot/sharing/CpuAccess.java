package io.entrepot.sharing;

import java.util.List;

/**
 * The answer to an importer that asks about CPU access, before it attaches or after: whether it
 * exists, whether it is safe, and under which conditions.
 *
 * @param available whether a {@link CpuWindow} would be granted to this importer
 * @param reason why not; empty when it is available
 * @param access the most that a window may do
 * @param mustBracket whether the bytes are current only between opening and closing a window
 * @param coherent whether others see the CPU's writes without the window being closed
 * @param revocation until when and how a window ends against its holder's will
 * @param openWindows who has a window open now, importer and buffer
 */
public record CpuAccess(
    boolean available,
    String reason,
    Access access,
    boolean mustBracket,
    boolean coherent,
    String revocation,
    List<String> openWindows) {}
