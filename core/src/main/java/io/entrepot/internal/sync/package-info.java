/** The words of timelines and reservations, and the algorithms over them. */
package io.entrepot.internal.sync;
