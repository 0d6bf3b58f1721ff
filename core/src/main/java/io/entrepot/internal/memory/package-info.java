/** Words, barriers, waiting and native calls: what all layers stand on. */
package io.entrepot.internal.memory;
