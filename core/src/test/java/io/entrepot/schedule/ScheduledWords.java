package io.entrepot.schedule;

import io.entrepot.internal.memory.HeapWords;

/** Words of which each access by a participant of a {@link Schedule} is a step of it. */
final class ScheduledWords extends HeapWords {
  private final Schedule schedule;

  ScheduledWords(Schedule schedule, long byteSize) {
    super(byteSize);
    this.schedule = schedule;
  }

  @Override
  public long getPlain(long place) {
    schedule.step();
    return super.getPlain(place);
  }

  @Override
  public void setPlain(long place, long value) {
    schedule.step();
    super.setPlain(place, value);
  }

  @Override
  public long getOpaque(long place) {
    schedule.step();
    return super.getOpaque(place);
  }

  @Override
  public void setOpaque(long place, long value) {
    schedule.step();
    super.setOpaque(place, value);
  }

  @Override
  public long getAcquire(long place) {
    schedule.step();
    return super.getAcquire(place);
  }

  @Override
  public void setRelease(long place, long value) {
    schedule.step();
    super.setRelease(place, value);
  }

  @Override
  public long getVolatile(long place) {
    schedule.step();
    return super.getVolatile(place);
  }

  @Override
  public void setVolatile(long place, long value) {
    schedule.step();
    super.setVolatile(place, value);
  }

  @Override
  public boolean compareAndSet(long place, long expected, long value) {
    schedule.step();
    return super.compareAndSet(place, expected, value);
  }

  @Override
  public long getAndAdd(long place, long delta) {
    schedule.step();
    return super.getAndAdd(place, delta);
  }
}
