package io.entrepot.internal.reach;

/**
 * Who made the other end of a socket, as the kernel says it ({@code SO_PEERCRED}).
 *
 * @param pid process, in this process's namespace; 0 when it is in none that is seen from here
 * @param uid user in force when the other end was made
 * @param gid group in force then
 */
public record PeerCredentials(int pid, int uid, int gid) {}
