package io.entrepot.contract;

import static io.entrepot.contract.EveryUse.READS;
import static io.entrepot.contract.EveryUse.assertDead;
import static io.entrepot.contract.EveryUse.everyAccess;
import static io.entrepot.contract.EveryUse.everyBulk;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.entrepot.sharing.Access;
import io.entrepot.sharing.Attachment;
import io.entrepot.sharing.Importer;
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
@InBothForms
class C3TemporalViewTest extends OneView {
  @Test
  void everyUseOfAClosedViewThrows() {
    view.close();
    view.close();
    assertFalse(view.isOpen());
    assertEquals(0, view.byteSize());
    assertDead(ViewClosedException.class, view);
    try (View other = port.map(buffer)) {
      assertThrows(ViewClosedException.class, () -> view.mismatch(other));
      assertThrows(ViewClosedException.class, () -> other.mismatch(view));
      assertThrows(ViewClosedException.class, () -> written.copyFrom(0, view, 0, 0));
    }
  }

  @Test
  void everyUseOfAClosedViewForWritingThrows() {
    written.close();
    written.close();
    assertDead(ViewClosedException.class, written);
    assertThrows(ViewClosedException.class, () -> view.copyTo(0, written, 0, 0));
    assertEquals(0, view.getByte(0), "others go on");
  }

  @Test
  void everyUseOfARevokedViewThrows() {
    assertFalse(place.revoke(attachment, Duration.ZERO).cooperative());
    assertFalse(view.isOpen());
    assertDead(RevokedException.class, view);
    view.close();
    assertDead(ViewClosedException.class, view);
    assertThrows(RevokedException.class, () -> port.map(buffer));
    assertThrows(RevokedException.class, attachment::open);
  }

  @Test
  void everyUseOfARevokedViewForWritingThrows() {
    Attachment granted = pool.attach(Importer.viewing("writer", Access.WRITE));
    try (SharedBuffer other = pool.tryAcquire(SIZE);
        Port lane = granted.open()) {
      WritableView revoked = lane.mapForWriting(other);
      assertFalse(pool.revoke(granted, Duration.ZERO).cooperative());
      assertDead(RevokedException.class, revoked);
      assertThrows(RevokedException.class, () -> lane.mapForWriting(other));
    }
    granted.close();
  }

  @Test
  void aMappingNeverComesAliveAgain() {
    view.close();
    written.putLong(0, 1);
    try (View again = port.map(buffer)) {
      assertFalse(view.isOpen());
      assertThrows(ViewClosedException.class, () -> view.getLong(0));
      view.close();
      assertTrue(again.isOpen(), "closing the old view does not end the new one");
      assertEquals(1, again.getLong(0));
    }
  }

  @Test
  void viewsClosedOutOfOrderDoNotEndEachOther() {
    try (SharedBuffer mine = pool.tryAcquire(SIZE);
        OwnBytes there = place.own(mine);
        SharedBuffer second = place.reach(mine)) {
      there.view().putLong(0, 2);
      written.putLong(0, 3);
      View other = port.map(second);
      view.close();
      View third = port.map(buffer);
      view.close();
      assertEquals(2, other.getLong(0));
      assertEquals(3, third.getLong(0));
      assertEquals(2, place.openMappings("importer"));
      other.close();
      assertEquals(3, third.getLong(0));
      third.close();
      assertEquals(0, place.openMappings("importer"));
    }
  }

  @Test
  void aClosedReferenceCannotBeMapped() {
    SharedBuffer mine = pool.tryAcquire(SIZE);
    SharedBuffer closed = place.reach(mine);
    mine.close();
    closed.close();
    closed.close();
    assertThrows(StaleBufferException.class, () -> port.map(closed));
    try (var owner = pool.attach(Importer.viewing("owner", Access.WRITE));
        var lane = owner.open()) {
      assertThrows(StaleBufferException.class, () -> lane.mapForWriting(mine));
      assertThrows(StaleBufferException.class, () -> lane.mapInPlace(mine, 0, TimeUnit.SECONDS));
    }
    try (SharedBuffer again = pool.acquire(SIZE, 30, TimeUnit.SECONDS);
        SharedBuffer reused = place.reach(again)) {
      assertEquals(closed.index(), reused.index());
      assertEquals(closed.generation() + 1, reused.generation());
      String text = assertThrows(StaleBufferException.class, () -> port.map(closed)).getMessage();
      assertTrue(text.contains("generation " + closed.generation()), text);
      assertTrue(text.contains("generation=" + reused.generation()), text);
    }
    assertEquals(1, place.openMappings("importer"));
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
    assertEquals(1, place.openMappings("importer"));
  }

  @Test
  void closingThePortEndsItsViews() {
    port.close();
    assertDead(ViewClosedException.class, view);
    assertEquals(0, place.openMappings("importer"));
    assertThrows(IllegalStateException.class, () -> port.map(buffer));
  }

  @Test
  void everyUseFromAnotherThreadThrows() {
    everyUseElsewhereThrows(view);
    everyUseElsewhereThrows(written);
  }

  private static void everyUseElsewhereThrows(View view) {
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
