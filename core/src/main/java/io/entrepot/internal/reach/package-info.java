/** What meets other processes: sockets that pass descriptors, and who is at their other end. */
package io.entrepot.internal.reach;
