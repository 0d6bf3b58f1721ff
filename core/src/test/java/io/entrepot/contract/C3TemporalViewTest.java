package io.entrepot.contract;

import static io.entrepot.contract.EveryUse.READS;
import static io.entrepot.contract.EveryUse.assertDead;
import static io.entrepot.contract.EveryUse.everyAccess;
import static io.entrepot.contract.EveryUse.everyBulk;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.sharing.MappingLimitException;
import io.entrepot.sharing.Port;
import io.entrepot.sharing.RevokedException;
import io.entrepot.sharing.SharedBuffer;
import io.entrepot.sharing.StaleBufferException;
import io.entrepot.sharing.View;
import io.entrepot.sharing.ViewClosedException;
import io.entrepot.sharing.WritableView;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** C3: a view ends for good, and belongs to the thread that mapped it. */
class C3TemporalViewTest extends OneView {
  @Test
  void everyUseOfAClosedViewThrows() {
    view.close();
    view.close();
    assertFalse(view.isOpen());
    assertEquals(0, view.byteSize());
    assertDead(ViewClosedException.class, view);
    try (View other = port.mapForWriting(buffer)) {
      assertThrows(ViewClosedException.class, () -> view.mismatch(other));
      assertThrows(ViewClosedException.class, () -> other.mismatch(view));
      assertThrows(ViewClosedException.class, () -> other.copyTo(0, view, 0, 0));
    }
  }

  @Test
  void everyUseOfARevokedViewThrows() {
    assertFalse(pool.revoke(attachment, Duration.ZERO).cooperative());
    assertFalse(view.isOpen());
    assertDead(RevokedException.class, view);
    view.close();
    assertDead(ViewClosedException.class, view);
    assertThrows(RevokedException.class, () -> port.map(buffer));
    assertThrows(RevokedException.class, () -> port.mapForWriting(buffer));
    assertThrows(RevokedException.class, attachment::open);
  }

  @Test
  void aMappingNeverComesAliveAgain() {
    view.close();
    try (WritableView again = port.mapForWriting(buffer)) {
      again.putLong(0, 1);
      assertFalse(view.isOpen());
      assertThrows(ViewClosedException.class, () -> view.getLong(0));
      view.close();
      assertTrue(again.isOpen(), "closing the old view does not end the new one");
      assertEquals(1, again.getLong(0));
    }
  }

  @Test
  void viewsClosedOutOfOrderDoNotEndEachOther() {
    try (SharedBuffer second = pool.tryAcquire(SIZE)) {
      WritableView other = port.mapForWriting(second);
      view.close();
      WritableView third = port.mapForWriting(buffer);
      view.close();
      other.putLong(0, 2);
      third.putLong(0, 3);
      assertEquals(2, pool.statistics().openMappings());
      other.close();
      assertEquals(3, third.getLong(0));
      third.close();
      assertEquals(0, pool.statistics().openMappings());
    }
  }

  @Test
  void aClosedReferenceCannotBeMapped() {
    SharedBuffer closed = pool.tryAcquire(SIZE);
    closed.close();
    closed.close();
    assertThrows(StaleBufferException.class, () -> port.map(closed));
    assertThrows(StaleBufferException.class, () -> port.mapForWriting(closed));
    assertThrows(StaleBufferException.class, () -> port.mapInPlace(closed, 0, TimeUnit.SECONDS));
    try (SharedBuffer reused = pool.tryAcquire(SIZE)) {
      assertEquals(closed.index(), reused.index());
      assertEquals(closed.generation() + 1, reused.generation());
      String text = assertThrows(StaleBufferException.class, () -> port.map(closed)).getMessage();
      assertTrue(text.contains("generation " + closed.generation()), text);
      assertTrue(text.contains("generation=" + reused.generation()), text);
    }
    assertEquals(1, pool.statistics().openMappings());
  }

  @Test
  void aPortSaysWhenItHasNoMappingLeft() {
    List<View> views = new ArrayList<>();
    for (int i = 1; i < Port.MAPPINGS; i++) {
      views.add(port.map(buffer));
    }
    String text = assertThrows(MappingLimitException.class, () -> port.map(buffer)).getMessage();
    assertTrue(text.contains("all " + Port.MAPPINGS + " mappings"), text);
    views.removeLast().close();
    views.add(port.map(buffer));
    views.forEach(View::close);
    assertEquals(1, pool.statistics().openMappings());
  }

  @Test
  void closingThePortEndsItsViews() {
    port.close();
    assertDead(ViewClosedException.class, view);
    assertEquals(0, pool.statistics().openMappings());
    assertThrows(IllegalStateException.class, () -> port.map(buffer));
  }

  @Test
  void everyUseFromAnotherThreadThrows() {
    Elsewhere.run(() -> {
      for (int width : READS.keySet()) {
        everyAccess(
            width,
            view,
            0,
            access -> {
              String text = assertThrows(WrongThreadException.class, access).getMessage();
              assertTrue(text.contains("'elsewhere'"), text);
            });
      }
      everyBulk(view, 0, 8)
          .forEach((name, use) -> assertThrows(WrongThreadException.class, use, name));
      assertThrows(WrongThreadException.class, () -> view.mismatch(view));
      assertThrows(WrongThreadException.class, view::byteSize);
      assertThrows(WrongThreadException.class, view::isOpen);
      assertThrows(WrongThreadException.class, view::close);
    });
    assertTrue(view.isOpen());
  }

  @Test
  void aSliceIsConfinedToo() {
    View slice = view.slice(8, 16);
    assertThrows(WrongThreadException.class, () -> Elsewhere.call(() -> slice.getByte(0)));
  }

  @Test
  void aFlyweightThrowsBetweenTwoMappings() {
    try (var owner = pool.open("owner")) {
      assertThrows(IllegalStateException.class, owner::release);
      WritableView flyweight = owner.acquire(1, TimeUnit.SECONDS);
      assertThrows(IllegalStateException.class, owner::tryAcquire);
      flyweight.putLong(0, 1);
      owner.release();
      assertFalse(flyweight.isOpen());
      assertDead(ViewClosedException.class, flyweight);
      assertThrows(IllegalStateException.class, owner::release);
    }
  }
}
