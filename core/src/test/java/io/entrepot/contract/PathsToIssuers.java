package io.entrepot.contract;

import io.entrepot.flow.Broadcast;
import io.entrepot.flow.BufferPool;
import io.entrepot.flow.Feed;
import io.entrepot.flow.FeedReader;
import io.entrepot.flow.FeedWriter;
import io.entrepot.flow.Overflow;
import io.entrepot.internal.memory.Linux;
import io.entrepot.reach.PoolServer;
import io.entrepot.reach.RemotePool;
import io.entrepot.sharing.Access;
import io.entrepot.sharing.ArenaExporter;
import io.entrepot.sharing.Attachment;
import io.entrepot.sharing.Importer;
import io.entrepot.sharing.SharedBuffer;
import io.entrepot.sharing.SharedMemoryExporter;
import io.entrepot.sharing.SizeClass;
import io.entrepot.sync.Fence;
import io.entrepot.sync.FenceIssuer;
import io.entrepot.sync.FenceWatchdog;
import io.entrepot.sync.Fences;
import io.entrepot.sync.ReservationSet;
import io.entrepot.sync.SignalableFence;
import io.entrepot.sync.SyncObject;
import io.entrepot.sync.Timeline;
import io.entrepot.sync.Usage;
import java.io.IOException;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A program that issues fences of all kinds, in pools that are used in all ways, and follows what
 * the collector's thread is to run when an issuer is lost. Whatever that leads to is reachable for
 * ever: so no issuer may be there. It says how many it has followed, and each path to an issuer.
 *
 * <p>Jobs are not among them: one that is pending keeps its timeline, to signal it, and is over by
 * itself.
 */
final class PathsToIssuers {
  /** Packages of the JDK that are followed: with containers in them. */
  private static final List<String> FOLLOWED =
      List.of(
          "java.lang.ref",
          "jdk.internal.ref",
          "java.util",
          "java.util.concurrent",
          "java.util.concurrent.atomic");

  private final List<Object> used = new ArrayList<>();

  private PathsToIssuers() {}

  /** What a JVM needs to be told for the program. */
  static String[] flags() {
    return Stream.concat(
            Stream.of("--enable-native-access=ALL-UNNAMED"),
            FOLLOWED.stream().map(name -> "--add-opens=java.base/" + name + "=ALL-UNNAMED"))
        .toArray(String[]::new);
  }

  public static void main(String[] args) throws Exception {
    PathsToIssuers program = new PathsToIssuers();
    program.use(BufferPool.of(ArenaExporter.named("own"), new SizeClass(64, 8)));
    if (Linux.isAvailable()) {
      program.reach();
    }
    List<Reference<?>> watched = watched();
    for (Reference<?> one : watched) {
      follow(one, watched);
    }
    System.out.println("followed " + watched.size());
    Reference.reachabilityFence(program);
    // Servers and pools stay as they are: nothing is waited for.
    Runtime.getRuntime().halt(0);
  }

  // ---------------------------------------------------------------- what is followed

  private <T> T kept(T object) {
    used.add(object);
    return object;
  }

  private void reach() throws Exception {
    Path folder = Files.createTempDirectory("paths");
    BufferPool pool = BufferPool.of(SharedMemoryExporter.named("shared"), new SizeClass(64, 8));
    PoolServer server = kept(PoolServer.serve(pool, folder.resolve("pool")));
    RemotePool remote = kept(RemotePool.connect(server.socket()));
    delete(folder);
    use(pool);
    read(remote.feed("feed"));
    Attachment far = kept(remote.attach(Importer.viewing("far", Access.READ)));
    Timeline there = kept(far.timeline("there"));
    Timeline here = kept(pool.sync().timeline("here"));
    kept(remote.importFence(server.exportFence(here.next()))).onSignal(() -> {});
    Fence imported =
        server.importFence(server.peers().getFirst(), remote.exportFence(there.next()));
    kept(Fences.merge("both", imported, here.next())).onSignal(() -> {});
  }

