/**
 * What stands behind the sharing interfaces: pools and the memory that exporters give them,
 * attachments, ports, views, windows, leases, transfers and references; and what others see of a
 * pool from outside.
 *
 * <p>What they do to the words of buffers and lanes is the work of {@link
 * io.entrepot.internal.buffers}.
 */
package io.entrepot.internal.sharing;
