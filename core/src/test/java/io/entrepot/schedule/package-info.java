/**
 * The real lock-free classes under random schedules, which a seed decides step by step.
 *
 * <p>A scenario makes its {@link io.entrepot.internal.memory.Words words} by a {@link
 * io.entrepot.schedule.Schedule}, which lets one participant at a time go on and may change to
 * another before each access to a word. So runs of many operations by three participants are looked
 * at, where a model checker ({@code io.entrepot.model}) looks at all interleavings of two or three
 * operations, and {@code io.entrepot.stress} at what processors and compilers make of them. What is
 * no word, such as the state of a timeline beside its words, changes at once here.
 */
package io.entrepot.schedule;