  /** Nobody else connects, and the program ends as it is. */
  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(folder);
  }

  private void use(BufferPool pool) {
    kept(pool);
    Broadcast feed = kept(pool.broadcast("feed"));
    read(feed);
    FeedWriter writer = kept(feed.writer());
    writer.acquire(0, TimeUnit.NANOSECONDS);
    writer.publish();
    Attachment attachment = kept(pool.attach(Importer.viewing("reader", Access.READ)));
    Timeline reading = kept(attachment.timeline("reading"));
    Timeline lazy = kept(pool.sync().timeline("lazy", new Idle()));
    SignalableFence one = kept(SignalableFence.create("one", new Idle()));
    Fence staged = Fence.of(kept(new CompletableFuture<>()), "staged");
    Fence all = kept(Fences.merge("all", reading.next(), lazy.next(), one.fence(), staged));
    all.onSignal(() -> {});
    kept(all.toStage());
    SyncObject object = kept(SyncObject.create("object"));
    object.add(1, reading.next());
    object.add(2, one.fence());
    object.onSubmit(3, fence -> {});
    kept(object.fence(2).orElseThrow()).onSignal(() -> {});
    SharedBuffer buffer = kept(pool.tryAcquire(64));
    buffer.importFence(Fences.merge("two", reading.next(), lazy.next()), Access.READ);
    ReservationSet set = kept(ReservationSet.on(kept(pool.sync().timeline("set"))));
    set.awaitTake(buffer.reservation(), Usage.READ, Duration.ofSeconds(10));
    FenceWatchdog watchdog = kept(FenceWatchdog.create(Duration.ofHours(1)));
    watchdog.watch(reading);
    watchdog.watch(one);
  }

  private void read(Feed feed) {
    FeedReader reader = kept(feed.join("reader", Access.READ, Overflow.DROP_OLDEST));
    kept(reader.open());
  }

  private static final class Idle implements FenceIssuer {}

  // ---------------------------------------------------------------- following

  /** What watches issuers. */
  private static List<Reference<?>> watched() throws ReflectiveOperationException {
    Field cleaner =
        Class.forName("io.entrepot.internal.sync.IssuerLoss").getDeclaredField("CLEANER");
    cleaner.setAccessible(true);
    List<Reference<?>> found = new ArrayList<>();
    for (Object reached : from(List.of(cleaner.get(null)), null).keySet()) {
      if (reached instanceof Cleaner.Cleanable && reached instanceof Reference<?> reference) {
        found.add(reference);
      }
    }
    return found;
  }

  private static void follow(Reference<?> one, List<Reference<?>> watched)
      throws ReflectiveOperationException {
    List<Object> actions = new ArrayList<>();
    for (Field field : one.getClass().getDeclaredFields()) {
      field.setAccessible(true);
      actions.add(field.get(one));
    }
    Map<Object, Object> reached = from(actions, one);
    for (Object object : reached.keySet()) {
      if (watched.stream().anyMatch(issuer -> refersTo(issuer, object))) {
        System.out.println("an issuer is led to by " + path(reached, object));
      }
    }
  }

  private static <T> boolean refersTo(Reference<T> reference, Object object) {
    @SuppressWarnings("unchecked") // it is compared alone
    T compared = (T) object;
    return reference.refersTo(compared);
  }

  private static String path(Map<Object, Object> reached, Object object) {
    StringBuilder path = new StringBuilder();
    for (Object at = object; at != null; at = reached.get(at)) {
      path.insert(0, " " + at.getClass().getName());
    }
    return path.toString();
  }

  /** All that is reachable, each with what led to it first. */
  private static Map<Object, Object> from(Collection<?> roots, Object root)
      throws ReflectiveOperationException {
    Map<Object, Object> reached = new IdentityHashMap<>();
    Queue<Object> left = new ArrayDeque<>(roots);
    roots.forEach(first -> reached.put(first, root));
    while (!left.isEmpty()) {
      Object at = left.remove();
      for (Object next : referredToBy(at)) {
        if (next != null && !reached.containsKey(next)) {
          reached.put(next, at);
          left.add(next);
        }
      }
    }
    return reached;
  }

  private static List<Object> referredToBy(Object object) throws ReflectiveOperationException {
    List<Object> next = new ArrayList<>();
    if (object instanceof Object[] array) {
      next.addAll(Arrays.asList(array));
    }
    for (Class<?> type = object.getClass(); isFollowed(type); type = type.getSuperclass()) {
      for (Field field : type.getDeclaredFields()) {
        if (!Modifier.isStatic(field.getModifiers()) && !field.getType().isPrimitive()) {
          field.setAccessible(true);
          next.add(field.get(object));
        }
      }
    }
    return next;
  }

  /** Not what a {@link Reference} itself has: it is not strong. Nor memory, threads and numbers. */
  private static boolean isFollowed(Class<?> type) {
    return type != Reference.class
        && (type.getName().startsWith("io.entrepot.") || FOLLOWED.contains(type.getPackageName()));
  }
}
