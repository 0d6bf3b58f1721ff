package io.entrepot.internal.memory;

/** Error numbers of the Linux kernel, the same on x86-64 and aarch64, and what to do about them. */
public final class Errno {
  public static final int EPERM = 1;
  public static final int ENOENT = 2;
  public static final int ESRCH = 3;
  public static final int EINTR = 4;
  public static final int EBADF = 9;
  public static final int EAGAIN = 11;
  public static final int ENOMEM = 12;
  public static final int EACCES = 13;
  public static final int EFAULT = 14;
  public static final int ENODEV = 19;
  public static final int EINVAL = 22;
  public static final int ENFILE = 23;
  public static final int EMFILE = 24;
  public static final int EFBIG = 27;
  public static final int ENOSPC = 28;
  public static final int EPIPE = 32;
  public static final int ENOSYS = 38;
  public static final int EMSGSIZE = 90;
  public static final int EPROTOTYPE = 91;
  public static final int ENOPROTOOPT = 92;
  public static final int EOPNOTSUPP = 95;
  public static final int EADDRINUSE = 98;
  public static final int ECONNRESET = 104;
  public static final int ENOBUFS = 105;
  public static final int ENOTCONN = 107;
  public static final int ETOOMANYREFS = 109;
  public static final int ETIMEDOUT = 110;
  public static final int ECONNREFUSED = 111;

  private Errno() {}

  /** The name in the manual, or {@code errno} where it is none of those known here. */
  public static String symbol(int errno) {
    return switch (errno) {
      case EPERM -> "EPERM";
      case ENOENT -> "ENOENT";
      case ESRCH -> "ESRCH";
      case EINTR -> "EINTR";
      case EBADF -> "EBADF";
      case EAGAIN -> "EAGAIN";
      case ENOMEM -> "ENOMEM";
      case EACCES -> "EACCES";
      case EFAULT -> "EFAULT";
      case ENODEV -> "ENODEV";
      case EINVAL -> "EINVAL";
      case ENFILE -> "ENFILE";
      case EMFILE -> "EMFILE";
      case EFBIG -> "EFBIG";
      case ENOSPC -> "ENOSPC";
      case EPIPE -> "EPIPE";
      case ENOSYS -> "ENOSYS";
      case EMSGSIZE -> "EMSGSIZE";
      case EPROTOTYPE -> "EPROTOTYPE";
      case ENOPROTOOPT -> "ENOPROTOOPT";
      case EOPNOTSUPP -> "EOPNOTSUPP";
      case EADDRINUSE -> "EADDRINUSE";
      case ECONNRESET -> "ECONNRESET";
      case ENOBUFS -> "ENOBUFS";
      case ENOTCONN -> "ENOTCONN";
      case ETOOMANYREFS -> "ETOOMANYREFS";
      case ETIMEDOUT -> "ETIMEDOUT";
      case ECONNREFUSED -> "ECONNREFUSED";
      default -> "errno";
    };
  }

  /** One sentence on what to do, with the limit that was met; empty where there is none to give. */
  static String advice(SystemCall call, int errno) {
    return switch (errno) {
      case EMFILE ->
          "this process may have "
              + ResourceLimit.NOFILE.soft()
              + " descriptors and has them: raise RLIMIT_NOFILE (ulimit -n) or close some";
      case ENFILE -> "the system has no descriptor left: raise fs.file-max";
      case ENOMEM ->
          "there is no memory left, or too many mappings: give less away, or raise the memory"
              + " limit or vm.max_map_count";
      case ENOSYS ->
          call == SystemCall.MEMFD_SECRET
              ? "this kernel has no secret memory, or a filter (seccomp) hides the call: take Linux"
                  + " 5.14 or newer, before 6.5 with the boot option secretmem.enable=1, from then"
                  + " on without secretmem.enable=0"
              : "this kernel lacks the call, or a filter (seccomp) hides it: take a newer kernel or"
                  + " allow the call";
      case EPERM ->
          "the kernel forbids it: look for a seal, a missing capability or a filter (seccomp)";
      case ENOSPC ->
          call == SystemCall.BIND
              ? "the file system there is full: free blocks or inodes, or give another path"
              : "there is no room left: free memory or, for huge pages, reserve more"
                  + " (vm.nr_hugepages)";
      case EFBIG ->
          "this process may write files of "
              + ResourceLimit.FSIZE.soft()
              + " bytes, which counts here too: raise RLIMIT_FSIZE (ulimit -f)";
      case EACCES -> "a permission is missing: look at owner and mode of the file and above it";
      case EAGAIN ->
          call == SystemCall.MMAP
              ? "this process may lock "
                  + ResourceLimit.MEMLOCK.soft()
                  + " bytes into memory: raise RLIMIT_MEMLOCK (ulimit -l)"
              : "";
      case ENOENT ->
          call == SystemCall.CONNECT
              ? "there is no such file: is the other side running, and the path right?"
              : "there is no such file or folder: is the path right?";
      case ECONNREFUSED -> "nobody listens there: is the other side running, and the path right?";
      case EPROTOTYPE -> "the socket there is of another type";
      case EPIPE, ECONNRESET -> "the other side closed the connection, or ended";
      case ETOOMANYREFS ->
          "too many descriptors are on their way: let the other side receive, or raise"
              + " RLIMIT_NOFILE (ulimit -n), which is "
              + ResourceLimit.NOFILE.soft();
      default -> "";
    };
  }
}
