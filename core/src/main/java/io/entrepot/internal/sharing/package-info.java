/**
 * The words of buffers and lanes, the algorithms over them, and what stands behind the sharing
 * interfaces.
 */
package io.entrepot.internal.sharing;
