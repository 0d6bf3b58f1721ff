package io.entrepot.examples.video;

import static org.bytedeco.ffmpeg.global.avutil.av_buffer_create;

import io.entrepot.sharing.NativeLease;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.bytedeco.ffmpeg.avutil.AVBufferRef;
import org.bytedeco.ffmpeg.avutil.Free_Pointer_BytePointer;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;

/**
 * Leased slots as {@code AVBuffer}s: FFmpeg counts its references and tells us when the last is
 * gone, on whatever thread, which ends the lease.
 */
final class ReleaseCallbacks {
  private static final Map<Long, Runnable> PENDING = new ConcurrentHashMap<>();
  private static final AtomicLong TAGS = new AtomicLong();

  /** One for the life of the program: JavaCPP has few native stubs, and none may ever be freed. */
  private static final Free_Pointer_BytePointer RELEASED = new Released();

  private ReleaseCallbacks() {}

  /**
   * Makes a buffer of a lease.
   *
   * @param flags such as {@code AV_BUFFER_FLAG_READONLY}
   * @param released what to do, once, when FFmpeg has let go; must not throw
   * @return the buffer, or {@code null} when FFmpeg has no memory: then nothing will be released
   */
  static AVBufferRef wrap(NativeLease lease, int flags, Runnable released) {
    long tag = TAGS.incrementAndGet();
    PENDING.put(tag, released);
    AVBufferRef buffer =
        av_buffer_create(
            new NativeAddress(lease.address()),
            lease.byteSize(),
            RELEASED,
            new NativeAddress(tag),
            flags);
    if (buffer == null) {
      PENDING.remove(tag);
    }
    return buffer;
  }

  private static final class Released extends Free_Pointer_BytePointer {
    @Override
    public void call(Pointer tag, BytePointer data) {
      try {
        PENDING.remove(tag.address()).run();
      } catch (RuntimeException | Error e) {
        // An exception must not unwind through C; it is a bug here, so let the program's hook know.
        Thread self = Thread.currentThread();
        self.getUncaughtExceptionHandler().uncaughtException(self, e);
      }
    }
  }
}
