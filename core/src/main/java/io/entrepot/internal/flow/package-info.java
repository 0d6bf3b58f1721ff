/** The rings of readers, and what stands behind the pools and queues. */
package io.entrepot.internal.flow;
